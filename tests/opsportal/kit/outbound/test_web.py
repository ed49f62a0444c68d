import asyncio

import pytest
from yarl import URL

from opsportal.kit.outbound import (
    Ask,
    EgressDenied,
    LookupTimeout,
    TooManyRedirects,
    fetch,
    open_session,
    tls_context,
)
from opsportal.kit.outbound.web import MOST_BYTES, redirected
from tests.targets import Authority, Reply, WebTarget


def get(guard, ask, seconds=5.0):
    async def run():
        async with open_session(guard, tls_context(guard.policy.ca_file)) as session:
            deadline = asyncio.get_running_loop().time() + seconds
            return await fetch(session, guard, ask, deadline=deadline)

    return asyncio.run(run())


def test_a_page_is_fetched_with_its_headers(site, guard):
    site.routes["/"] = Reply(201, b"hello \xff", {"X-Mine": "yes"})
    page = get(guard, Ask(f"{site.url}/", headers={"X-Sent": "1"}))
    assert (page.status, page.text, page.is_cut) == (201, "hello �", False)
    assert page.headers["x-mine"] == "yes"
    assert page.latency.total_seconds() > 0
    assert site.seen[0].headers["x-sent"] == "1"
    assert site.seen[0].headers["accept-encoding"] == "identity"
    assert site.seen[0].headers["user-agent"] == "opsportal"


def test_no_more_than_256_kib_are_read(site, guard):
    site.routes["/"] = Reply(200, b"x" * (MOST_BYTES + 50_000))
    page = get(guard, Ask(f"{site.url}/"))
    assert (len(page.body), page.is_cut) == (MOST_BYTES, True)
    site.routes["/"] = Reply(200, b"x" * MOST_BYTES)
    page = get(guard, Ask(f"{site.url}/"))
    assert (len(page.body), page.is_cut) == (MOST_BYTES, False)


def test_what_is_packed_stays_packed(site, guard):
    site.routes["/"] = Reply(200, b"\x1f\x8bnonsense", {"Content-Encoding": "gzip"})
    assert get(guard, Ask(f"{site.url}/")).body == b"\x1f\x8bnonsense"


def test_proxies_of_the_environment_are_not_used(site, guard, canary, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    site.routes["/"] = Reply(200)
    assert get(guard, Ask(f"{site.url}/")).status == 200
    assert canary.visits == 0


def test_cookies_are_not_kept(site, guard):
    site.routes["/a"] = Reply(302, headers={"Location": "/b", "Set-Cookie": "s=1"})
    site.routes["/b"] = Reply(200)
    get(guard, Ask(f"{site.url}/a"))
    assert "cookie" not in site.seen[1].headers


def test_three_redirects_are_followed_and_a_fourth_is_not(site, guard):
    for number in range(5):
        site.routes[f"/{number}"] = Reply(302, headers={"Location": f"/{number + 1}"})
    site.routes["/4"] = Reply(200, b"there")
    assert get(guard, Ask(f"{site.url}/1")).body == b"there"
    with pytest.raises(TooManyRedirects):
        get(guard, Ask(f"{site.url}/0"))


def test_a_redirect_can_be_the_answer(site, guard):
    site.routes["/"] = Reply(301, headers={"Location": "/x"})
    assert get(guard, Ask(f"{site.url}/", follow=False)).status == 301


def test_headers_stay_behind_when_the_origin_changes(site, guard):
    other = WebTarget()
    try:
        other.routes["/"] = Reply(200)
        site.routes["/"] = Reply(302, headers={"Location": f"{other.url}/"})
        headers = {"Authorization": "Bearer x", "X-Key": "x", "Accept": "text/plain"}
        assert get(guard, Ask(f"{site.url}/", headers=headers)).status == 200
    finally:
        other.close()
    assert site.seen[0].headers["authorization"] == "Bearer x"
    assert "authorization" not in other.seen[0].headers
    assert "x-key" not in other.seen[0].headers
    assert other.seen[0].headers["accept"] == "text/plain"


def test_headers_go_along_within_the_origin(site, guard):
    site.routes["/"] = Reply(302, headers={"Location": "/next"})
    site.routes["/next"] = Reply(200)
    get(guard, Ask(f"{site.url}/", headers={"Authorization": "Bearer x"}))
    assert site.seen[1].headers["authorization"] == "Bearer x"


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "GET", "GET"),
    ],
)
def test_the_method_follows_the_status(status, method, becomes):
    ask = Ask("http://a/", method=method, body=b"x" if method == "POST" else None)
    then = redirected(ask, status, URL("http://a/"), "/next")
    assert then.method == becomes
    assert (then.body is not None) == (becomes == "POST")


def test_a_body_is_not_taken_elsewhere():
    ask = Ask("http://a/", method="POST", body=b"x")
    with pytest.raises(EgressDenied, match="body"):
        redirected(ask, 307, URL("http://a/"), "http://b/")


def test_a_page_that_takes_too_long_is_given_up(site, guard):
    site.routes["/"] = Reply(200, b"slow", wait=60)
    site.routes["/drip"] = Reply(200, b"slowly" * 200, drip=0.05)
    for path in ("/", "/drip"):
        with pytest.raises(TimeoutError) as caught:
            get(guard, Ask(site.url + path), seconds=0.2)
        assert not isinstance(caught.value, LookupTimeout)


def test_a_certificate_of_our_authority_is_trusted(guard, authority):
    target = WebTarget(authority.context())
    try:
        target.routes["/"] = Reply(200, b"safe")
        assert get(guard, Ask(f"{target.url}/")).body == b"safe"
        url = f"https://localhost:{target.port}/"
        assert get(guard, Ask(url)).body == b"safe"
    finally:
        target.close()


def test_a_certificate_of_somebody_else_is_not(guard, tmp_path):
    target = WebTarget(Authority(tmp_path).context())
    try:
        with pytest.raises(OSError, match="certificate verify failed"):
            get(guard, Ask(f"{target.url}/"))
    finally:
        target.close()
