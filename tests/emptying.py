"""Empty the database after a test that committed: the tables that hold rows, no others.

Django truncates every table there is, which takes longer than most tests, and then
writes down anew which models and permissions there are. Those are kept here.
"""

from functools import cache

from django.db import connection, transaction

from opsportal.kit import append_only

_KEPT = {"django_content_type", "auth_permission"}


def empty_tables() -> None:
    """Delete all rows but those that name models and permissions."""
    with transaction.atomic(), append_only.lifted(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No trigger and no foreign key looks at a row that goes.
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_question())
        for (table,) in cursor.fetchall():
            name = connection.ops.quote_name(table)
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608 -- a table of ours


@cache
def _question() -> str:
    """Return the query for the names of all tables that hold rows."""
    tables = set(connection.introspection.django_table_names(only_existing=True))
    asked = "SELECT '{}' WHERE EXISTS (SELECT 1 FROM {})"
    quote = connection.ops.quote_name
    return " UNION ALL ".join(
        asked.format(table, quote(table)) for table in sorted(tables - _KEPT)
    )
