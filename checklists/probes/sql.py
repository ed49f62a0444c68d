"""sql: one number out of a database, read-only, in a few seconds.

The database is a named source that an administrator keeps; a check only names it.
PostgreSQL roles should still be read-only: a SELECT can call functions.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.files import resolve_below
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text

STATEMENT_TIMEOUT = timedelta(seconds=5)
LOCK_TIMEOUT = timedelta(seconds=1)
MOST_TEXT = 2_000
READING_WORDS = ("select", "with", "values", "table")
PROGRESS_STEPS = 10_000
ACCESS_STATES = ("28", "42501")
NOT_READY_STATES = ("57P", "53")


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
        scheme = urlsplit(dsn).scheme
        if scheme not in _READERS:
            raise unknown("no_source", "The data source is not set up.")
        read = _READERS[scheme]
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


def _read_postgres(dsn: str, query: str, context: ProbeContext) -> list[tuple[Any]]:
    seconds = context.timeout.total_seconds()
    try:
        with psycopg.connect(_pinned(dsn, context), autocommit=False) as connection:
            connection.read_only = True
            # A named cursor is DECLAREd: one statement, and rows stay with the
            # server until asked for, so a large table does not come here.
            with connection.cursor(name="probe") as cursor:
                cursor.execute(query.encode())
                rows = cursor.fetchmany(2)
            connection.rollback()
            return rows
    except psycopg.Error as error:
        raise _explain_postgres(error, seconds) from None


def _pinned(dsn: str, context: ProbeContext) -> str:
    """The address with the host pinned to a judged address, and our limits."""
    try:
        given = conninfo_to_dict(dsn)
        host = str(given.get("hostaddr") or given.get("host") or "")
        port = int(given.get("port") or 5432)
    except (psycopg.Error, ValueError):
        raise unknown("no_source", "The data source cannot be read.") from None
    if not host or "," in host or host.startswith("/"):
        raise unknown("no_source", "The data source must name one host.")
    seconds = context.timeout.total_seconds()
    addresses = context.guard.addresses(host, port, seconds=seconds)
    limit = min(context.timeout, STATEMENT_TIMEOUT)
    options = (
        "-c default_transaction_read_only=on"
        f" -c statement_timeout={limit // timedelta(milliseconds=1)}"
        f" -c lock_timeout={LOCK_TIMEOUT // timedelta(milliseconds=1)}"
    )
    ours: dict[str, Any] = {
        "host": str(given.get("host") or host),
        "hostaddr": addresses[0],
        "port": port,
        # libpq counts whole seconds and takes 1 for 2.
        "connect_timeout": max(2, int(seconds)),
        "application_name": "opsportal",
        "options": options,
    }
    return make_conninfo("", **{**given, **ours})


def _explain_postgres(error: psycopg.Error, seconds: float) -> Exception:
    told = error.diag.message_primary or ""
    if isinstance(error, psycopg.errors.QueryCanceled):
        return unknown("query_timeout", f"The query took longer than {seconds:g} s.")
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return unknown("lock_timeout", "The query waited for a lock.")
    if error.sqlstate is None:
        return _explain_connecting(str(error))
    if error.sqlstate.startswith(ACCESS_STATES):
        return unknown("access_denied", "The database did not let us in.")
    if error.sqlstate.startswith(NOT_READY_STATES):
        return failed("not_ready", f"The database takes no queries: {told}")
    return unknown("query_error", f"The database refused the query: {told}")


def _explain_connecting(told: str) -> Exception:
    """Before a session begins libpq only has words."""
    if re.search(r"authentication failed|no pg_hba|role .* does not exist", told):
        return unknown("access_denied", "The database did not let us in.")
    if "refused" in told:
        return failed("connect_refused", "The connection was refused.")
    return failed("connection_failed", "The database cannot be reached.")


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


_READERS: dict[str, Callable[[str, str, ProbeContext], list[tuple[Any]]]] = {
    "postgresql": _read_postgres,
    "postgres": _read_postgres,
    "sqlite": _read_sqlite,
}
