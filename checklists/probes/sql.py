"""sql: one number out of a database, read-only, in a few seconds.

The database is a named source that an administrator keeps; a check only names it.
PostgreSQL roles should still be read-only: a SELECT can call functions.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from checklists.domain.observation import Observation
from checklists.probes.failures import unknown
from checklists.probes.files import resolve_below
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text

_Reader = Callable[[str, str, ProbeContext], list[tuple[Any]]]

STATEMENT_TIMEOUT = timedelta(seconds=5)
MOST_TEXT = 2_000
READING_WORDS = ("select", "with", "values", "table")
PROGRESS_STEPS = 10_000


def _check_query(value: Any) -> str | None:
    if message := is_text(value):
        return message
    words = str(value).split(maxsplit=1)
    if not words or words[0].lower() not in READING_WORDS:
        return "The query must start with SELECT, WITH, VALUES or TABLE."
    return None


KEYS = {
    "source": Key(is_text, is_required=True),
    "query": Key(_check_query, is_required=True),
}


class SqlProbe:
    """One statement, one row, one column.

    Facts: ``dsn``, the address of the named source (postgresql:// or sqlite:///).
    """

    kind = "sql"
    fields = (
        FieldDoc("value", "", "what the query found"),
        FieldDoc("rows", "", "number of rows, 0 or 1"),
        FieldDoc("latency", "s", "connecting and querying"),
    )
    keys_of_facts = ("dsn",)

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``source`` and ``query``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The name of the source."""
        return f"sql:{spec.get('source', '')}"

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; raises ProbeFailed when there is no single value."""
        dsn = str(context.facts.get("dsn") or "")
        read = _reader_of(urlsplit(dsn).scheme)
        if read is None:
            raise unknown("no_source", "The data source is not set up.")
        query = str(spec["query"]).strip().rstrip(";")
        started = time.perf_counter()
        rows = await context.run_in_thread(lambda: read(dsn, query, context))
        latency = timedelta(seconds=time.perf_counter() - started)
        value = _single(rows)
        return Observation(
            observed_at=context.now,
            fields={
                "value": value,
                "rows": len(rows),
                "latency": latency.total_seconds(),
            },
            latency=latency,
            detail=str(value),
        )


def _single(rows: Sequence[Sequence[Any]]) -> object:
    if not rows or (len(rows) == 1 and list(rows[0]) == [None]):
        raise unknown("no_data", "The query found nothing.")
    if len(rows) > 1 or len(rows[0]) > 1:
        raise unknown("many_values", "The query must find one row with one column.")
    return _plain(rows[0][0])


def _plain(value: Any) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, bool | int | float | date):
        return value
    return str(value)[:MOST_TEXT]


def _read_sqlite(dsn: str, query: str, context: ProbeContext) -> list[tuple[Any]]:
    path = Path(unquote(urlsplit(dsn).path))
    real = resolve_below(path, context.policy.file_roots)
    limit = min(context.timeout, STATEMENT_TIMEOUT).total_seconds()
    stop_at = time.monotonic() + limit
    try:
        with closing(
            sqlite3.connect(f"{real.as_uri()}?mode=ro", uri=True, timeout=1)
        ) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(_only_read)
            connection.set_progress_handler(
                lambda: time.monotonic() > stop_at, PROGRESS_STEPS
            )
            return connection.execute(query).fetchmany(2)
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            raise unknown(
                "query_timeout", f"The query took longer than {limit:g} s."
            ) from None
        raise unknown("query_error", f"SQLite refused the query: {error}") from None


_READING_ACTIONS = frozenset(
    {
        sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)  # fmt: skip


def _only_read(action: int, *_details: object) -> int:
    return sqlite3.SQLITE_OK if action in _READING_ACTIONS else sqlite3.SQLITE_DENY


def _reader_of(scheme: str) -> _Reader | None:
    if scheme == "sqlite":
        return _read_sqlite
    if scheme in {"postgresql", "postgres"}:
        from checklists.probes.sql_postgres import read_postgres  # noqa: PLC0415 -- slow import

        return read_postgres
    return None
