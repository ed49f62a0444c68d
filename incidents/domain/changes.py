"""What a sender told of a change: a deploy, a switch, a migration."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incidents.domain.payloads import pagerduty, reading

# The kind of its rows among the messages that came in.
CHANGE: Final = "change"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed and when; ``url`` tells more, "" for none."""

    summary: str
    at: datetime
    url: str = ""


def read_change_event(body: bytes, received_at: datetime) -> Change:
    """Read a kept change event; without a time of its own it is when it came."""
    event = reading.as_object(json.loads(body))
    signal = pagerduty.read_change(event)
    links = event.get("links")
    first = reading.as_object(links[0]) if isinstance(links, list) and links else {}
    url = reading.read_text(first.get("href"), 500)
    is_web = url.startswith(("https://", "http://"))
    return Change(
        signal.summary, signal.starts_at or received_at, url if is_web else ""
    )
