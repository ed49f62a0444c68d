"""All tables of an app in one step."""

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState
from django.db.utils import ConnectionHandler

from opsportal.kit.create_tables import CreateTables

MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


def table(name, other):
    key = models.ForeignKey(other, on_delete=models.CASCADE, null=True)
    return migrations.CreateModel(
        name, [("id", models.AutoField(primary_key=True)), ("other", key)]
    )


@pytest.mark.django_db
def test_tables_that_refer_to_each_other_are_made_and_dropped_in_one_step():
    connection = ConnectionHandler({"default": MEMORY})["default"]
    before, after = ProjectState(), ProjectState()
    assert list(after.apps.get_models()) == []
    step = CreateTables([table("Hen", "zoo.Egg"), table("Egg", "zoo.Hen")])
    step.state_forwards("zoo", after)
    assert {m.__name__ for m in after.apps.get_models()} == {"Hen", "Egg"}

    with connection.schema_editor() as editor:
        step.database_forwards("zoo", editor, before, after)
    names = connection.introspection.table_names()
    assert names == ["zoo_egg", "zoo_hen"]
    keys = connection.introspection.get_relations(connection.cursor(), "zoo_hen")
    assert keys["other_id"][:2] == ("id", "zoo_egg")

    with connection.schema_editor() as editor:
        step.database_backwards("zoo", editor, after, before)
    assert connection.introspection.table_names() == []
    assert step.describe() == "Create 2 tables"
    connection.close()
