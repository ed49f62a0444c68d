"""A database with all migrations applied, made once and copied for every test run.

Applying them takes longer than most tests together. What they make is kept in
pytest's cache under a key of everything that has a say in it, so that a changed
migration makes it anew.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps

from tests.servers import postgres_programs, run_folder

TEMPLATE = "migrated"
ROOT = Path(__file__).resolve().parents[1]
_BESIDE_MIGRATIONS = ("opsportal/kit/append_only.py", "opsportal/settings.py")


def copy_to_sqlite(cache: Path, target: Path) -> None:
    """Put a migrated SQLite file at ``target``."""
    kept = cache / f"{_key('sqlite')}.sqlite3"
    with _alone(cache):
        if not kept.exists():
            fresh = target.with_suffix(".fresh")
            _migrate(f"sqlite:///{fresh}")
            fresh.replace(target)
            shutil.copyfile(target, kept)
            return
    shutil.copyfile(kept, target)


def make_postgres_template(cache: Path) -> None:
    """Have a migrated database of the name ``TEMPLATE`` on this run's server."""
    programs = postgres_programs()
    kept = cache / f"{_key(str(programs))}.sql"
    server = ["-h", str(run_folder() / "postgres"), "-U", "postgres"]
    with _alone(run_folder()):
        if (run_folder() / TEMPLATE).exists():
            return
        _call([programs / "createdb", *server, TEMPLATE])
        if kept.exists():
            quietly = ["-q", "-X", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"]
            _call([programs / "psql", *server, *quietly, "-f", kept, TEMPLATE])
        else:
            _migrate(f"postgres://postgres@/{run_folder()}/postgres/{TEMPLATE}")
            whole = kept.with_suffix(f".{os.getpid()}")
            _call([programs / "pg_dump", *server, "-f", whole, TEMPLATE])
            whole.replace(kept)
        (run_folder() / TEMPLATE).touch()


def _key(flavour: str) -> str:
    """Return what names the outcome: every migration, and what those call."""
    told = hashlib.sha256(f"{django.__version__} {flavour}".encode())
    files = [ROOT / name for name in _BESIDE_MIGRATIONS]
    for app in apps.get_app_configs():
        files += sorted(Path(app.path).glob("migrations/*.py"))
    for file in files:
        told.update(str(file).encode())
        told.update(file.read_bytes())
    return told.hexdigest()[:24]


def _migrate(url: str) -> None:
    _call(
        [sys.executable, ROOT / "manage.py", "migrate", "--verbosity=0"],
        environment={"DATABASE_URL": url},
    )


def _call(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep the other process of this run waiting."""
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
