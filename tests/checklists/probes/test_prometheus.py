import json
from urllib.parse import parse_qs, urlsplit

import pytest

from checklists.probes import PROBES
from opsportal.kit.outbound import BoundSecret
from tests.targets import Reply, free_port


def vector(*values):
    result = [
        {"metric": {"n": str(place)}, "value": [1700000000, value]}
        for place, value in enumerate(values)
    ]
    return told("vector", result)


def told(kind, result):
    data = {"resultType": kind, "result": result}
    return Reply(200, json.dumps({"status": "success", "data": data}).encode())


@pytest.fixture
def prometheus(site, see):
    def ask(reply, **spec):
        site.routes["/api/v1/query"] = reply
        return see("prometheus", {"url": f"{site.url}/", "query": "up", **spec})

    return ask


def test_the_single_sample_is_the_value(prometheus, site):
    seen = prometheus(vector("0.5"), query='sum(rate(x{a="b"}[5m]))')
    assert seen.failure is None
    assert (seen.fields["value"], seen.fields["series"]) == (0.5, 1)
    assert seen.detail == "n=0: 0.5"
    query = parse_qs(urlsplit(site.seen[0].path).query)
    assert query == {"query": ['sum(rate(x{a="b"}[5m]))']}


def test_a_scalar_is_the_value(prometheus):
    assert prometheus(told("scalar", [1700000000, "42"])).fields["value"] == 42.0


@pytest.mark.parametrize(("how", "value"), [("max", 3.0), ("min", 1.0), ("sum", 6.0)])
def test_several_samples_are_joined_as_told(prometheus, how, value):
    assert prometheus(vector("1", "3", "2"), reduce=how).fields["value"] == value


@pytest.mark.parametrize(
    ("reply", "more", "code"),
    [
        (vector(), {}, "no_data"),
        (vector("NaN"), {}, "not_a_number"),
        (vector("+Inf"), {}, "not_a_number"),
        (vector("1", "NaN"), {"reduce": "max"}, "not_a_number"),
        (vector("1", "2"), {}, "many_series"),
        (told("matrix", []), {}, "parse_error"),
        (told("vector", [{"metric": {}}]), {}, "parse_error"),
        (told("vector", None), {}, "parse_error"),
        (Reply(200, b"[]"), {}, "parse_error"),
        (Reply(200, b"<html>"), {}, "parse_error"),
        (Reply(400, b'{"status":"error","error":"parse error"}'), {}, "query_error"),
        (Reply(401), {}, "access_denied"),
        (Reply(403), {}, "access_denied"),
        (Reply(503, b"starting"), {}, "parse_error"),
    ],
)
def test_what_is_no_number_is_unknown(prometheus, reply, more, code):
    failure = prometheus(reply, **more).failure
    assert (failure.outcome, failure.code) == ("unknown", code)


def test_series_are_counted_even_when_there_is_no_value(prometheus):
    assert prometheus(vector()).fields["series"] == 0


def test_a_prometheus_that_is_down_says_nothing_about_what_it_watches(code):
    spec = {"url": f"http://127.0.0.1:{free_port()}", "query": "up"}
    assert code("prometheus", spec) == ("unknown", "connect_refused")


def test_a_slow_prometheus_is_unknown(site, code):
    site.routes["/api/v1/query"] = Reply(200, wait=60)
    spec = {"url": site.url, "query": "up"}
    assert code("prometheus", spec, seconds=0.1) == ("unknown", "timeout")


def test_the_path_of_the_server_may_be_given_whole(site, see):
    site.routes["/prom/api/v1/query"] = vector("1")
    spec = {
        "url": f"{site.url}/prom/api/v1/query",
        "query": "up",
        "headers": {"Authorization": "Bearer {{secret:p}}"},
    }
    secrets = {"p": BoundSecret("tokentoken", ("127.0.0.1",))}
    assert see("prometheus", spec, secrets=secrets).fields["value"] == 1.0
    assert site.seen[0].headers["authorization"] == "Bearer tokentoken"


def test_a_wrong_spec_is_named():
    errors = PROBES["prometheus"].check_spec({"url": "x", "reduce": "avg"})
    assert {error.field for error in errors} == {"url", "query", "reduce"}
    assert PROBES["prometheus"].host_of({"url": "http://p:9090"}) == "p"
