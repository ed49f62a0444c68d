import pytest

from checklists.probes import PROBES
from tests.targets import free_port


def test_a_connection_is_timed(site, see):
    seen = see("tcp", {"host": "localhost", "port": site.port})
    assert seen.failure is None
    assert 0 < seen.fields["latency"] < 5
    assert seen.detail.startswith("connected in ")


def test_nobody_there_is_broken(code):
    spec = {"host": "127.0.0.1", "port": free_port()}
    assert code("tcp", spec) == ("fail", "connect_refused")


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, ["host", "port"]),
        ({"host": "http://x", "port": 1}, ["host"]),
        ({"host": "x", "port": 0}, ["port"]),
        ({"host": "x", "port": True}, ["port"]),
        ({"host": "x y", "port": "80"}, ["host", "port"]),
    ],
)
def test_a_wrong_spec_is_named(spec, fields):
    assert [error.field for error in PROBES["tcp"].check_spec(spec)] == fields
