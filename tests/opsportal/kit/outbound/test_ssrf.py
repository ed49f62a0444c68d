"""Nothing that a person writes leads into the house: counted at a canary."""

import asyncio
import itertools
import socket

import pytest
from aiohttp import ClientConnectorError

from opsportal.kit.outbound import (
    Ask,
    EgressDenied,
    EgressPolicy,
    Guard,
    OutboundError,
    Resolver,
    fetch,
    open_session,
    parse_allow_list,
    post,
    tls_context,
)
from tests.opsportal.kit.outbound.vectors import HOSTS, NAMES, URLS
from tests.targets import Reply

CLOSED = EgressPolicy()
PUBLIC = "93.184.216.34"

SCRIPTS = {
    "public, then loopback": [(PUBLIC,), ("127.0.0.1",)],
    "public, then private": [(PUBLIC,), ("10.0.0.1",)],
    "public, then metadata": [(PUBLIC,), ("169.254.169.254",)],
    "public, then mapped": [(PUBLIC,), ("::ffff:127.0.0.1",)],
    "public, then nat64": [(PUBLIC,), ("64:ff9b::7f00:1",)],
    "public, then 6to4": [(PUBLIC,), ("2002:7f00:1::",)],
    "public, then v6 loopback": [(PUBLIC,), ("::1",)],
    "public, then anything": [(PUBLIC,), ("0.0.0.0",)],  # noqa: S104
    "loopback at once": [("127.0.0.1",)],
    "both at once, both bad": [("10.0.0.1", "127.0.0.1")],
    "public v6, then unique local": [("2606:2800:220:1::1",), ("fd00::1",)],
    "public, then a zone": [(PUBLIC,), ("fe80::1%lo",)],
}


def resolve_as_told(host):
    """The system's own reading of numbers, and the table's answers for names."""
    if host in NAMES:
        return NAMES[host]
    found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    return tuple(dict.fromkeys(entry[4][0] for entry in found))


def follow_script(script):
    """A name server that changes its mind, and keeps to its last word."""
    answers = iter(script)
    last = script[-1]
    return lambda _host: next(answers, last)


def resolver_of(script):
    """One that forgets at once, so that every question reaches the script."""
    ticks = itertools.count(step=1000)
    return Resolver(
        lookup=follow_script(script), threads=1, clock=lambda: float(next(ticks))
    )


async def ask_all(guard, urls):
    async with open_session(guard, tls_context()) as session:
        outcomes = []
        for url in urls:
            deadline = asyncio.get_running_loop().time() + 5
            try:
                await fetch(session, guard, Ask(url), deadline=deadline)
                outcomes.append("answered")
            except (OSError, ValueError) as error:
                outcomes.append(type(error).__name__)
            except Exception as error:  # noqa: BLE001 -- aiohttp's own
                outcomes.append(type(error).__name__)
        return outcomes


def test_the_table_has_at_least_250_vectors():
    assert len(set(URLS)) >= 250


def test_no_url_of_the_table_reaches_the_canary_through_a_probe(canary):
    guard = Guard(CLOSED, Resolver(lookup=resolve_as_told, threads=2))
    urls = [url.replace("{port}", str(canary.port)) for url in URLS]
    outcomes = asyncio.run(ask_all(guard, urls))
    assert "answered" not in outcomes
    assert canary.visits == 0


def test_no_url_of_the_table_reaches_the_canary_through_a_transport(canary):
    guard = Guard(CLOSED, Resolver(lookup=resolve_as_told, threads=2))
    for url in URLS:
        with pytest.raises(OutboundError):
            post(url.replace("{port}", str(canary.port)), json={}, guard=guard)
    assert canary.visits == 0


def test_no_host_of_the_table_is_connected_to(canary):
    guard = Guard(CLOSED, Resolver(lookup=resolve_as_told, threads=2))

    async def open_all():
        deadline = asyncio.get_running_loop().time() + 20
        for host in HOSTS:
            with pytest.raises(OSError):  # noqa: PT011 -- denied or no such name
                await guard.open_stream(
                    host.strip("[]"), canary.port, deadline=deadline
                )

    asyncio.run(open_all())
    for host in HOSTS:
        with pytest.raises(OSError):  # noqa: PT011 -- denied or no such name
            guard.connect(host.strip("[]"), canary.port, seconds=5)
    assert canary.visits == 0


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_name_that_changes_its_mind_changes_nothing(canary, script):
    guard = Guard(CLOSED, resolver_of(script))
    url = f"http://rebind.example.com:{canary.port}/"
    assert asyncio.run(ask_all(guard, [url])) != ["answered"]
    assert canary.visits == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_literal_address_is_judged_where_sockets_are_made(canary, host):
    guard = Guard(CLOSED, Resolver(threads=1))

    async def ask():
        # Past `fetch`: aiohttp itself asks no resolver about a literal address.
        async with open_session(guard, tls_context()) as session:
            await session.get(f"http://{host}:{canary.port}/")

    with pytest.raises(ClientConnectorError) as caught:
        asyncio.run(ask())
    assert isinstance(caught.value.os_error, EgressDenied)
    assert canary.visits == 0


REDIRECTS = (
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/",
    "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http://0:{port}/",
    "http://user@127.0.0.2:{port}/", "//127.0.0.2:{port}/", "http://0.0.0.0:{port}/",
    "http://169.254.169.254/latest/", "file:///etc/passwd", "gopher://127.0.0.2/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://10.0.0.1:{port}/", "http://[::1/",
)  # fmt: skip


@pytest.mark.parametrize("target", REDIRECTS)
def test_a_redirect_into_the_house_is_not_followed(site, canary, target):
    # The first hop is allowed, by its port; the canary's port is not.
    policy = EgressPolicy(allowed=parse_allow_list(f"127.0.0.1/32:{site.port}"))
    guard = Guard(policy, Resolver(threads=2))
    site.routes["/hop"] = Reply(
        302, headers={"Location": target.format(port=canary.port)}
    )
    site.routes["/"] = Reply(302, headers={"Location": "/hop"})
    assert asyncio.run(ask_all(guard, [f"{site.url}/"])) != ["answered"]
    assert [seen.path for seen in site.seen] == ["/", "/hop"]
    assert canary.visits == 0


def test_what_is_on_the_allow_list_is_reached(site):
    policy = EgressPolicy(allowed=parse_allow_list(f"127.0.0.1/32:{site.port}"))
    guard = Guard(policy, Resolver(threads=2))
    site.routes["/"] = Reply(200)
    urls = [f"{site.url}/", f"http://localhost:{site.port}/"]
    assert asyncio.run(ask_all(guard, urls)) == ["answered", "answered"]
    assert post(f"{site.url}/", json={}, guard=guard).status == 200
