"""What the database holds, by name: Django gives each constraint a name of its own."""

import re

from django.db import connection

_POSTGRES = """
SELECT conname FROM pg_constraint
  JOIN pg_namespace ON pg_namespace.oid = connamespace
 WHERE nspname = ANY(current_schemas(false))
UNION
SELECT indexname FROM pg_indexes WHERE schemaname = ANY(current_schemas(false))"""
_SQLITE = "SELECT name, coalesce(sql, '') FROM sqlite_master"
_INSIDE_TABLE = re.compile(r'\bCONSTRAINT "([^"]+)"')


def constraint_names() -> frozenset[str]:
    """Return the names of all constraints and indexes, in one question.

    Django's introspection of SQLite parses the SQL of every table, which takes a
    second; a constraint stands there in quotes, or is an index.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES)
            return frozenset(name for (name,) in cursor.fetchall())
        cursor.execute(_SQLITE)
        rows = cursor.fetchall()
    inside = (name for _, sql in rows for name in _INSIDE_TABLE.findall(sql))
    return frozenset(inside) | {name for name, _ in rows}
