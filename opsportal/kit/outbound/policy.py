"""Where the portal may connect to. Pure: no socket, no setting, no clock.

A checker must reach private hosts, so "block private" is wrong; and a checker that
reaches every private host is a hole. Hence: public addresses, plus networks and
ports that an operator names, minus what nobody may ever name.
"""

import re
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from urllib.parse import urlsplit

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

ANY_PORT: tuple[range, ...] = (range(1, 65536),)

# Instance metadata and platform agents of the clouds: they hand out credentials.
# Some of them are public or unique-local by number, so no general rule finds them.
METADATA: tuple[IPNetwork, ...] = (
    IPv4Network("169.254.0.0/16"),
    IPv4Network("100.100.100.200/32"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fd00:ec2::/32"),
    IPv6Network("fd20:ce::/32"),
    IPv6Network("fe80::/10"),
)

NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
V4_COMPATIBLE = IPv6Network("::/96")

# Python 3.11 calls these global although nothing public answers there, or although
# the address only carries another one inside.
NOT_PUBLIC: tuple[IPNetwork, ...] = (
    IPv4Network("100.64.0.0/10"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    *NAT64,
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f\\]")
GLOBAL_V6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Denied:
    """Why an address or URL may not be used.

    ``code`` is one of bad_port, metadata, unusable, own_endpoint, not_allowed,
    port_not_allowed, bad_url, scheme; ``message`` is a sentence for a person.
    """

    code: str
    message: str


class EgressDenied(OSError):  # noqa: N818 -- reads as what happened
    """The policy forbids this connection. No packet has been sent."""

    def __init__(self, denied: Denied) -> None:
        super().__init__(denied.message)
        self.denied = denied


@dataclass(frozen=True, slots=True)
class Allowed:
    """A private network an operator opened, for some ports."""

    network: IPNetwork
    ports: tuple[range, ...] = ANY_PORT

    def covers(self, address: IPAddress, port: int) -> bool:
        """Whether this entry opens that address and port."""
        return (
            address.version == self.network.version
            and address in self.network
            and any(port in ports for ports in self.ports)
        )


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What may be reached: addresses, schemes, folders.

    ``forbidden_endpoints`` are our own database, broker and web server; when one
    of them is on this machine (loopback or ``own_addresses``), its port is
    forbidden on every address of this machine. ``ca_file`` is a PEM file of
    certificate authorities trusted besides the public ones.
    """

    allowed: tuple[Allowed, ...] = ()
    forbidden_endpoints: frozenset[tuple[IPAddress, int]] = frozenset()
    own_addresses: frozenset[IPAddress] = frozenset()
    public_ports: tuple[range, ...] = ANY_PORT
    max_redirects: int = 3
    schemes: tuple[str, ...] = ("http", "https")
    file_roots: tuple[Path, ...] = ()
    ca_file: str = ""

    def judge_address(self, ip: IPAddress | str, port: int) -> Denied | None:
        """Judge one resolved address; None means that it may be connected to.

        ``ip`` is what the resolver answered, never the text a person typed: the
        system reads ``2130706433`` and ``127.1`` as 127.0.0.1.
        """
        address = bare_address(ip)
        if not 0 < port < 65536:
            return Denied("bad_port", f"{port} is not a port.")
        for face in (address, *carried_addresses(address)):
            if denied := self._never(face, port):
                return denied
        if any(rule.covers(address, port) for rule in self.allowed):
            return None
        if not is_public(address):
            return Denied(
                "not_allowed",
                f"{address} port {port} is not public and not on the allow-list "
                "of private networks. An administrator can add it.",
            )
        if not any(port in ports for ports in self.public_ports):
            return Denied("port_not_allowed", f"Port {port} is not allowed.")
        return None

    def judge_url(self, url: str) -> Denied | None:
        """Judge the shape of a URL; its addresses are judged when connecting."""
        if _NOT_IN_URLS.search(url):
            return Denied("bad_url", "A URL has no spaces, breaks or backslashes.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return Denied("bad_url", "This is not a URL.")
        if parts.scheme not in self.schemes:
            return Denied("scheme", f"Use {' or '.join(self.schemes)}.")
        if not parts.hostname or port == 0:
            return Denied("bad_url", "The URL names no host, or port 0.")
        if parts.username is not None or parts.password is not None:
            return Denied("bad_url", "Put credentials into a secret, not the URL.")
        return None

    def _never(self, face: IPAddress, port: int) -> Denied | None:
        if any(face in net for net in METADATA if net.version == face.version):
            return Denied("metadata", f"{face} is link-local or cloud metadata.")
        # Linux connects 0.0.0.0 and :: to itself.
        if face.is_unspecified or face.is_multicast or int(face) == 0xFFFFFFFF:
            return Denied("unusable", f"{face} is not the address of one host.")
        if self._is_own_endpoint(face, port):
            return Denied("own_endpoint", "This is the portal's own server.")
        return None

    def _is_own_endpoint(self, face: IPAddress, port: int) -> bool:
        if (face, port) in self.forbidden_endpoints:
            return True
        return self._is_own(face) and any(
            port == taken and self._is_own(address)
            for address, taken in self.forbidden_endpoints
        )

    def _is_own(self, address: IPAddress) -> bool:
        return address.is_loopback or address in self.own_addresses


def bare_address(ip: IPAddress | str) -> IPAddress:
    """Drop a zone and unwrap ``::ffff:a.b.c.d``, which connects as IPv4."""
    address = ip_address(ip) if isinstance(ip, str) else ip
    if isinstance(address, IPv6Address):
        address = IPv6Address(int(address))
        return address.ipv4_mapped or address
    return address


def carried_addresses(address: IPAddress) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that a gateway would take out of an IPv6 address."""
    if isinstance(address, IPv4Address):
        return ()
    if any(address in network for network in NAT64):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in V4_COMPATIBLE and int(address) > 1:
        return (IPv4Address(int(address)),)
    return ()


def is_public(address: IPAddress) -> bool:
    """Whether the address is one of a host on the public internet."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address not in GLOBAL_V6:
        return False
    return not any(
        address in net for net in NOT_PUBLIC if net.version == address.version
    )


def parse_allow_list(text: str) -> tuple[Allowed, ...]:
    """Read ``10.0.0.0/8:443,9090;127.0.0.1/32:*;fd00::/8:8000-8100``.

    Raises ValueError with a sentence that names the wrong entry.
    """
    entries = [entry.strip() for entry in text.split(";")]
    return tuple(_parse_entry(entry) for entry in entries if entry)


def _parse_entry(entry: str) -> Allowed:
    network, colon, ports = entry.replace("[", "").replace("]", "").rpartition(":")
    if not colon or "/" not in network:
        raise ValueError(
            f"{entry!r} is not NETWORK/LENGTH:PORTS, such as 10.0.0.0/8:443,9090."
        )
    try:
        return Allowed(ip_network(network.strip()), parse_ports(ports))
    except ValueError as error:
        raise ValueError(f"{entry!r}: {error}") from None


def parse_ports(text: str) -> tuple[range, ...]:
    """Read ``*``, ``443,9090`` or ``8000-8100``; ValueError when it is neither."""
    if text.strip() == "*":
        return ANY_PORT
    return tuple(_parse_range(part) for part in text.split(","))


def _parse_range(text: str) -> range:
    first, _, last = text.strip().partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise ValueError(f"{text!r} is not a port.")
    low, high = int(first), int(last or first)
    if not 0 < low <= high < 65536:
        raise ValueError(f"{text!r} is not a port.")
    return range(low, high + 1)
