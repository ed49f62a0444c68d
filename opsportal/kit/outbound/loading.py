"""The policy of this installation, from settings: the only place that reads them.

EGRESS_ALLOW           "10.0.0.0/8:443,9090;127.0.0.1/32:*"
EGRESS_PUBLIC_PORTS    "*" or "80,443,8000-9000"
EGRESS_OWN_ENDPOINTS   more "host:port" of our own that no check may reach
FILE_ROOTS             folders below which file checks may look
CA_FILE                PEM file of authorities trusted besides the public ones

DATABASES, REDIS_URL, HOST and PORT are own endpoints without being named again.
"""

import functools
import itertools
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from opsportal.kit.outbound.policy import (
    EgressPolicy,
    IPAddress,
    bare_address,
    parse_allow_list,
    parse_ports,
)
from opsportal.kit.outbound.resolver import LookupTimeout, shared_resolver

LOOKUP_SECONDS = 2.0
KEEP_SECONDS = 30
WILDCARDS = frozenset({"", "0.0.0.0", "::", "[::]"})  # noqa: S104 -- compared


def policy_from_settings(source: Any = settings) -> EgressPolicy:
    """The policy of this installation; own host names are looked up again each 30 s.

    ``source`` is what has the settings as attributes.
    Raises ValueError, naming the entry, when a setting cannot be read.
    """
    return build_policy(
        allow=getattr(source, "EGRESS_ALLOW", ""),
        public_ports=getattr(source, "EGRESS_PUBLIC_PORTS", "*"),
        own_endpoints=tuple(own_endpoints(source)),
        file_roots=tuple(map(str, getattr(source, "FILE_ROOTS", ()))),
        ca_file=str(getattr(source, "CA_FILE", "")),
        epoch=int(time.monotonic() // KEEP_SECONDS),
    )


@functools.lru_cache(maxsize=8)
def build_policy(
    *,
    allow: str,
    public_ports: str,
    own_endpoints: tuple[tuple[str, int], ...],
    file_roots: tuple[str, ...],
    ca_file: str,
    epoch: int,  # noqa: ARG001 -- makes the cache forget
) -> EgressPolicy:
    """Make a policy of texts; raises ValueError naming what cannot be read."""
    return EgressPolicy(
        allowed=parse_allow_list(allow),
        public_ports=parse_ports(public_ports),
        forbidden_endpoints=frozenset(
            (address, port)
            for host, port in own_endpoints
            for address in _addresses(host)
        ),
        own_addresses=local_addresses(),
        file_roots=tuple(Path(root).resolve() for root in file_roots),
        ca_file=ca_file,
    )


def own_endpoints(source: Any) -> Iterator[tuple[str, int]]:
    """Host and port of our own database, broker and web server."""
    for database in getattr(source, "DATABASES", {}).values():
        if "postgres" in database.get("ENGINE", ""):
            yield database.get("HOST", ""), int(database.get("PORT") or 5432)
    broker = urlsplit(getattr(source, "REDIS_URL", ""))
    if broker.hostname:
        yield broker.hostname, broker.port or 6379
    if port := getattr(source, "PORT", 0):
        yield getattr(source, "HOST", ""), int(port)
    for endpoint in getattr(source, "EGRESS_OWN_ENDPOINTS", ()):
        host, _, port = endpoint.rpartition(":")
        yield host.strip("[]"), int(port)


@functools.lru_cache(maxsize=1)
def local_addresses() -> frozenset[IPAddress]:
    """The addresses of this machine, as the kernel lists them.

    Elsewhere than on Linux it is what the machine's own name resolves to.
    """
    found = {ip_address("127.0.0.1"), ip_address("::1")}
    try:
        routes = Path("/proc/net/fib_trie").read_text().splitlines()
        for above, line in itertools.pairwise(routes):
            if "host LOCAL" in line:
                found.add(ip_address(above.split()[-1]))
        for line in Path("/proc/net/if_inet6").read_text().splitlines():
            found.add(bare_address(socket.inet_ntop(10, bytes.fromhex(line[:32]))))
    except OSError:
        found.update(_addresses(socket.gethostname()))
    return frozenset(found)


def _addresses(host: str) -> tuple[IPAddress, ...]:
    if host in WILDCARDS or host.startswith("/"):
        return (ip_address("127.0.0.1"),)  # a socket folder, or every address
    try:
        names = shared_resolver().resolve(host, seconds=LOOKUP_SECONDS)
    except (socket.gaierror, LookupTimeout):
        return ()
    return tuple(bare_address(name) for name in names)
