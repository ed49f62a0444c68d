"""What people say to the Slack app: a slash command, or a mention of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """Words to the app; ``key`` names the saying, so that its replay is none."""

    workspace: str
    person: str
    channel: str
    text: str
    key: str


def read_slash(form: Mapping[str, str]) -> Said | None:
    """Read the form of a slash command, such as "/incident DECLARE P1 - x"."""
    said = Said(
        workspace=form.get("team_id", ""),
        person=form.get("user_id", ""),
        channel=form.get("channel_id", ""),
        text=form.get("text", ""),
        key=form.get("trigger_id", ""),
    )
    return said if said.person and said.channel and said.key else None


def read_mention(event: Any) -> Said | None:
    """Read a callback of the Events API; None for anything but a mention by a person."""
    if not isinstance(event, Mapping) or event.get("type") != "event_callback":
        return None
    inner = event.get("event")
    if not isinstance(inner, Mapping) or inner.get("type") != "app_mention":
        return None
    words = (
        event.get("team_id"),
        inner.get("user"),
        inner.get("channel"),
        inner.get("text"),
        event.get("event_id"),
    )
    if "bot_id" in inner or not all(isinstance(each, str) and each for each in words):
        return None
    return Said(*(str(each) for each in words))


def read_challenge(event: Any) -> str | None:
    """Return what Slack wants to hear again when an address is entered; else None."""
    if not isinstance(event, Mapping) or event.get("type") != "url_verification":
        return None
    challenge = event.get("challenge")
    return challenge if isinstance(challenge, str) else None
