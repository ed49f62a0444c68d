"""What Slack says when somebody presses a button: whether it is Slack, and what."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

OLDEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Click:
    """One press of a button; ``message`` is "channel:ts", as its receipt was."""

    workspace: str
    person: str
    message: str
    act: str
    topic: str
    answer_url: str


def is_genuine(
    secrets: Sequence[str], sent_at: str, signature: str, body: bytes, now: datetime
) -> bool:
    """Say whether one of the signing secrets signed this within five minutes.

    ``sent_at`` is the header of seconds since 1970, ``signature`` the "v0=..." one.
    """
    if not sent_at.isascii() or not sent_at.isdigit() or len(sent_at) > 11:
        return False
    if abs(now - datetime.fromtimestamp(int(sent_at), UTC)) > OLDEST:
        return False
    content = f"v0:{sent_at}:".encode() + body
    given = signature.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(
            given,
            b"v0="
            + hmac.new(key.encode(), content, hashlib.sha256).hexdigest().encode(),
        )
        for key in secrets
    )


def read_click(payload: Any) -> Click | None:
    """Read what Slack posts; None for anything but a press of one of our buttons."""
    try:
        (action,) = payload["actions"]
        click = Click(
            workspace=payload["team"]["id"],
            person=payload["user"]["id"],
            message=f"{payload['channel']['id']}:{payload['message']['ts']}",
            act=action["action_id"],
            topic=action["value"],
            answer_url=payload.get("response_url", ""),
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    words = (click.workspace, click.person, click.act, click.topic, click.answer_url)
    is_ours = isinstance(payload, Mapping) and payload.get("type") == "block_actions"
    return click if is_ours and all(isinstance(word, str) for word in words) else None
