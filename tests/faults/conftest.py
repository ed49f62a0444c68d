"""A world for each test: a fresh copy of one migrated database."""

import os
import shutil
from pathlib import Path

import pytest
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from tests import migrated as copies
from tests.faults.harness import World

TEMPLATE = "faults_template"


def _place(name):
    """The URL of another database beside the one of the tests."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def _enter(name):
    connection.close()
    if connection.vendor == "sqlite":
        folder = Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///")).parent
        name = str(folder / name)
    connection.settings_dict["NAME"] = name


def _execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _copy(home, name):
    """Make the database ``name`` from the migrated one, and enter it."""
    if connection.vendor == "sqlite":
        folder = Path(connection.settings_dict["NAME"]).parent
        connection.close()
        shutil.copy(folder / TEMPLATE, folder / name)
    else:
        _enter(home)
        _execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    _enter(name)


def _make_template(home, cache):
    if connection.vendor == "sqlite":
        copies.copy_to_sqlite(cache, Path(home).parent / TEMPLATE)
    else:
        copies.make_postgres_template(cache)
        _execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {copies.TEMPLATE}")


@pytest.fixture(scope="session")
def migrated(django_db_blocker, pytestconfig):
    """A migrated database whose sweeps beat fires each second."""
    home = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        _make_template(home, pytestconfig.cache.mkdir("migrated"))
        _enter(TEMPLATE)
        each_second, _ = IntervalSchedule.objects.get_or_create(
            every=1, period=IntervalSchedule.SECONDS
        )
        PeriodicTask.objects.exclude(task__startswith="celery.").update(
            interval=each_second
        )
        if connection.vendor == "sqlite":
            _execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        yield home
        connection.close()
        connection.settings_dict["NAME"] = home


@pytest.fixture
def world(migrated, django_db_blocker, request, tmp_path):
    """Nothing runs yet; all that the test starts is killed when it ends."""
    number = request.session.items.index(request.node)
    name = f"faults_{number}"
    # A socket's path is short, and pytest's folders are not.
    folder = Path(os.environ["OPSPORTAL_TEST_SERVERS"]) / f"world_{number}"
    folder.mkdir()
    with django_db_blocker.unblock():
        _copy(migrated, name)
        made = World(folder=folder, database=_place(name))
        yield made
        made.close()
        connection.close()
        _enter(migrated)
