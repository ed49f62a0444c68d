"""Grafana: the webhook of its alerting, signed or not, and the older one."""

import hashlib
import hmac
from typing import Final

from incidents.domain.payloads import alertmanager, reading
from incidents.domain.payloads.signal import LONGEST_SUMMARY, ParseError, Signal

_OVER: Final = frozenset({"ok", "paused"})
_STATES: Final = frozenset({"alerting", "no_data", "pending", "ok", "paused"})


def read_webhook(body: bytes) -> list[Signal]:
    """Return the signals of a webhook of either age. Raises ParseError."""
    message = reading.load_object(body)
    if "alerts" in message or "ruleId" not in message:
        return alertmanager.read_webhook(body)
    state = message.get("state")
    if state not in _STATES:
        raise ParseError(
            "state", "A state is alerting, ok, no_data, pending or paused."
        )
    matches = [
        reading.as_object(m) for m in reading.as_list(message.get("evalMatches"))
    ]
    first = matches[0] if matches else {}
    title = reading.read_text(message.get("ruleName") or message.get("title"))
    return [
        Signal(
            action="resolve" if state in _OVER else "trigger",
            dedup_key=reading.read_key(f"rule:{reading.read_text(message['ruleId'])}"),
            summary=(title or "Grafana alert")[:LONGEST_SUMMARY],
            description=reading.read_text(message.get("message")),
            metric=reading.read_text(first.get("metric"), 120),
            value=reading.read_text(first.get("value"), 64),
            labels=reading.read_labels(message.get("tags")),
            source_url=reading.read_text(message.get("ruleUrl"), 500),
        )
    ]


def is_signed(body: bytes, *, secret: str, signature: str, sent_at: str) -> bool:
    """Say whether the HMAC-SHA256 in hex fits; ``sent_at`` is "" or Unix seconds."""
    signed = f"{sent_at}:".encode() + body if sent_at else body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(
        expected.encode(), signature.encode("utf-8", "replace")
    )
