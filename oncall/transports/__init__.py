"""Reaching people: one file a channel."""

from oncall.transports.apprise import AppriseTransport
from oncall.transports.email import EmailTransport
from oncall.transports.pagerduty import PagerDutyTransport
from oncall.transports.protocol import Message, Receipt, Transport, TransportError
from oncall.transports.slack import SlackTransport
from oncall.transports.slack_app import SlackAppTransport
from oncall.transports.sms import SmsTransport
from oncall.transports.teams import TeamsTransport
from oncall.transports.webhook import WebhookTransport

TRANSPORTS: dict[str, Transport] = {
    "email": EmailTransport(),
    "slack": SlackTransport(),
    "slack_app": SlackAppTransport(),
    "webhook": WebhookTransport(),
    "sms": SmsTransport(),
    "pagerduty": PagerDutyTransport(),
    "teams": TeamsTransport(),
    "apprise": AppriseTransport(),
}

__all__ = ["TRANSPORTS", "Message", "Receipt", "Transport", "TransportError"]
