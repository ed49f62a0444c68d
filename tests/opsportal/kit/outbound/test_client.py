import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from opsportal.kit.outbound import Guard, OutboundError, Resolver, post
from opsportal.kit.outbound.client import MOST_ANSWER_BYTES, Answer, explain
from opsportal.kit.outbound.policy import EgressPolicy
from tests.targets import Authority, Reply, WebTarget, free_port, raw_server

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)


def refusal(url, guard, **more):
    with pytest.raises(OutboundError) as caught:
        post(url, json={"a": 1}, guard=guard, **more)
    return caught.value.code, caught.value.permanent


def test_json_is_posted_and_the_answer_comes_back(site, guard):
    site.routes["/hook"] = Reply(202, b"taken", {"X-Request-Id": "7"})
    answer = post(
        f"{site.url}/hook", json={"a": "ö"}, headers={"X-A": "1"}, guard=guard
    )
    assert (answer.status, answer.text, answer.is_success) == (202, "taken", True)
    assert answer.headers["x-request-id"] == "7"
    seen = site.seen[0]
    assert (seen.method, seen.body) == ("POST", b'{"a":"\\u00f6"}')
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-a"] == "1"
    assert seen.headers["host"] == f"127.0.0.1:{site.port}"


def test_bytes_are_posted_as_they_are(site, guard):
    site.routes["/"] = Reply(200)
    post(f"{site.url}/", body=b"\x00raw", guard=guard)
    assert site.seen[0].body == b"\x00raw"


def test_the_name_is_kept_for_tls_and_host(guard, authority):
    target = WebTarget(authority.context(names=("localhost",), addresses=()))
    try:
        target.routes["/"] = Reply(200, b"safe")
        url = f"https://localhost:{target.port}/"
        assert post(url, json={}, guard=guard).body == b"safe"
        assert target.seen[0].headers["host"] == f"localhost:{target.port}"
        url = f"https://127.0.0.1:{target.port}/"
        assert refusal(url, guard) == ("tls_failed", False)
    finally:
        target.close()


def test_an_unknown_authority_is_refused(guard, tmp_path):
    target = WebTarget(Authority(tmp_path).context())
    try:
        assert refusal(f"{target.url}/", guard) == ("tls_failed", False)
    finally:
        target.close()


def test_redirects_are_answers(site, guard):
    site.routes["/"] = Reply(302, headers={"Location": "/elsewhere"})
    assert post(f"{site.url}/", json={}, guard=guard).status == 302
    assert len(site.seen) == 1


def test_no_more_than_64_kib_are_read(site, guard):
    site.routes["/"] = Reply(200, b"x" * (MOST_ANSWER_BYTES * 2))
    answer = post(f"{site.url}/", json={}, guard=guard)
    assert len(answer.body) == MOST_ANSWER_BYTES


def test_proxies_and_netrc_are_not_used(site, guard, canary, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{canary.port}")
    site.routes["/"] = Reply(200)
    post(f"{site.url}/", json={}, guard=guard)
    assert "authorization" not in site.seen[0].headers
    assert canary.visits == 0


def test_a_server_that_drips_is_cut_off_in_time(site, guard):
    site.routes["/"] = Reply(200, b"x" * 1200, drip=0.05)
    started = time.perf_counter()
    url = f"{site.url}/"
    assert refusal(url, guard, timeout=(1.0, 0.3)) == ("timeout", False)
    assert time.perf_counter() - started < 40


def test_a_server_that_drips_until_it_closes_is_no_success(site, guard):
    site.routes["/"] = Reply(200, b"x" * 1200, {"Content-Length": ""}, drip=0.05)
    assert refusal(f"{site.url}/", guard, timeout=(1.0, 0.3)) == ("timeout", False)


def test_a_server_that_says_nothing_is_a_timeout(site, guard):
    site.routes["/"] = Reply(200, wait=60)
    assert refusal(f"{site.url}/", guard, timeout=(1.0, 0.2)) == ("timeout", False)


def test_a_lookup_without_an_answer_is_worth_repeating():
    gate = threading.Event()
    guard = Guard(EgressPolicy(), Resolver(lookup=lambda h: gate.wait(60) and ("1",)))
    outcome = refusal("http://slow.example/", guard, timeout=(0.05, 1.0))
    gate.set()
    assert outcome == ("name_not_found", False)


def test_nobody_there_is_worth_repeating(guard):
    url = f"http://127.0.0.1:{free_port()}/"
    assert refusal(url, guard) == ("connect_refused", False)


def test_a_name_that_does_not_exist_is_worth_repeating(policy):
    def nobody(host):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    guard = Guard(policy, Resolver(lookup=nobody))
    assert refusal("http://gone.example/", guard) == ("name_not_found", False)


def test_what_the_policy_denies_is_not_worth_repeating(canary):
    guard = Guard(EgressPolicy(), Resolver())
    url = f"http://127.0.0.1:{canary.port}/"
    assert refusal(url, guard) == ("egress_denied", True)
    assert refusal("ftp://example.com/", guard) == ("scheme", True)
    assert canary.visits == 0


def test_a_connection_that_breaks_is_worth_repeating(guard):
    def hang_up(client):
        client.recv(1)

    with raw_server(hang_up) as port:
        assert refusal(f"http://127.0.0.1:{port}/", guard) == (
            "connection_failed",
            False,
        )


def test_the_second_address_is_tried_when_the_first_is_dead(site, policy):
    resolver = Resolver(lookup=lambda _host: ("127.0.0.1", "127.0.0.1"))
    site.routes["/"] = Reply(200)
    guard = Guard(policy, resolver)
    assert post(f"{site.url}/", json={}, guard=guard).status == 200


def test_no_error_shows_the_address(guard):
    secret = "T000/B000/XXXXSECRETXXXX"
    url = f"http://127.0.0.1:{free_port()}/services/{secret}"
    with pytest.raises(OutboundError) as caught:
        post(url, json={}, guard=guard)
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (urllib3.exceptions.HTTPError("odd"), "connection_failed"),
        (ssl.SSLError(1, "[SSL: X] odd"), "tls_failed"),
        (ValueError("odd"), "bad_url"),
    ],
)
def test_an_error_gets_our_own_words(error, code):
    assert explain(error).code == code
    assert "odd" not in explain(error).message


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("9999999", timedelta(days=1)),
        ("Wed, 14 Jan 2026 10:31:00 GMT", timedelta(minutes=1)),
        ("Wed, 14 Jan 2026 10:31:00 -0000", timedelta(minutes=1)),
        ("Wed, 14 Jan 2026 10:29:00 GMT", timedelta(0)),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, wait):
    assert Answer(429, {"retry-after": text}).retry_after(NOW) == wait
