"""A database that takes long to fill: filled once a run, copied for whoever needs it."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from django.db import connection

from tests.migrated import TEMPLATE
from tests.servers import run_folder

_numbers = count()


@contextmanager
def entered(name: str, fill: Callable[[], object]) -> Iterator[None]:
    """Stand in a copy of the database that ``fill`` wrote, the first time in this run.

    ``name`` says what is in it. The worker's own database is not touched, and comes
    back at the end.
    """
    home = connection.settings_dict["NAME"]
    copy = f"{name}_{os.getpid()}_{next(_numbers)}"
    try:
        with (run_folder() / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (run_folder() / name).exists():
                _copy(home, TEMPLATE, name)
                fill()
                connection.close()
                (run_folder() / name).touch()
        _copy(home, name, copy)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        _drop(copy)


def _copy(home: str, source: str, target: str) -> None:
    """Make ``target`` out of ``source``, and enter it."""
    connection.close()
    connection.settings_dict["NAME"] = home
    # One that could not be filled to its end.
    _drop(target)
    if connection.vendor == "sqlite":
        path = _file(target)
        shutil.copyfile(home if source == TEMPLATE else _file(source), path)
        connection.settings_dict["NAME"] = str(path)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {target} TEMPLATE {source}")
    connection.close()
    connection.settings_dict["NAME"] = target


def _drop(name: str) -> None:
    if connection.vendor == "sqlite":
        _file(name).unlink(missing_ok=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    connection.close()


def _file(name: str) -> Path:
    return run_folder() / f"{name}.sqlite3"
