"""HTTP for many at once: each hop judged, redirects followed, bodies cut."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from yarl import URL

from opsportal.kit.outbound.policy import Denied, EgressDenied
from opsportal.kit.outbound.sockets import Guard

if TYPE_CHECKING:
    import aiohttp

MOST_BYTES = 256 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may go along to another origin: nothing that an editor wrote.
PLAIN_HEADERS = frozenset({"accept", "accept-language"})


class TooManyRedirects(Exception):  # noqa: N818 -- reads as what happened
    """More hops than the policy allows."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, secrets already filled in."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    follow: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """What came back: at most 256 KB of it, still encoded as it was sent.

    ``latency`` covers name, connection, TLS, redirects and body.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    latency: timedelta

    @property
    def text(self) -> str:
        """The body as text; wrong bytes become replacement characters."""
        return self.body.decode("utf-8", "replace")


async def fetch(
    session: "aiohttp.ClientSession", guard: Guard, ask: Ask, *, deadline: float
) -> Page:
    """Ask, following up to the policy's number of redirects, until ``deadline``.

    ``deadline`` is a time of the running loop. Headers and body are left behind
    when the origin changes. Raises EgressDenied, LookupTimeout, TimeoutError,
    TooManyRedirects, socket.gaierror, or aiohttp.ClientError.
    """
    started = time.perf_counter()
    for _ in range(guard.policy.max_redirects + 1):
        url = await _judge_hop(guard, ask, deadline=deadline)
        async with (
            asyncio.timeout_at(deadline),
            session.request(
                ask.method,
                url,
                headers=ask.headers,
                data=ask.body,
                allow_redirects=False,
            ) as answer,
        ):
            target = answer.headers.get("Location", "")
            if not (ask.follow and target and answer.status in REDIRECTS):
                body, is_cut = await _read(answer)
                return Page(
                    status=answer.status,
                    url=str(url),
                    headers=answer.headers,
                    body=body,
                    is_cut=is_cut,
                    latency=timedelta(seconds=time.perf_counter() - started),
                )
            ask = redirected(ask, answer.status, url, target)
    raise TooManyRedirects(f"More than {guard.policy.max_redirects} redirects.")


def redirected(ask: Ask, status: int, url: URL, target: str) -> Ask:
    """The request that follows a redirect.

    Raises EgressDenied when it would carry a body to another origin.
    """
    try:
        there = url.join(URL(target))
        same = there.origin() == url.origin()
    except ValueError:
        raise EgressDenied(
            Denied("bad_url", "The redirect leads to something that is not a URL.")
        ) from None
    turns_to_get = status == HTTPStatus.SEE_OTHER or (
        status in {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND}
        and ask.method == "POST"
    )
    if turns_to_get and ask.method != "HEAD":
        ask = replace(ask, method="GET", body=None)
    if same:
        return replace(ask, url=str(there))
    if ask.body is not None:
        raise EgressDenied(
            Denied("bad_url", "The redirect would take the request body elsewhere.")
        )
    plain = {k: v for k, v in ask.headers.items() if k.lower() in PLAIN_HEADERS}
    return replace(ask, url=str(there), headers=plain)


async def _judge_hop(guard: Guard, ask: Ask, *, deadline: float) -> URL:
    if denied := guard.policy.judge_url(ask.url):
        raise EgressDenied(denied)
    try:
        url = URL(ask.url)
        host, port = url.host or "", url.port or 0
    except ValueError:
        raise EgressDenied(Denied("bad_url", "This is not a URL.")) from None
    await guard.addresses_async(host, port, deadline=deadline)
    return url


async def _read(answer: "aiohttp.ClientResponse") -> tuple[bytes, bool]:
    kept = bytearray()
    while len(kept) <= MOST_BYTES:
        chunk = await answer.content.read(MOST_BYTES + 1 - len(kept))
        if not chunk:
            return bytes(kept), False
        kept += chunk
    return bytes(kept[:MOST_BYTES]), True
