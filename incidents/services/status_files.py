"""The files of public pages: what is read is always one whole writing.

They lie in ``STATUS_DIR/<slug>/`` and are served without the database, by the portal
or by any other web server.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

_STAMP = ".written_at"


def write_files(slug: str, files: Mapping[str, str], *, written_at: datetime) -> bool:
    """Replace the files of a page, unless newer ones are there; returns whether.

    Each is replaced by renaming, so that no reader sees a half of one.
    """
    folder = folder_of(slug)
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder):
        stamp = folder / _STAMP
        moment = written_at.isoformat()
        if stamp.exists() and datetime.fromisoformat(stamp.read_text()) > written_at:
            return False
        for name, text in (*files.items(), (_STAMP, moment)):
            _replace(folder / name, text, written_at)
    return True


def remove_files(slug: str) -> None:
    """Take a page away from the public. Raises OSError when it stays."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder_of(slug))


def folder_of(slug: str) -> Path:
    """Return where the files of a page lie."""
    return Path(settings.STATUS_DIR) / slug


def _replace(path: Path, text: str, at: datetime) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    os.utime(fresh, (at.timestamp(), at.timestamp()))
    fresh.replace(path)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Let one process at a time write into the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
