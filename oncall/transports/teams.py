"""teams: an Adaptive Card to a Microsoft Teams workflow or incoming webhook."""

import re
from dataclasses import dataclass
from typing import Any

from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt, TransportError
from opsportal.kit.outbound import policy_from_settings

# Teams takes 28 KB; a character may need several bytes.
MOST_HEADER, MOST_TEXT = 250, 4_000
# Old connectors answer 200 and tell the failure in the body.
_FAILED = re.compile(r"HTTP error (\d{3})")
_ADAPTIVE = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True)
class TeamsTransport:
    """The address is the URL of the workflow; whoever knows it can post."""

    policy: Policy = policy_from_settings
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Post; raises TransportError. Teams knows no repetition."""
        answer = deliver(
            address, policy=self.policy(), now=self.clock(), json=build_payload(message)
        )
        if failed := _FAILED.search(answer.text):
            status = int(failed[1])
            raise TransportError(
                "rate_limited" if status == 429 else "teams_refused",
                f"Teams answered {status}.",
                permanent=400 <= status < 500 and status != 429,
            )
        return Receipt(provider_id=key, detail=f"Teams took it: {answer.status}.")


def build_payload(message: Message) -> dict[str, Any]:
    """A message with one card."""
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": _ADAPTIVE,
                "contentUrl": None,
                "content": build_card(message),
            }
        ],
    }


def build_card(message: Message) -> dict[str, Any]:
    """The card: subject, text, and a button when there is somewhere to go."""
    body = [_block(message.subject[:MOST_HEADER], weight="Bolder", size="Medium")]
    if message.text:
        body.append(_block(message.text[:MOST_TEXT]))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if message.url:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open", "url": message.url}
        ]
    return card


def _block(text: str, **look: str) -> dict[str, Any]:
    # A TextBlock would read Markdown: others could hide links in what they wrote.
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": text, **look}],
    }
