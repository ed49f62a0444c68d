"""A world for each test: a fresh copy of one migrated database."""

import os
import shutil
from pathlib import Path

import pytest
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from opsportal.engine import SWEEPS
from tests import migrated as copies
from tests.faults.harness import World, environment_at, lasting_port
from tests.faults.parent import Parent

TEMPLATE = "faults_template"
NAME = "faults"


def _url(name):
    """The URL of another database beside the one of the tests."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def _file(name):
    """Where SQLite keeps it; a whole path stays what it is."""
    return Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///")).parent / name


def _enter(name):
    connection.close()
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["NAME"] = str(_file(name)) if is_file else name


def _execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _copy(home, name):
    """Make the database ``name`` from the migrated one, and enter it."""
    if connection.vendor == "sqlite":
        shutil.copy(_file(TEMPLATE), _file(name))
    else:
        _enter(home)
        _execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    _enter(name)


def _remove(home, name):
    """Leave the database ``name``, and let it be gone."""
    _enter(home)
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            _file(f"{name}{end}").unlink(missing_ok=True)
    else:
        _execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


def _make_template(cache):
    if connection.vendor == "sqlite":
        copies.copy_to_sqlite(cache, _file(TEMPLATE))
    else:
        copies.make_postgres_template(cache)
        _execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {copies.TEMPLATE}")


def _retime(tasks, *, seconds):
    interval, _ = IntervalSchedule.objects.get_or_create(
        every=seconds, period=IntervalSchedule.SECONDS
    )
    tasks.update(interval=interval)


@pytest.fixture(scope="session")
def migrated(django_db_blocker, pytestconfig):
    """A migrated database whose sweeps beat fires each second.

    Those that nobody waits for it fires every five, and so computes less.
    """
    home = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        _make_template(pytestconfig.cache.mkdir("migrated"))
        _enter(TEMPLATE)
        urgent = [sweep.task for sweep in SWEEPS if sweep.is_urgent]
        sweeps = PeriodicTask.objects.exclude(task__startswith="celery.")
        _retime(sweeps.filter(task__in=urgent), seconds=1)
        _retime(sweeps.exclude(task__in=urgent), seconds=5)
        if connection.vendor == "sqlite":
            _execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        yield home
        connection.close()
        connection.settings_dict["NAME"] = home


@pytest.fixture(scope="session")
def place():
    """Where each test finds a world of its own, one after the other.

    It is the same place because who forks all processes has read its settings.
    """
    # A socket's path is short, and pytest's folders are not.
    folder = Path(os.environ["OPSPORTAL_TEST_SERVERS"]) / "world"
    ports = {"port": lasting_port(), "mail_port": lasting_port()}
    return {"folder": folder, "database": _url(NAME), **ports}


@pytest.fixture(scope="session")
def parent(place):
    """A process that has loaded the portal for all tests."""
    made = Parent(environment_at(**place))
    yield made
    made.close()


@pytest.fixture
def world(migrated, place, parent, django_db_blocker):
    """Nothing runs yet; all that the test starts is killed when it ends."""
    place["folder"].mkdir()
    with django_db_blocker.unblock():
        _copy(migrated, NAME)
        made = World(**place, parent=parent)
        yield made
        made.close()
        _remove(migrated, NAME)
    shutil.rmtree(place["folder"])
