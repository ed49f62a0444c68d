"""The two ways to a connection: resolve once, judge every address, connect to that.

SNI, Host and certificate checks keep the name; only the address is pinned, so a name
that changes its mind between judging and connecting changes nothing.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from opsportal.kit.outbound.policy import Denied, EgressDenied, EgressPolicy
from opsportal.kit.outbound.resolver import LookupTimeout, Resolver, shared_resolver

MOST_ADDRESSES = 4
NO_ADDRESS = Denied("unusable", "The name has no address.")


@dataclass(frozen=True, slots=True)
class Guard:
    """A policy and the resolver it judges with."""

    policy: EgressPolicy
    resolver: Resolver
    _judged: dict[tuple[str, int], Denied | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, policy: EgressPolicy, resolver: Resolver | None = None) -> "Guard":
        """A guard with the resolver of this process, unless another is given."""
        return cls(policy, resolver or shared_resolver())

    def judge(self, address: str, port: int) -> Denied | None:
        """What the policy says, remembered: a batch asks the same many times."""
        key = (address, port)
        if key not in self._judged:
            self._judged[key] = self.policy.judge_address(address, port)
        return self._judged[key]

    def allowed(self, addresses: Iterable[str], port: int) -> tuple[str, ...]:
        """The first few that may be connected to.

        Raises EgressDenied, with the reason of the first, when none may.
        """
        judged = [(address, self.judge(address, port)) for address in addresses]
        kept = tuple(address for address, denied in judged if denied is None)
        if not kept:
            first = judged[0][1] if judged else None
            raise EgressDenied(first or NO_ADDRESS)
        return kept[:MOST_ADDRESSES]

    def addresses(self, host: str, port: int, *, seconds: float) -> tuple[str, ...]:
        """Addresses of ``host`` that may be connected to, blocking.

        Raises EgressDenied, LookupTimeout or socket.gaierror.
        """
        found = self.resolver.resolve(host, seconds=seconds)
        return self.allowed(found, port)

    async def addresses_async(
        self, host: str, port: int, *, deadline: float
    ) -> tuple[str, ...]:
        """The same without holding the loop, until ``deadline`` of its clock.

        The limit is in here because running out of it says something about our
        resolver and nothing about the host.
        Raises EgressDenied, LookupTimeout or socket.gaierror.
        """
        found = self.resolver.recall(host)
        if found is None:
            try:
                async with asyncio.timeout_at(deadline):
                    found = await self.resolver.resolve_async(host)
            except TimeoutError:
                raise LookupTimeout(f"No answer about {host} in time.") from None
        return self.allowed(found, port)

    def connect(self, host: str, port: int, *, seconds: float) -> socket.socket:
        """A connected, blocking socket with ``seconds`` as its timeout.

        Raises what `addresses` raises, or the OSError of the last address.
        """
        stop_at = time.monotonic() + seconds
        error: OSError = TimeoutError("timed out")
        for address in self.addresses(host, port, seconds=seconds):
            left = stop_at - time.monotonic()
            if left <= 0:
                break
            try:
                return socket.create_connection((address, port), timeout=left)
            except OSError as failed:
                error = failed
        raise error

    async def open_stream(
        self,
        host: str,
        port: int,
        *,
        deadline: float,
        tls: ssl.SSLContext | None = None,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connected stream, TLS-wrapped for the name ``host`` when asked.

        Raises what `addresses_async` raises, TimeoutError, or the OSError of the
        last address (ssl.SSLError included).
        """
        error: OSError = TimeoutError()
        name = host.rstrip(".") if tls else None
        for address in await self.addresses_async(host, port, deadline=deadline):
            try:
                async with asyncio.timeout_at(deadline):
                    return await asyncio.open_connection(
                        address, port, ssl=tls, server_hostname=name
                    )
            except OSError as failed:
                error = failed
        raise error
