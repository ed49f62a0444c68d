"""Checking what a person wrote into a check, before anything looks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from checklists.probes.protocol import Spec, SpecError
from opsportal.kit.outbound import EgressPolicy

Rule = Callable[[Any], str | None]

_SHAPE = EgressPolicy()  # the shape of a URL is the same under every policy
_HOST = re.compile(r"[^\s/\\@#?%\[\]\x00-\x20\x7f]{1,253}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
# These decide where a request goes, or how it is framed: not an editor's to set.
_OWN_HEADERS = frozenset(
    {
        "host", "content-length", "transfer-encoding", "connection", "upgrade",
        "proxy-authorization", "te", "trailer", "expect", "accept-encoding",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a spec and the rule it obeys."""

    rule: Rule
    is_required: bool = False


def check_keys(spec: Spec, keys: Mapping[str, Key]) -> list[SpecError]:
    """Missing, unknown and wrong entries of a spec."""
    found = [
        SpecError(name, "There is no such entry for this kind of check.")
        for name in spec
        if name not in keys
    ]
    for name, key in keys.items():
        if spec.get(name) in (None, ""):
            if key.is_required:
                found.append(SpecError(name, "This is needed."))
        elif message := key.rule(spec[name]):
            found.append(SpecError(name, message))
    return found


def is_text(value: Any) -> str | None:
    """A text of at most 10,000 characters."""
    if isinstance(value, str) and len(value) <= 10_000:
        return None
    return "This must be a text of at most 10,000 characters."


def is_truth(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "This must be true or false."


def is_url(value: Any) -> str | None:
    """An http or https URL without credentials."""
    if not isinstance(value, str):
        return "This must be a URL."
    # References are shaped unlike a URL; what they stand for is judged again.
    denied = _SHAPE.judge_url(re.sub(r"\{\{\s*secret:[\w.-]+\s*\}\}", "x", value))
    return denied.message if denied else None


def is_host(value: Any) -> str | None:
    """A host name or address without scheme, port or path."""
    if isinstance(value, str) and _HOST.fullmatch(value):
        return None
    return "This must be a host name or an address, without scheme and port."


def is_address(value: Any) -> str | None:
    """An IPv4 or IPv6 address in its usual form."""
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return "This must be an address such as 10.0.0.53."
    return None


def is_port(value: Any) -> str | None:
    """A number from 1 to 65535."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return None if is_number and 0 < value < 65536 else "This must be a port."


def is_headers(value: Any) -> str | None:
    """A mapping of header names to texts without line breaks."""
    if not isinstance(value, Mapping):
        return "This must be a mapping of header names to texts."
    for name, text in value.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            return "A header has a name that cannot be one."
        if name.lower() in _OWN_HEADERS:
            return f"The header {name} is set by the portal."
        if not isinstance(text, str) or re.search(r"[\r\n\x00]", text):
            return f"The header {name} must be one line of text."
    return None


def one_of(*choices: str) -> Rule:
    """One of some words."""

    def rule(value: Any) -> str | None:
        return None if value in choices else f"Use one of {', '.join(choices)}."

    return rule


def between(low: int, high: int) -> Rule:
    """A whole number from ``low`` to ``high``."""

    def rule(value: Any) -> str | None:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and low <= value <= high:
            return None
        return f"This must be a number from {low} to {high}."

    return rule


def split_host_port(text: str, port: int) -> tuple[str, int]:
    """Read ``host``, ``host:port``, ``[v6]:port`` or a bare IPv6 address.

    Raises ValueError when the port is not a number.
    """
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, int(rest[1:]) if rest else port
    if text.count(":") == 1:
        host, _, number = text.partition(":")
        return host, int(number)
    return text, port
