import os
import socket
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from checklists.probes import PROBES
from opsportal.kit.outbound import EgressPolicy
from tests.targets import free_port, raw_server

PLANTED = "planted-dsn-password"


def _pump(source, sink):
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def postgres():
    """The tests' PostgreSQL listens on a socket file; a check needs a port."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        pytest.skip("runs on SQLite")
    path = unquote(url.path)
    folder = path.rpartition("/")[0]
    if url.hostname:
        yield url.geturl()
        return

    def talk(client):
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(f"{folder}/.s.PGSQL.5432")
            back = threading.Thread(target=_pump, args=(server, client))
            back.start()
            _pump(client, server)
            back.join()

    with raw_server(talk) as port:
        yield f"postgresql://postgres:{PLANTED}@localhost:{port}/postgres"


@pytest.fixture
def ask(postgres, see):
    def look(query, dsn=postgres, **more):
        seen = see(
            "sql", {"source": "main", "query": query}, facts={"dsn": dsn}, **more
        )
        assert PLANTED not in repr(seen)
        return seen

    return look


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT 1", 1),
        ("select 1.5::numeric;", 1.5),
        ("SELECT true", True),
        ("SELECT interval '90 seconds'", 90.0),
        ("SELECT 'x%y'", "x%y"),
        ("WITH a AS (SELECT 2 AS n) SELECT n FROM a", 2),
        ("VALUES (7)", 7),
        (
            "SELECT timestamp '2026-01-14 10:30'",
            datetime(2026, 1, 14, 10, 30, tzinfo=UTC),
        ),
        ("SELECT repeat('x', 5000)", "x" * 2000),
    ],
)
def test_one_value_is_read(ask, query, value):
    seen = ask(query)
    assert seen.failure is None
    assert (seen.fields["value"], seen.fields["rows"]) == (value, 1)
    assert seen.fields["latency"] > 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT 1 WHERE false", "no_data"),
        ("SELECT NULL", "no_data"),
        ("SELECT 1, 2", "many_values"),
        ("SELECT generate_series(1, 100000000)", "many_values"),
        ("SELECT nope", "query_error"),
        ("SELECT 1; SELECT 2", "query_error"),
        ("SELECT 1; COMMIT; CREATE TABLE planted (a int)", "query_error"),
        ("WITH a AS (DELETE FROM pg_class RETURNING 1) SELECT 1", "query_error"),
        ("SELECT set_config('transaction_read_only', 'off', false)", "query_error"),
        ("SELECT nextval('no_such_sequence')", "query_error"),
    ],
)
def test_what_is_not_one_value_is_unknown(ask, query, code):
    failure = ask(query).failure
    assert (failure.outcome, failure.code) == ("unknown", code)


def test_the_session_is_read_only_and_named(ask):
    assert (
        ask("SELECT current_setting('transaction_read_only')").fields["value"] == "on"
    )
    assert ask("SELECT current_setting('lock_timeout')").fields["value"] == "1s"
    name = "SELECT current_setting('application_name')"
    assert ask(name).fields["value"] == "opsportal"


def test_a_query_that_takes_too_long_is_unknown(ask):
    failure = ask("SELECT pg_sleep(60)", seconds=0.3).failure
    assert (failure.outcome, failure.code) == ("unknown", "query_timeout")


def test_a_query_that_waits_for_a_lock_is_unknown(ask, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE locked_for_a_test (a int)")
        connection.commit()
        try:
            connection.execute("LOCK TABLE locked_for_a_test")
            failure = ask("SELECT count(*) FROM locked_for_a_test").failure
        finally:
            connection.rollback()
            connection.execute("DROP TABLE locked_for_a_test")
    assert (failure.outcome, failure.code) == ("unknown", "lock_timeout")


def test_a_role_that_may_not_is_unknown(ask, postgres):
    stranger = postgres.replace("//postgres:", "//stranger:")
    failure = ask("SELECT 1", dsn=stranger).failure
    assert (failure.outcome, failure.code) == ("unknown", "access_denied")


def test_a_table_that_may_not_be_read_is_unknown(ask, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE ROLE reader_for_a_test LOGIN")
        connection.commit()
        try:
            dsn = postgres.replace("//postgres:", "//reader_for_a_test:")
            failure = ask("SELECT count(*) FROM pg_authid", dsn=dsn).failure
        finally:
            connection.execute("DROP ROLE reader_for_a_test")
    assert (failure.outcome, failure.code) == ("unknown", "access_denied")


def test_a_database_that_is_not_there_is_broken(code):
    facts = {"dsn": f"postgresql://a:{PLANTED}@127.0.0.1:{free_port()}/x"}
    spec = {"source": "main", "query": "SELECT 1"}
    assert code("sql", spec, facts=facts) == ("fail", "connect_refused")


def test_something_else_behind_the_port_is_broken(code):
    def talk(client):
        client.recv(1000)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with raw_server(talk) as port:
        facts = {"dsn": f"postgresql://a@127.0.0.1:{port}/x"}
        spec = {"source": "main", "query": "SELECT 1"}
        assert code("sql", spec, facts=facts) == ("fail", "connection_failed")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [("57P03", ("fail", "not_ready")), ("53300", ("fail", "not_ready"))],
)
def test_a_database_that_takes_nobody_is_broken(code, answer, failure):
    fields = f"SFATAL\0C{answer}\0Mnot now\0\0".encode()
    refusal = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields

    def talk(client):
        if b"\x04\xd2\x16/" in client.recv(1000):
            client.sendall(b"N")
            client.recv(1000)
        client.sendall(refusal)

    with raw_server(talk) as port:
        facts = {"dsn": f"postgresql://a@127.0.0.1:{port}/x?gssencmode=disable"}
        spec = {"source": "main", "query": "SELECT 1"}
        assert code("sql", spec, facts=facts)[1] in {failure[1], "connection_failed"}


@pytest.mark.parametrize(
    ("dsn", "code_word"),
    [
        ("", "no_source"),
        ("mysql://x/y", "no_source"),
        ("postgresql:///x", "no_source"),
        ("postgresql://a,b/x", "no_source"),
        ("postgresql://x/y?nope=1", "no_source"),
        ("postgresql://169.254.169.254/x", "egress_denied"),
        ("sqlite:////etc/passwd", "not_allowed"),
    ],
)
def test_a_source_that_cannot_be_used_is_unknown(code, dsn, code_word):
    spec = {"source": "main", "query": "SELECT 1"}
    assert code("sql", spec, facts={"dsn": dsn}) == ("unknown", code_word)


def test_our_own_database_is_never_asked(code):
    spec = {"source": "main", "query": "SELECT 1"}
    facts = {"dsn": "postgresql://a@127.0.0.1/x"}
    policy = EgressPolicy()
    assert code("sql", spec, facts=facts, policy=policy) == ("unknown", "egress_denied")


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes #1.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE note (a)")
        connection.executemany("INSERT INTO note VALUES (?)", [(1,), (2,)])
    connection.close()
    return f"sqlite://{str(path).replace(' ', '%20').replace('#', '%23')}"


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("SELECT count(*) FROM note", 2),
        ("SELECT a FROM note", "many_values"),
        ("SELECT nope", "query_error"),
        ("SELECT 1; SELECT 2", "query_error"),
        ("WITH x AS (SELECT 1) INSERT INTO note SELECT 1", "query_error"),
        ("SELECT load_extension('x')", "query_error"),
    ],
)
def test_sqlite_is_only_read(see, notes, query, outcome):
    seen = see("sql", {"source": "n", "query": query}, facts={"dsn": notes})
    assert outcome == (seen.failure.code if seen.failure else seen.fields["value"])


def test_sqlite_is_interrupted(code, notes):
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT count(*) FROM n"
    )
    started = time.perf_counter()
    spec = {"source": "n", "query": endless}
    outcome = code("sql", spec, facts={"dsn": notes}, seconds=0.2)
    assert outcome == ("unknown", "query_timeout")
    assert time.perf_counter() - started < 40


@pytest.mark.parametrize(
    "query", ["DELETE FROM x", "  ", "SET x = 1", 7, "COPY x TO y"]
)
def test_only_reading_statements_are_taken(query):
    errors = PROBES["sql"].check_spec({"source": "main", "query": query})
    assert [error.field for error in errors] == ["query"]
    assert PROBES["sql"].host_of({"source": "main"}) == "sql:main"
