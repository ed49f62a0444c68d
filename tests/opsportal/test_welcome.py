"""What `start` does before the first page."""

import pytest
from django.db.migrations.recorder import MigrationRecorder

from opsportal.supervisor.welcome import is_migrated

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_database_is_migrated_when_the_name_of_every_migration_is_in_it():
    assert is_migrated()


@pytest.mark.parametrize("app", ["checklists", "sessions"])
def test_a_database_without_the_newest_migration_of_an_app_is_not(app):
    rows = MigrationRecorder.Migration.objects.filter(app=app)
    rows.filter(pk=rows.latest("pk").pk).delete()
    assert not is_migrated()


def test_a_database_of_a_newer_release_is_left_alone():
    MigrationRecorder.Migration.objects.create(app="oncall", name="9999_later")
    assert is_migrated()
