"""Any JSON: fields by their usual names, or where a mapping says they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import LONGEST_SUMMARY, Action, ParseError, Signal

# Our field -> the names under which senders have it, the first one found counts.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "summary": ("summary", "title", "message", "text"),
    "status": ("status", "state", "event_action"),
    "severity": ("severity", "level", "priority"),
    "dedup_key": ("dedup_key", "external_id", "fingerprint"),
    "description": ("description", "body", "details"),
    "metric": ("metric",),
    "value": ("value",),
    "threshold": ("threshold",),
    "source": ("source",),
    "labels": ("labels", "tags"),
    "url": ("url", "link"),
    "timestamp": ("timestamp", "starts_at"),
}
_STATUSES: Final[dict[str, Action]] = {
    **dict.fromkeys(
        ("", "firing", "trigger", "triggered", "alerting", "open", "alarm"), "trigger"
    ),
    **dict.fromkeys(("acknowledge", "acknowledged", "ack"), "acknowledge"),
    **dict.fromkeys(("resolve", "resolved", "ok", "closed", "recovered"), "resolve"),
}


def read_webhook(body: bytes, mapping: Mapping[str, str], now: datetime) -> Signal:
    """Return the one signal of a message.

    ``mapping`` is our field -> a path such as "data.items.0.title". Raises
    ParseError, naming our field.
    """
    message = reading.load_object(body)
    return make_signal({name: _find(message, name, mapping) for name in NAMES}, now)


def make_signal(found: Mapping[str, Any], now: datetime) -> Signal:
    """Return what a message says; ``found`` is each of ``NAMES`` -> what stands there.

    Raises ParseError, naming our field.
    """
    word = reading.read_text(found["status"], 32).strip().casefold()
    if word not in _STATUSES:
        raise ParseError("status", "A status is firing, acknowledged or resolved.")
    action = _STATUSES[word]
    summary = reading.read_text(found["summary"], LONGEST_SUMMARY).strip()
    key = reading.read_key(found["dedup_key"])
    if not summary and action == "trigger":
        raise ParseError("summary", "Say in a few words what is wrong.")
    if not key and not summary:
        raise ParseError("dedup_key", "What is over? A dedup_key is missing.")
    labels = reading.read_labels(found["labels"])
    if source := reading.read_text(found["source"], 255):
        labels = {"source": source} | labels
    starts_at = reading.read_moment(found["timestamp"])
    return Signal(
        action=action,
        dedup_key=key or reading.hash_labels(labels | {"summary": summary}),
        summary=summary,
        severity=reading.read_text(found["severity"], 32),
        description=reading.read_text(found["description"]),
        metric=reading.read_text(found["metric"], 120),
        value=reading.read_text(found["value"], 64),
        threshold=reading.read_text(found["threshold"], 64),
        labels=labels,
        source_url=reading.read_text(found["url"], 500),
        starts_at=min(starts_at, now) if starts_at else None,
    )


def find_mapping_errors(mapping: Any) -> list[str]:
    """Say what is wrong with a mapping, in sentences; empty when nothing is."""
    if not isinstance(mapping, dict):
        return ["A mapping is an object of field and path."]
    unknown = [name for name in mapping if name not in NAMES]
    errors = [f"{name} is no field; choose of {', '.join(NAMES)}." for name in unknown]
    return errors + [
        f"The path of {name} is a text such as data.title."
        for name, path in mapping.items()
        if not isinstance(path, str) or not path.strip()
    ]


def follow(value: Any, path: str) -> Any:
    """Return what is at a path such as "data.items.0.title", None for nothing."""
    for step in path.split("."):
        if isinstance(value, list) and step.isascii() and step.isdigit():
            value = value[int(step[:9])] if int(step[:9]) < len(value) else None
        else:
            value = reading.as_object(value).get(step)
    return value


def _find(message: dict[str, Any], name: str, mapping: Mapping[str, str]) -> Any:
    if name in mapping:
        return follow(message, mapping[name])
    said = (message.get(each) for each in NAMES[name])
    return next((value for value in said if value not in (None, "")), None)
