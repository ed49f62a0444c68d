"""The hash chain over the events of a run: any later edit breaks it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

GENESIS = "0" * 64
_PREFIX = b"opsportal.run-event.1\n"


@dataclass(frozen=True, slots=True)
class Link:
    """A stored event with the hash before it and its own (64 hex digits)."""

    event: Mapping[str, object]
    prev_hash: str
    hash: str


def canonical(event: Mapping[str, object]) -> bytes:
    """The one way to write an event as bytes.

    Keys are sorted; moments, dates, lengths, decimals, ids and bytes carry their
    type, so that no two events share their bytes. Raises ValueError for what has
    no place in an event, such as NaN or a moment without a zone.
    """
    plain = _plain(event)
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")


def link(prev_hash: str, event: Mapping[str, object]) -> str:
    """The hash of an event that follows ``prev_hash`` (GENESIS for the first)."""
    if len(prev_hash) != 64:
        raise ValueError("A hash has 64 hex digits.")
    body = _PREFIX + prev_hash.encode("ascii") + b"\n" + canonical(event)
    return hashlib.sha256(body).hexdigest()


def verify(links: Iterable[Link], *, head: str | None = None) -> int | None:
    """The index of the first event that does not fit, None when all do.

    ``head``, when it is known from elsewhere, is the hash that the last event
    must have; without it a chain that lost its end looks whole. A wrong head is
    reported as one past the last event.
    """
    expected = GENESIS
    count = 0
    for index, stored in enumerate(links):
        if stored.prev_hash != expected or link(expected, stored.event) != stored.hash:
            return index
        expected = stored.hash
        count = index + 1
    return None if head is None or head == expected else count


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return _finite(value)
    return _tag(value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"An event cannot have the key {key!r}.")  # noqa: TRY004
    # One more dollar keeps a user's key apart from our type marks.
    return f"${key}" if key.startswith("$") else key


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("An event cannot hold a number that is not finite.")
    return value


def _tag(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$at": _moment(value)}
    if isinstance(value, date | time):
        return {"$on" if isinstance(value, date) else "$time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$length": str(value // timedelta(microseconds=1))}
    if isinstance(value, Decimal) and value.is_finite():
        return {"$decimal": format(value.normalize(), "f")}
    if isinstance(value, UUID):
        return {"$uuid": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    raise ValueError(f"An event cannot hold {value!r}.")


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("An event needs moments with a zone.")
    return value.astimezone(UTC).isoformat(timespec="microseconds")
