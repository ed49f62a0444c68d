"""slack: an incoming webhook, with Block Kit."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt, TransportError
from opsportal.kit.outbound import policy_from_settings

MOST_HEADER, MOST_SECTION, MOST_TEXT, MOST_BLOCKS = 150, 2_900, 3_500, 50
MOST_URL = 3_000
# Answers that stay the same however often one asks.
LASTING = frozenset(
    {
        "invalid_payload", "invalid_blocks", "no_text", "no_service", "no_team",
        "team_disabled", "invalid_token", "user_not_found", "channel_not_found",
        "channel_is_archived", "action_prohibited",
        "posting_to_general_channel_denied", "no_active_hooks",
    }
)  # fmt: skip

# <!channel>, <!here>, <!subteam^...>, <@U...>: they wake people up.
_CALL = re.compile(r"<([!@][^<>]*)>")


@dataclass(frozen=True, slots=True)
class SlackTransport:
    """The address is the URL of the webhook; whoever knows it can post."""

    policy: Policy = policy_from_settings
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Post; Slack says ``ok`` or why not. Raises TransportError.

        Webhooks have no way to recognise a repetition, so ``key`` is only returned.
        """
        answer = deliver(
            address, policy=self.policy(), now=self.clock(), json=build_payload(message)
        )
        told = answer.text.strip()
        problem = _problem(told)
        if problem:
            raise TransportError(
                "slack_refused",
                f"Slack answered {problem}.",
                permanent=problem in LASTING,
            )
        return Receipt(provider_id=key, detail="Slack took it.")


def _problem(told: str) -> str:
    """The word Slack refused with; empty when it did not."""
    if told == "ok":
        return ""
    try:
        document = json.loads(told)
        if document["ok"] is True:
            return ""
        word = str(document.get("error", ""))
    except (ValueError, LookupError, TypeError, AttributeError):
        word = told
    return word if re.fullmatch(r"[a-z_]{1,60}", word) else "something else"


def build_payload(message: Message) -> dict[str, Any]:
    """The body for a webhook: blocks, and text for notifications."""
    blocks = message.blocks if message.blocks is not None else build_blocks(message)
    return {
        "text": escape_text(_cut(f"{message.subject}\n{message.text}", MOST_TEXT)),
        "blocks": [disarm(block) for block in blocks[:MOST_BLOCKS]],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def build_blocks(message: Message) -> Sequence[Mapping[str, Any]]:
    """A header, a section, and a button when there is somewhere to go."""
    blocks: list[Mapping[str, Any]] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _cut(message.subject, MOST_HEADER)},
        }
    ]
    if message.text:
        text = _cut(escape_text(message.text), MOST_SECTION)
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    if message.url and len(message.url) <= MOST_URL:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Open"},
            "url": message.url,
        }
        blocks.append({"type": "actions", "elements": [button]})
    return blocks


def escape_text(text: str) -> str:
    """Make text mean itself: no mentions, no hidden links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def disarm(value: Any) -> Any:
    """Take mentions out of ready-made blocks and leave their links alone."""
    if isinstance(value, str):
        return _CALL.sub(r"&lt;\1&gt;", value)
    if isinstance(value, Mapping):
        return {key: disarm(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [disarm(item) for item in value]
    return value


def _cut(text: str, most: int) -> str:
    """At most ``most`` characters, never half an escape at the end."""
    if len(text) <= most:
        return text
    return re.sub(r"&[a-z]{0,3}$", "", text[: most - 1]) + "…"
