"""webhook: JSON to a URL, signed as Standard Webhooks describes."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt, TransportError
from opsportal.kit.outbound import policy_from_settings

PREFIX = "whsec_"
LEAST_KEY_BYTES = 24
MOST_KEY_CHARACTERS = 256

Keys = Callable[[str], Sequence[str]]


def endpoint_keys(address: str) -> tuple[str, ...]:
    """The signing keys of one endpoint, newest first, to show to its owner.

    They are derived from SECRET_KEY and its fallbacks: each endpoint has its own,
    none is stored, and changing SECRET_KEY rotates them with both valid meanwhile.
    """
    roots = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(derive_key(root, address) for root in roots)


def derive_key(root: str, address: str) -> str:
    """The ``whsec_`` key of an address under one root secret."""
    made = hmac.digest(root.encode(), b"webhook:" + address.encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(made).decode()


@dataclass(frozen=True, slots=True)
class WebhookTransport:
    """The address is the URL."""

    policy: Policy = policy_from_settings
    keys: Keys = endpoint_keys
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Post; ``webhook-id`` is the key, so it stays the same on a repetition.

        Raises TransportError.
        """
        now = self.clock()
        body = build_body(message, key=key)
        name = safe_id(key)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": sign(self.keys(address), name, now, body),
        }
        answer = deliver(
            address, policy=self.policy(), now=now, body=body, headers=headers
        )
        return Receipt(provider_id=name, detail=f"The server took it: {answer.status}.")


def build_body(message: Message, *, key: str) -> bytes:
    """The JSON that is sent; ``events`` are the blocks that programs read."""
    told: dict[str, Any] = {
        "id": key,
        "type": "page" if message.urgency == "high" else "notice",
        "about": message.reference,
        "subject": message.subject,
        "text": message.text,
        "url": message.url,
    }
    if events := [block for block in message.blocks or () if block.get("event")]:
        told["events"] = events
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def safe_id(key: str) -> str:
    """The key as a header may hold it: long or unusual ones by their hash."""
    is_plain = key.isascii() and key.isprintable() and "." not in key and " " not in key
    if is_plain and 0 < len(key) <= MOST_KEY_CHARACTERS:
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def sign(keys: Sequence[str], name: str, now: datetime, body: bytes) -> str:
    """One ``v1,...`` for each key, with spaces between.

    Raises TransportError when there is no key, or one of them is no key.
    """
    content = f"{name}.{int(now.timestamp())}.".encode() + body
    made = [
        base64.b64encode(hmac.digest(_bytes_of(key), content, hashlib.sha256)).decode()
        for key in keys
    ]
    if not made:
        raise _bad_key()
    return " ".join(f"v1,{signature}" for signature in made)


def _bytes_of(key: str) -> bytes:
    try:
        secret = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise _bad_key() from None
    if len(secret) < LEAST_KEY_BYTES:
        raise _bad_key()
    return secret


def _bad_key() -> TransportError:
    return TransportError(
        "bad_key",
        f"The signing key must be {PREFIX} and at least {LEAST_KEY_BYTES} bytes.",
        permanent=True,
    )
