"""Tables whose rows nobody changes or removes: the database says no itself.

PostgreSQL and SQLite each get a trigger. ``lifted`` opens it for retention and
for the reset of the demo, on the current connection only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from opsportal.kit.narrow import NarrowRunPython

_lifted: ContextVar[bool] = ContextVar("append_only_lifted", default=False)
_SETTING = "opsportal.append_only_lifted"

_PG_FUNCTION = f"""
CREATE OR REPLACE FUNCTION opsportal_append_only() RETURNS trigger AS $$
BEGIN
  IF coalesce(current_setting('{_SETTING}', true), '') = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$ LANGUAGE plpgsql
"""


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            _PG_FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION opsportal_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "WHEN opsportal_append_only_lifted() = 0 BEGIN "
        f"SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _drops(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER {table}_append_only ON {table}"]
    return [f"DROP TRIGGER {table}_no_{verb}" for verb in ("update", "delete")]


def guard(table: str) -> NarrowRunPython:
    """Migration operation that puts the trigger on ``table``."""

    def forwards(_apps: Any, schema_editor: Any) -> None:
        for sql in _statements(schema_editor.connection.vendor, table):
            schema_editor.execute(sql, params=None)

    def backwards(_apps: Any, schema_editor: Any) -> None:
        for sql in _drops(schema_editor.connection.vendor, table):
            schema_editor.execute(sql, params=None)

    return NarrowRunPython(forwards, backwards)


def is_guarded(table: str) -> bool:
    """Say whether the triggers on ``table`` are there and awake."""
    if connection.vendor == "postgresql":
        asked = "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgenabled <> 'D'"
        names = [f"{table}_append_only"]
    else:
        asked = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s"
        names = [f"{table}_no_update", f"{table}_no_delete"]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(asked, [name])
            if cursor.fetchone() is None:
                return False
    return True


def register_function(
    connection: BaseDatabaseWrapper, **_signal_arguments: object
) -> None:
    """Teach a new SQLite connection the function that its triggers ask."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "opsportal_append_only_lifted", 0, lambda: int(_lifted.get())
        )


@contextmanager
def lifted() -> Iterator[None]:
    """Let this connection change append-only rows inside the block."""
    token = _lifted.set(True)
    postgres = connection.vendor == "postgresql"
    try:
        if postgres:
            _set_lifted("on")
        yield
    finally:
        _lifted.reset(token)
        if postgres:
            _set_lifted("")


def _set_lifted(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [_SETTING, value])
