"""Secrets in what we send: bound to hosts, and taken out of what we tell.

A secret that an editor may name but not read must not follow a URL that the editor
may write: `{{secret:x}}` is filled in only for the hosts the secret belongs to.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

REFERENCE = re.compile(r"\{\{\s*secret:([A-Za-z0-9_.-]+)\s*\}\}")
HIDDEN = "[secret]"


@dataclass(frozen=True, slots=True)
class BoundSecret:
    """A secret in clear and the hosts it may be sent to.

    A host is a name or address, or ``*.example.com`` for everything below it.
    """

    value: str
    hosts: tuple[str, ...]

    def __repr__(self) -> str:
        """Keep the value out of tracebacks and logs."""
        return f"BoundSecret(hosts={self.hosts!r})"

    def belongs_to(self, host: str) -> bool:
        """Whether it may be sent to that host."""
        name = host.rstrip(".").lower()
        return any(_matches(name, bound.lower()) for bound in self.hosts)


class SecretRefused(Exception):  # noqa: N818 -- reads as what happened
    """A reference that cannot be filled in: unknown, or bound to other hosts."""


class SecretBook:
    """The secrets of one batch."""

    def __init__(self, secrets: Mapping[str, BoundSecret]) -> None:
        self._secrets = dict(secrets)
        values = {form for s in secrets.values() for form in _forms(s.value)}
        longest_first = sorted(values, key=len, reverse=True)
        self._pattern = (
            re.compile("|".join(map(re.escape, longest_first))) if values else None
        )

    def fill(self, text: str, *, host: str) -> str:
        """Put secrets in the place of their references.

        Raises SecretRefused, naming the secret and never its value.
        """
        if "{{" not in text:
            return text
        return REFERENCE.sub(lambda found: self._value(found[1], host), text)

    def redact(self, text: str) -> str:
        """Hide every secret, as it is and as URLs, JSON and Basic carry it."""
        if self._pattern is None or not text:
            return text
        return self._pattern.sub(HIDDEN, text)

    def redact_value(self, value: Any) -> Any:
        """Hide secrets in the texts of a JSON-like value."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {
                self.redact_value(key): self.redact_value(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.redact_value(item) for item in value]
        return value

    def _value(self, name: str, host: str) -> str:
        secret = self._secrets.get(name)
        if secret is None:
            raise SecretRefused(f"There is no secret named {name}.")
        if not secret.belongs_to(host):
            raise SecretRefused(f"The secret {name} is not bound to {host}.")
        return secret.value


def secret_names(texts: Iterable[str]) -> frozenset[str]:
    """The names of the secrets that texts refer to."""
    return frozenset(name for text in texts for name in REFERENCE.findall(text))


def _matches(name: str, bound: str) -> bool:
    if bound.startswith("*."):
        return name.endswith(bound[1:])
    return name == bound.rstrip(".")


def _forms(value: str) -> frozenset[str]:
    if not value:
        return frozenset()
    encoded = base64.b64encode(value.encode()).decode()
    return frozenset(
        {
            value,
            quote(value, safe=""),
            quote(value),
            quote_plus(value),
            json.dumps(value)[1:-1],
            encoded,
            encoded.rstrip("="),
        }
    )
