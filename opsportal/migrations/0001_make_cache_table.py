from django.core.management import call_command
from django.db import migrations

from opsportal.kit.narrow import NarrowRunPython


def make_table(apps, schema_editor):
    call_command(
        "createcachetable", database=schema_editor.connection.alias, verbosity=0
    )


def drop_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS opsportal_cache")


class Migration(migrations.Migration):
    dependencies = []
    operations = [NarrowRunPython(make_table, drop_table)]
