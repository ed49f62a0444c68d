"""A message at a door, before anybody looks at what it says."""

from dataclasses import dataclass

# PagerDuty's limit, which Alertmanager keeps to.
MOST_BODY = 512 * 1024
LONGEST_REASON = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message at a door. ``external_id`` is the sender's, for replays.

    ``body`` is kept; no key may be in it.
    """

    kind: str
    body: bytes
    external_id: str = ""
    note: str = ""
