"""http and json."""

import gzip
import json

import pytest

from checklists.domain.condition import parse
from checklists.probes import PROBES
from opsportal.kit.outbound import BoundSecret, EgressPolicy
from tests.targets import Authority, Reply, WebTarget, free_port, raw_server

HEALTH = b'{"status": "ok", "checks": [{"name": "db", "up": true}], "big": 1e999}'


def test_http_sees_status_time_and_content(site, see):
    site.routes["/health"] = Reply(200, b'{"status": "ok"}')
    seen = see("http", {"url": f"{site.url}/health"})
    assert seen.failure is None
    assert seen.fields["status"] == 200
    assert seen.fields["body"] == '{"status": "ok"}'
    assert seen.fields["json"] == {"status": "ok"}
    assert seen.fields["size"] == 16
    assert 0 < seen.fields["latency"] < 5
    assert seen.latency.total_seconds() == seen.fields["latency"]
    assert seen.detail.startswith("200, 16 bytes, ")


def test_http_sends_what_the_spec_says(site, see):
    site.routes["/"] = Reply(503, b"down")
    spec = {"url": f"{site.url}/", "method": "POST", "body": "x", "headers": {"A": "b"}}
    assert see("http", spec).fields["status"] == 503
    assert (site.seen[0].method, site.seen[0].body) == ("POST", b"x")
    assert site.seen[0].headers["a"] == "b"


def test_http_does_not_take_anything_for_json(site, see):
    site.routes["/"] = Reply(200, b"{not json")
    assert "json" not in see("http", {"url": f"{site.url}/"}).fields


def test_a_missing_text_is_a_failure_without_the_body(site, see):
    site.routes["/"] = Reply(200, b"Maintenance. token=abc")
    seen = see("http", {"url": f"{site.url}/", "contains": "Welcome"})
    assert (seen.failure.outcome, seen.failure.code) == ("fail", "content_missing")
    assert "token" not in seen.failure.message + seen.detail
    assert seen.fields["status"] == 200
    site.routes["/"] = Reply(200, b"Welcome")
    assert not see("http", {"url": f"{site.url}/", "contains": "Welcome"}).failure


def test_redirects_can_be_left_alone(site, code, see):
    site.routes["/"] = Reply(301, headers={"Location": "/"})
    spec = {"url": f"{site.url}/"}
    assert code("http", spec) == ("fail", "too_many_redirects")
    assert see("http", {**spec, "follow": False}).fields["status"] == 301


def test_a_secret_goes_to_its_host_and_into_no_result(site, see):
    site.routes["/"] = lambda seen: Reply(
        200, f'{{"echo": "{seen.headers["authorization"]}"}}'.encode()
    )
    secrets = {"key": BoundSecret("s3cr3t-value", ("127.0.0.1",))}
    spec = {
        "url": f"{site.url}/",
        "headers": {"Authorization": "Bearer {{secret:key}}"},
        "contains": "s3cr3t-value",
    }
    seen = see("http", spec, secrets=secrets)
    assert site.seen[0].headers["authorization"] == "Bearer s3cr3t-value"
    assert seen.fields["json"] == {"echo": "Bearer [secret]"}
    assert "s3cr3t-value" not in repr(seen)


def test_a_secret_of_another_host_is_not_sent(site, code):
    secrets = {"key": BoundSecret("s3cr3t-value", ("api.example.com",))}
    spec = {"url": f"{site.url}/", "headers": {"X": "{{secret:key}}"}}
    assert code("http", spec, secrets=secrets) == ("unknown", "secret_refused")
    assert site.seen == []


def test_a_secret_can_stand_in_the_path(site, see):
    site.routes["/s3cr3t-value/x"] = Reply(200)
    secrets = {"key": BoundSecret("s3cr3t-value", ("127.0.0.1",))}
    spec = {"url": f"{site.url}/{{{{secret:key}}}}/x"}
    assert see("http", spec, secrets=secrets).fields["status"] == 200


def test_fifty_secrets_appear_nowhere(site, see, policy):
    values = [f"planted-{number:02}-%&=+/\"'" for number in range(50)]
    secrets = {
        f"s{number}": BoundSecret(value, ("127.0.0.1",))
        for number, value in enumerate(values)
    }
    leak = " ".join(values)
    site.routes["/"] = Reply(200, leak.encode())
    site.routes["/m"] = Reply(200, b"bad " + leak.encode())
    site.routes["/api/v1/query"] = Reply(
        400, b'{"status": "error", "error": "planted-07-%&=+/\\"\'"}'
    )
    wanted = " ".join(f"{{{{secret:{name}}}}}" for name in secrets)
    looks = [
        see("http", {"url": f"{site.url}/", "headers": {"X": wanted}}, secrets=secrets),
        see("http", {"url": f"{site.url}/", "contains": leak}, secrets=secrets),
        see("json", {"url": f"{site.url}/"}, secrets=secrets),
        see("metrics", {"url": f"{site.url}/m"}, secrets=secrets),
        see("prometheus", {"url": site.url, "query": leak}, secrets=secrets),
        see("internal", {"source": leak}, secrets=secrets),
        see("internal", {"source": "x"}, facts={"value": leak}, secrets=secrets),
        see("http", {"url": f"{site.url}/", leak: 1}, secrets=secrets),
        see("tcp", {"host": leak, "port": 1}, secrets=secrets),
        see("tls", {"hosts": [f"nope.{values[1]}"]}, secrets=secrets),
    ]
    assert [seen for seen in looks if "planted" in repr(seen)] == []


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(200, b"nope"), ("unknown", "parse_error")),
        (Reply(502, b"<html>"), ("fail", "http_status")),
        (Reply(401, b"{}"), ("unknown", "access_denied")),
        (Reply(200, b"[" * 100_000), ("unknown", "parse_error")),
        (Reply(200, b'{"a": NaN}'), ("unknown", "parse_error")),
        (Reply(200, b'{"a": ' + b"9" * 5000 + b"}"), ("unknown", "parse_error")),
        (Reply(200, b'"' + b"x" * 300_000 + b'"'), ("unknown", "too_large")),
        (Reply(200, gzip.compress(HEALTH)), ("unknown", "parse_error")),
        (Reply(500, b'{"status": "down"}'), None),
    ],
)
def test_json_tells_what_cannot_be_judged(site, code, reply, failure):
    site.routes["/"] = reply
    assert code("json", {"url": f"{site.url}/"}) == failure


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", None),
        ("$.status", "ok"),
        ("$.checks[0].name", "db"),
        ("$.checks[-1]['up']", True),
        ('$["checks"][0]["name"]', "db"),
    ],
)
def test_json_takes_a_value_out(site, see, path, value):
    site.routes["/"] = Reply(200, HEALTH)
    fields = see("json", {"url": f"{site.url}/", "path": path}).fields
    assert fields["value"] == (fields["json"] if path == "$" else value)


@pytest.mark.parametrize("path", ["$.nope", "$.checks[7]", "$.status[0]", "$.checks.x"])
def test_json_says_when_nothing_is_there(site, code, path):
    site.routes["/"] = Reply(200, HEALTH)
    spec = {"url": f"{site.url}/", "path": path}
    assert code("json", spec) == ("unknown", "no_data")


def test_who_is_not_there_is_broken(code):
    spec = {"url": f"http://127.0.0.1:{free_port()}/"}
    assert code("http", spec) == ("fail", "connect_refused")


def test_what_we_cannot_look_up_is_unknown_or_gone(code):
    spec = {"url": "http://no-such-name.invalid/"}
    assert code("http", spec) in {("fail", "name_not_found"), ("unknown", "resolver")}


def test_what_the_policy_forbids_is_unknown(site, code):
    spec = {"url": f"{site.url}/"}
    closed = EgressPolicy()
    assert code("http", spec, policy=closed) == ("unknown", "egress_denied")


def test_what_takes_too_long_is_broken(site, code):
    site.routes["/"] = Reply(200, wait=60)
    assert code("http", {"url": f"{site.url}/"}, seconds=0.1) == ("fail", "timeout")


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        (b"", ("fail", "connection_closed")),
        (b"SSH-2.0-OpenSSH\r\n", ("fail", "bad_answer")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", ("fail", "bad_answer")),
    ],
)
def test_what_does_not_speak_http_is_broken(code, told, failure):
    def talk(client):
        client.recv(65_536)
        client.sendall(told)

    with raw_server(talk) as port:
        assert code("http", {"url": f"http://127.0.0.1:{port}/"}) == failure


def test_a_certificate_is_verified(see, code, authority, tmp_path):
    good, bad = (
        WebTarget(authority.context()),
        WebTarget(Authority(tmp_path).context()),
    )
    try:
        good.routes["/"] = Reply(200)
        assert see("http", {"url": f"{good.url}/"}).fields["status"] == 200
        assert code("http", {"url": f"{bad.url}/"}) == ("fail", "tls_invalid")
        plain = {"url": f"https://127.0.0.1:{free_port()}/"}
        assert code("http", plain) == ("fail", "connect_refused")
    finally:
        good.close()
        bad.close()


def test_tls_with_a_plain_server_fails(site, code):
    spec = {"url": f"https://127.0.0.1:{site.port}/"}
    assert code("http", spec) == ("fail", "tls_failed")


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": "ftp://x/"}, "url"),
        ({"url": "http://u:p@x/"}, "url"),
        ({"url": "http://x/", "verify": False}, "verify"),
        ({"url": "http://x/", "method": "DELETE"}, "method"),
        ({"url": "http://x/", "headers": ["a"]}, "headers"),
        ({"url": "http://x/", "headers": {"a b": "c"}}, "headers"),
        ({"url": "http://x/", "headers": {"Host": "c"}}, "headers"),
        ({"url": "http://x/", "headers": {"A": "c\r\nd"}}, "headers"),
        ({"url": "http://x/", "follow": 1}, "follow"),
        ({"url": "http://x/", "contains": "x" * 10_001}, "contains"),
        ({"url": "http://x/", "path": "status"}, "path"),
        ({"url": "http://x/", "path": "$.a b"}, "path"),
        ({"url": "http://x/", "path": 7}, "path"),
    ],
)
def test_a_wrong_spec_is_named(spec, field, code):
    assert [error.field for error in PROBES["json"].check_spec(spec)] == [field]
    assert code("json", spec) == ("unknown", "bad_spec")


def test_a_good_spec_has_no_errors():
    spec = {"url": "https://x/{{secret:a.b}}?k={{ secret:c }}", "path": "$.a"}
    assert PROBES["json"].check_spec(spec) == []
    assert PROBES["http"].host_of({"url": "https://X.Example/"}) == "x.example"
    assert PROBES["http"].host_of({"url": "http://[::1"}) == ""


@pytest.mark.parametrize(("broken", "outcome"), [(0, True), (1, None)])
def test_a_count_of_elasticsearch_is_a_json_check(site, see, broken, outcome):
    shards = {"total": 5, "successful": 5 - broken, "skipped": 0, "failed": broken}
    body = json.dumps({"count": 7, "_shards": shards})
    site.routes["/logs-*/_count"] = Reply(200, body.encode())
    ask = {"query": {"range": {"@timestamp": {"gte": "now-5m"}}}}
    spec = {
        "url": f"{site.url}/logs-*/_count",
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(ask),
        "path": "$.count",
    }
    seen = see("json", spec)
    assert json.loads(site.seen[0].body) == ask
    assert seen.fields["value"] == 7
    condition = parse('value < 10 given json("$._shards.failed") == 0')
    assert condition.holds(seen.fields, seen.observed_at, None) is outcome
