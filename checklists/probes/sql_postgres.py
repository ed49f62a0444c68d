"""The part of the sql probe that asks PostgreSQL."""

import re
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from checklists.probes.failures import failed, unknown
from checklists.probes.protocol import ProbeContext
from checklists.probes.sql import STATEMENT_TIMEOUT

LOCK_TIMEOUT = timedelta(seconds=1)
ACCESS_STATES = ("28", "42501")
NOT_READY_STATES = ("57P", "53")


def read_postgres(dsn: str, query: str, context: ProbeContext) -> list[tuple[Any]]:
    """Return at most two rows of a query; raises ProbeFailed when there are none.

    ``dsn`` is postgresql://, its host an address that the policy allows.
    """
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
