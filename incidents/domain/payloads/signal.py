"""What every parser gives: one Signal an alert that the sender speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

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
