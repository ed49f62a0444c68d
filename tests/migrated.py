"""A database with all migrations applied, made once and copied for every test run.

Applying them takes longer than most tests together. What they make is kept in
pytest's cache beside a list of what had a say in it. A run with more migrations
begins with the fullest copy whose files are still the same, and applies the rest.
"""

import fcntl
import hashlib
import json
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
    files = _files()
    with _alone(cache):
        kept, known = _fullest(cache, "sqlite3", "sqlite", files)
        if kept is not None:
            shutil.copyfile(kept, target)
        if known != files:
            _migrate(f"sqlite:///{target}")
            _keep(cache, "sqlite3", "sqlite", files, target)


def make_postgres_template(cache: Path) -> None:
    """Have a migrated database of the name ``TEMPLATE`` on this run's server."""
    programs, home = postgres_programs(), run_folder() / "postgres"
    server = ["-h", home, "-U", "postgres"]
    with _alone(run_folder()):
        if (run_folder() / TEMPLATE).exists():
            return
        files = _files()
        kept, known = _fullest(cache, "sql", str(programs), files)
        _call([programs / "createdb", *server, TEMPLATE])
        if kept is not None:
            quietly = ["-q", "-X", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"]
            _call([programs / "psql", *server, *quietly, "-f", kept, TEMPLATE])
        if known != files:
            _migrate(f"postgres://postgres@/{home}/{TEMPLATE}")
            dump = run_folder() / "migrated.sql"
            _call([programs / "pg_dump", *server, "-f", dump, TEMPLATE])
            _keep(cache, "sql", str(programs), files, dump)
        (run_folder() / TEMPLATE).touch()


def lay_down(cache: Path) -> None:
    """Have the migrated database where DATABASE_URL of this run's servers points."""
    cache.mkdir(parents=True, exist_ok=True)
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        copy_to_sqlite(cache, Path(url.removeprefix("sqlite:///")))
        return
    make_postgres_template(cache)
    programs, home = postgres_programs(), run_folder() / "postgres"
    server = ["-h", home, "-U", "postgres", "--maintenance-db=template1"]
    _call([programs / "dropdb", *server, "postgres"])
    _call([programs / "createdb", *server, "-T", TEMPLATE, "postgres"])


def _files() -> dict[str, str]:
    """Return the fingerprint of each file that has a say in the outcome."""
    files = [ROOT / name for name in _BESIDE_MIGRATIONS]
    for app in apps.get_app_configs():
        files += sorted(Path(app.path).glob("migrations/*.py"))
    told = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return {"django": django.__version__, **told}


def _fullest(
    cache: Path, suffix: str, flavour: str, files: dict[str, str]
) -> tuple[Path | None, dict[str, str]]:
    """Return the kept copy that knows most of ``files`` and nothing else, and what."""
    best: tuple[Path | None, dict[str, str]] = (None, {})
    for listed in cache.glob("*.json"):
        said = json.loads(listed.read_text())
        known, kept = said["files"], listed.with_suffix(f".{suffix}")
        if said["flavour"] != flavour or not kept.exists():
            continue
        if known.items() <= files.items() and len(known) > len(best[1]):
            best = (kept, known)
    return best


def _keep(
    cache: Path, suffix: str, flavour: str, files: dict[str, str], made: Path
) -> None:
    whole = json.dumps({"flavour": flavour, "files": files}, indent=1)
    name = hashlib.sha256(whole.encode()).hexdigest()[:24]
    fresh = cache / f"{name}.{os.getpid()}"
    shutil.copyfile(made, fresh)
    fresh.replace(cache / f"{name}.{suffix}")
    fresh.write_text(whole)
    fresh.replace(cache / f"{name}.json")


def _migrate(url: str) -> None:
    _call(
        [sys.executable, ROOT / "manage.py", "migrate", "-v0", "--skip-checks"],
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
    """Keep other processes waiting."""
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
