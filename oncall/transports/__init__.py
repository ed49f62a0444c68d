"""Reaching people: one file a channel."""

from oncall.transports.email import EmailTransport
from oncall.transports.protocol import Message, Receipt, Transport, TransportError
from oncall.transports.slack import SlackTransport
from oncall.transports.webhook import WebhookTransport

TRANSPORTS: dict[str, Transport] = {
    "email": EmailTransport(),
    "slack": SlackTransport(),
    "webhook": WebhookTransport(),
}

__all__ = ["TRANSPORTS", "Message", "Receipt", "Transport", "TransportError"]
