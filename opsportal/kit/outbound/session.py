"""One aiohttp session for many looks at once, judged per socket."""

import socket
import ssl
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from opsportal.kit.outbound.policy import EgressDenied
from opsportal.kit.outbound.sockets import Guard

AGENT = "opsportal"


class PinnedResolver(AbstractResolver):
    """Gives aiohttp only addresses that the policy allows."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 -- both
    ) -> list[ResolveResult]:
        """Resolve and judge; raises EgressDenied or socket.gaierror."""
        resolver = self._guard.resolver
        found = resolver.recall(host) or await resolver.resolve_async(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._guard.allowed(found, port)
        ]

    async def close(self) -> None:
        """The resolver belongs to the process and stays."""


def open_session(guard: Guard, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """A session for a batch: no proxies, no cookies, a new connection each time.

    A connection of its own makes every latency say the same thing, and lets every
    check see the certificate and the address of now.
    """

    def make_socket(info: tuple[Any, ...]) -> socket.socket:
        # aiohttp never asks its resolver about literal addresses. This is the only
        # place where its sockets are made, so nothing gets past it.
        family, kind, proto, _, address = info
        if denied := guard.judge(str(address[0]), int(address[1])):
            raise EgressDenied(denied)
        return socket.socket(family=family, type=kind, proto=proto)

    connector = aiohttp.TCPConnector(
        resolver=PinnedResolver(guard),
        use_dns_cache=False,
        ssl=tls,
        force_close=True,
        limit=0,
        socket_factory=make_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )
