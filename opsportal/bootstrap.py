"""Make .venv, install the locked packages, and run manage.py again inside it.

Standard library only, because it runs before anything is installed, and little of it,
because it runs twice before every command. It works without
ensurepip: pip fetches uv into .uv/, and uv fills .venv from the hashed lock files. Where
uv cannot be had, pip itself installs into .venv.
"""

import fcntl
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
UV_LOCK = "requirements-uv.lock"
DEVELOPMENT_COMMANDS = frozenset({"bench", "test"})

_NO_NETWORK = re.compile(
    "name resolution|dns error|newconnectionerror|connecttimeout|tcp connect|"
    "network is unreachable|connection refused|connection timed out|"
    "could not connect|failed to fetch|error sending request|no route to host",
    re.IGNORECASE,
)
_NO_PIP = re.compile("No module named '?pip")


class BootstrapError(Exception):
    """Say in one sentence what is wrong and what to do."""


class _InstallError(Exception):
    """Carry what an installer printed before it failed."""


class Environment:
    """Know the virtual environment of one checkout, and bring it up to its locks."""

    def __init__(self, root: Path) -> None:
        """Take the folder of the checkout."""
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.uv = root / ".uv" / "bin" / "uv"
        self._stamp = self.folder / "installed.txt"
        self._held = -1

    def has(self, lock: str) -> bool:
        """Tell whether everything in this lock file, as it is now, is installed."""
        try:
            lines = self._stamp.read_text().splitlines()
        except OSError:
            return False
        return self._fingerprint(lock) in lines and self.python.exists()

    def install(self, lock: str) -> None:
        """Install this lock file; several callers at once wait for the first.

        Raises BootstrapError when it cannot.
        """
        try:
            with self._alone():
                if not self.has(lock):
                    self._install(lock)
        except _InstallError as error:
            raise BootstrapError(_explain(str(error), lock)) from None
        except OSError as error:
            raise BootstrapError(
                f"Cannot write in {self.root} ({error.strerror or error}): make that folder "
                "writable or move the checkout to one that is, and run this again."
            ) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.uv.parent.parent.mkdir(exist_ok=True)
        with (self.root / ".uv" / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("waiting for another manage.py that is installing packages")
                fcntl.flock(handle, fcntl.LOCK_EX)
            self._held = handle.fileno()
            yield

    def _install(self, lock: str) -> None:
        _say(
            f"installing {_count(self.root / lock)} packages of {lock} into .venv, once"
        )
        if self._is_broken():
            import venv  # noqa: PLC0415 -- slow import

            venv.create(self.folder, with_pip=False, symlinks=True, clear=True)
        names = sorted({lock, RUNTIME_LOCK})
        contents = "".join(f"{self._fingerprint(name)}\n" for name in names)
        self._stamp.write_text("installing\n")
        try:
            self._run([*self._uv_command(), "-r", lock])
        except _InstallError as error:
            if _NO_NETWORK.search(str(error)):
                raise
            self._run([*self._pip_command(), "-r", lock])
        finished = self._stamp.with_suffix(".new")
        finished.write_text(contents)
        finished.replace(self._stamp)

    def _is_broken(self) -> bool:
        """Tell of an interrupted install, and of a Python that was since replaced."""
        if not self.python.exists():
            return True
        if not self._stamp.exists():
            return False
        return f" {self.python.resolve()}\n" not in self._stamp.read_text()

    def _uv_command(self) -> list[str]:
        """Name the command that installs with uv, fetching uv if need be."""
        if not _works(self.uv):
            self._fetch_uv()
        python = str(self.python)
        # Bytecode is written once here, by every core, and not by the web server, the worker
        # and beat at the same time while somebody waits for the first page.
        install = ["pip", "install", "--quiet", "--compile-bytecode", "--no-progress"]
        return [str(self.uv), *install, "--require-hashes", "--python", python]

    def _fetch_uv(self) -> None:
        pip = [_base_python(), "-m", "pip", "install", "--quiet", "--upgrade"]
        where = ["--target", str(self.root / ".uv"), "--no-deps", "--require-hashes"]
        try:
            self._run([*pip, *where, "--only-binary", ":all:", "-r", UV_LOCK])
        except _InstallError as error:
            if not _NO_PIP.search(str(error)):
                raise
            import shutil  # noqa: PLC0415 -- slow import

            found = shutil.which("uv")
            if found is None:
                raise
            self.uv = Path(found)

    def _pip_command(self) -> list[str]:
        inside = [_base_python(), "-m", "pip", "--python", str(self.python)]
        return [*inside, "install", "--quiet", "--require-hashes"]

    def _run(self, command: Sequence[str]) -> None:
        import subprocess  # noqa: PLC0415 -- slow import

        environment = os.environ | {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIP_RETRIES": "2",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_SYSTEM_CERTS": "1",
            "UV_NO_CONFIG": "1",
        }
        # A mirror that pip was told of is a mirror for uv as well.
        if index := os.environ.get("PIP_INDEX_URL"):
            environment.setdefault("UV_DEFAULT_INDEX", index)
        done = subprocess.run(  # noqa: S603 -- our own installers and lock files
            command,
            check=False,
            cwd=self.root,
            env=environment,
            # An installer that outlives us keeps the lock, and the next caller waits.
            pass_fds=[self._held],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if done.returncode != 0:
            raise _InstallError(done.stdout)

    def _fingerprint(self, lock: str) -> str:
        digest = hashlib.sha256((self.root / lock).read_bytes()).hexdigest()
        return f"{lock} {digest} {self.python.resolve()}"


def enter(argv: Sequence[str]) -> None:
    """Return inside an up-to-date .venv; from outside, run manage.py again in there.

    OPSPORTAL_BOOTSTRAP=0 keeps the Python that runs now, for images that bring their own.
    """
    if os.environ.get("OPSPORTAL_BOOTSTRAP") == "0":
        return
    environment = Environment(Path(__file__).resolve().parent.parent)
    lock = (
        DEVELOPMENT_LOCK
        if argv[1:2] and argv[1] in DEVELOPMENT_COMMANDS
        else RUNTIME_LOCK
    )
    ready = environment.has(lock)
    if ready and Path(sys.prefix).resolve() == environment.folder.resolve():
        return
    try:
        if not ready:
            environment.install(lock)
    except BootstrapError as error:
        sys.exit(f"opsportal: {error}")
    except KeyboardInterrupt:
        sys.exit(
            "opsportal: stopped while installing; the next call begins that again."
        )
    _become([str(environment.python), *argv])


def _become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 -- the same program, inside .venv


def _base_python() -> str:
    """Return the Python outside .venv: inside there is no pip."""
    return getattr(sys, "_base_executable", "") or sys.executable


def _works(program: Path) -> bool:
    import subprocess  # noqa: PLC0415 -- slow import

    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True)  # noqa: S603 -- our own uv
    except OSError:
        return False
    return done.returncode == 0


def _count(lock: Path) -> int:
    return len(re.findall(r"^[\w.\[\],-]+==", lock.read_text(), re.MULTILINE))


def _explain(output: str, lock: str) -> str:
    if _NO_PIP.search(output):
        return (
            "This Python has no pip: install it (Debian: apt-get install python3-pip) "
            "and run this again."
        )
    if _NO_NETWORK.search(output):
        return (
            "Cannot reach the package index: check the network or HTTPS_PROXY, or name a "
            "mirror in PIP_INDEX_URL, and run this again."
        )
    tail = "\n".join(output.strip().splitlines()[-15:])
    return f"Could not install {lock}; the installer said:\n{tail}"


def _say(sentence: str) -> None:
    print(f"opsportal: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 -- no logging yet
