"""What every parser gives: one Signal an alert that the sender speaks of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Literal

Action = Literal["trigger", "acknowledge", "resolve", "change"]

LONGEST_KEY: Final = 255
LONGEST_SUMMARY: Final = 1024


class ParseError(ValueError):
    """A payload that says nothing we understand; ``field`` is where."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One alert of one message.

    ``severity`` is the sender's own word, "" when it has none. Times are aware
    UTC. ``episode_at`` identifies the episode for senders whose start time does:
    firing and its end carry the same or a later one, so order does not matter.
    ``expires_at`` is when it is over unless the sender repeats itself.
    """

    action: Action
    dedup_key: str
    summary: str = ""
    severity: str = ""
    description: str = ""
    metric: str = ""
    value: str = ""
    threshold: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""
    starts_at: datetime | None = None
    episode_at: datetime | None = None
    expires_at: datetime | None = None


_NAMES: Final = tuple(each.name for each in fields(Signal))
_MOMENTS: Final = ("starts_at", "episode_at", "expires_at")


def pack_signals(signals: Iterable[Signal]) -> str:
    """Return signals as text that a row can keep; what is empty takes no room."""
    return json.dumps([_pack(signal) for signal in signals], separators=(",", ":"))


def unpack_signals(text: str) -> list[Signal]:
    """Return the signals that were packed."""
    return [_unpack(kept) for kept in json.loads(text)]


def _pack(signal: Signal) -> dict[str, Any]:
    given = ((name, getattr(signal, name)) for name in _NAMES)
    kept = {name: value for name, value in given if value}
    for name in kept.keys() & _MOMENTS:
        kept[name] = kept[name].isoformat()
    if signal.labels:
        kept["labels"] = dict(signal.labels)
    return kept


def _unpack(kept: dict[str, Any]) -> Signal:
    for name in kept.keys() & _MOMENTS:
        kept[name] = datetime.fromisoformat(kept[name])
    return Signal(**{"dedup_key": "", **kept})
