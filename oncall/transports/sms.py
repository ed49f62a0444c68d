"""sms: a short text through the HTTP gateway that the operator configured."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt, TransportError
from opsportal.kit.outbound import policy_from_settings

# Two parts of a concatenated text; more are charged and come out of order.
MOST_TEXT = 306
METHODS = frozenset({"GET", "POST", "PUT"})
FORMATS = frozenset({"json", "form"})


@dataclass(frozen=True, slots=True)
class Gateway:
    """How the operator's gateway is asked; ``{to}`` and ``{text}`` are filled in.

    ``headers`` hold its secret. ``format`` says how ``body`` travels: json or form.
    """

    url: str
    method: str = "POST"
    format: str = "json"
    body: Any = field(default_factory=lambda: {"to": "{to}", "text": "{text}"})
    headers: Mapping[str, str] = field(default_factory=dict)


def gateway_from_settings() -> Gateway:
    """Return the configured gateway; raises TransportError when there is none."""
    if not settings.SMS_URL:
        raise TransportError(
            "no_gateway", "No SMS gateway is configured.", permanent=True
        )
    if settings.SMS_METHOD not in METHODS or settings.SMS_FORMAT not in FORMATS:
        raise TransportError(
            "bad_gateway", "The SMS gateway is configured wrongly.", permanent=True
        )
    return Gateway(
        url=settings.SMS_URL,
        method=settings.SMS_METHOD,
        format=settings.SMS_FORMAT,
        body=settings.SMS_BODY,
        headers=settings.SMS_HEADERS,
    )


@dataclass(frozen=True, slots=True)
class SmsTransport:
    """The address is a number with its country code, like +48123456789."""

    gateway: Callable[[], Gateway] = gateway_from_settings
    policy: Policy = policy_from_settings
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Hand over to the gateway; raises TransportError.

        Gateways differ in how they know a repetition: the text carries the number of
        the alert, so that a person knows it.
        """
        gateway = self.gateway()
        values = {"to": address, "text": write_text(message)}
        answer = deliver(
            fill_url(gateway.url, values),
            policy=self.policy(),
            now=self.clock(),
            method=gateway.method,
            **_content(gateway, values),
        )
        return Receipt(
            provider_id=key, detail=f"The SMS gateway took it: {answer.status}."
        )


def write_text(message: Message) -> str:
    """At most 306 characters: what it is about, the subject, and the link whole."""
    told = " ".join(message.subject.split())
    if message.reference and message.reference not in told:
        told = f"{message.reference}: {told}"
    if not message.url and message.text:
        told = f"{told} {' '.join(message.text.split())}"
    link = f" {message.url}" if message.url else ""
    room = MOST_TEXT - len(link)
    if room < MOST_TEXT // 3:
        link, room = "", MOST_TEXT
    return (told if len(told) <= room else f"{told[: room - 1]}…") + link


def fill_url(template: str, values: Mapping[str, str]) -> str:
    """Put the values into the URL, quoted so that they stay values."""
    filled = template
    for name, value in values.items():
        filled = filled.replace("{" + name + "}", quote(value, safe=""))
    return filled


def fill_body(template: Any, values: Mapping[str, str]) -> Any:
    """Put the values into every text of a JSON document."""
    if isinstance(template, str):
        # In one pass: a text that says "{to}" means itself.
        parts = template.split("{text}")
        return values["text"].join(part.replace("{to}", values["to"]) for part in parts)
    if isinstance(template, Mapping):
        return {name: fill_body(each, values) for name, each in template.items()}
    if isinstance(template, list):
        return [fill_body(each, values) for each in template]
    return template


def _content(gateway: Gateway, values: Mapping[str, str]) -> dict[str, Any]:
    headers = dict(gateway.headers)
    if gateway.method == "GET":
        return {"headers": headers}
    filled = fill_body(gateway.body, values)
    if gateway.format == "form":
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return {"headers": headers, "body": urlencode(filled).encode()}
    headers.setdefault("Content-Type", "application/json")
    return {"headers": headers, "body": json.dumps(filled).encode()}
