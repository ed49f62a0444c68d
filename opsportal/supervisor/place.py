"""Where one portal runs: its folder, its address, and who else is there."""

import errno
import fcntl
import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from opsportal.kit import embedded

_DATABASES = frozenset({"postgres", "postgresql", "psql", "pgsql", "sqlite"})
_OFF = frozenset({"", "0", "false", "no", "off", "n", "f"})


class CannotStartError(Exception):
    """Say in one sentence what is in the way and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folders and the address of one portal."""

    root: Path
    var: Path
    host: str
    port: int

    @property
    def address(self) -> str:
        """Return the URL that a browser on this machine opens, without a path."""
        host = "localhost" if self.host in _EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


_EVERYWHERE = frozenset({"127.0.0.1", "0.0.0.0", "::", "::1"})  # noqa: S104 -- names it


def read_place(root: Path) -> Place:
    """Read the place from the environment, and from .env where that is silent.

    Raises CannotStartError when PORT is not a port or DATABASE_URL no database.
    """
    if (root / ".env").exists():
        import environ  # noqa: PLC0415 -- slow import

        environ.Env.read_env(root / ".env")
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotStartError(
            f"PORT={port} is not a port: give a number from 1 to 65535."
        )
    database = os.environ.get("DATABASE_URL") or "sqlite:"
    if database.partition(":")[0] not in _DATABASES:
        raise CannotStartError(
            f"DATABASE_URL begins with {database.partition(':')[0]}, which the portal "
            "does not know: write postgres://user:password@host:5432/name, or leave it "
            "out."
        )
    var = Path(os.environ.get("OPSPORTAL_VAR") or root / "var")
    host = os.environ.get("HOST") or "127.0.0.1"
    return Place(root=root, var=var, host=host, port=int(port))


def is_on(name: str, *, default: bool) -> bool:
    """Read a yes or no from the environment."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() not in _OFF


def knows_settings(place: Place) -> bool:
    """Tell whether the settings can be read already: the demo's come with it."""
    is_there = (place.var / "demo" / "allow.env").exists()
    return is_there or not is_on("OPSPORTAL_DEMO", default=True)


def occupy(place: Place) -> TextIO:
    """Make the data folder and hold its lock; return the handle that holds it.

    Raises CannotStartError when the folder cannot be written or is held already.
    """
    try:
        place.var.mkdir(parents=True, exist_ok=True)
        handle = (place.var / "start.lock").open("a+")
    except OSError as error:
        raise CannotStartError(
            f"Cannot write in {place.var} ({error.strerror}): make that folder "
            "writable, or set OPSPORTAL_VAR to one that is."
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        holder = handle.read().strip() or "another process"
        handle.close()
        raise CannotStartError(
            f"opsportal already runs here: {holder}. Stop that one first, or give this "
            "one its own PORT and OPSPORTAL_VAR."
        ) from None
    handle.truncate(0)
    handle.write(f"process {os.getpid()} at {place.address}/\n")
    handle.flush()
    return handle


def check_port(place: Place) -> None:
    """Raise CannotStartError unless a server may listen at this address."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError:
        raise CannotStartError(_no_such_host(place)) from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise CannotStartError(_explain_bind(place, error)) from None


def prepare_broker(place: Place) -> Path:
    """Make the folders of the embedded broker; return the path of its socket.

    Raises CannotStartError when that is not possible.
    """
    try:
        return embedded.prepare_broker(place.var)
    except embedded.EmbeddedError as error:
        raise CannotStartError(str(error)) from None
    except OSError as error:
        raise CannotStartError(
            f"Cannot make the socket of the embedded broker in {error.filename} "
            f"({error.strerror}): make that folder writable, or set REDIS_URL."
        ) from None


def describe_static(place: Place) -> str:
    """Return one word that changes when a static file of ours or a package does."""
    digest = hashlib.sha256((place.root / "requirements.lock").read_bytes())
    # They name the apps whose files are collected.
    digest.update((place.root / "opsportal" / "settings.py").read_bytes())
    # What was collected may lie beside the apps, and changes with each time.
    collected = (place.var / "static").resolve()
    for folder in sorted(place.root.glob("*/static")):
        if folder.resolve() == collected:
            continue
        for path in sorted(folder.glob("**/*")):
            seen = path.stat()
            digest.update(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _no_such_host(place: Place) -> str:
    return (
        f"HOST={place.host} is not an address of this machine: leave it out for this "
        "machine alone, or set HOST=0.0.0.0 for all its addresses."
    )


def _explain_bind(place: Place, error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return _no_such_host(place)
    if error.errno == errno.EACCES:
        return (
            f"Port {place.port} is for root alone: choose one from 1024 on, for example "
            "PORT=8000 python3 manage.py start."
        )
    return (
        f"Port {place.port} on {place.host} is taken by another program: choose another, "
        f"for example PORT={place.port + 1} python3 manage.py start."
    )
