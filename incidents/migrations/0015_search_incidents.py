from django.db import migrations

# PostgreSQL keeps it itself; SQLite looks into the texts.
ADD = """
ALTER TABLE incidents_incident ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('english', summary || ' ' || symptoms), 'B')
    || setweight(to_tsvector('english', root_cause || ' ' || resolution), 'C')
    || setweight(
        to_tsvector('english', prevention || ' ' || impact || ' ' || affected), 'D'
    )
) STORED
"""
INDEX = "CREATE INDEX incidents_incident_search ON incidents_incident USING gin(search)"
REMOVE = "ALTER TABLE incidents_incident DROP COLUMN search"


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)
        schema_editor.execute(INDEX)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0014_subscribers")]
    operations = [migrations.RunPython(add, remove)]
