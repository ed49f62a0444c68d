"""pagerduty: an event of the Events API v2."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt
from opsportal.kit.outbound import policy_from_settings

MOST_SUMMARY, MOST_DETAIL, MOST_KEY = 1_024, 10_000, 255


def url_from_settings() -> str:
    """Where events go; the European service has another address."""
    url: str = settings.PAGERDUTY_EVENTS_URL
    return url


@dataclass(frozen=True, slots=True)
class PagerDutyTransport:
    """The address is the routing key of an integration."""

    url: Callable[[], str] = url_from_settings
    policy: Policy = policy_from_settings
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Trigger; with ``key`` as the dedup key, a repetition joins the first.

        Raises TransportError.
        """
        answer = deliver(
            self.url(),
            policy=self.policy(),
            now=self.clock(),
            json=build_event(message, address, key=key),
        )
        return Receipt(
            provider_id=key[:MOST_KEY], detail=f"PagerDuty took it: {answer.status}."
        )


def build_event(message: Message, routing_key: str, *, key: str) -> dict[str, Any]:
    """The body of an event."""
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": key[:MOST_KEY],
        "client": "opsportal",
        "payload": {
            "summary": message.subject[:MOST_SUMMARY],
            "source": "opsportal",
            "severity": "critical" if message.urgency == "high" else "info",
            "custom_details": {
                "text": message.text[:MOST_DETAIL],
                "about": message.reference,
            },
        },
    }
    if message.url:
        event["client_url"] = message.url
        event["links"] = [{"href": message.url, "text": "Open in opsportal"}]
    return event
