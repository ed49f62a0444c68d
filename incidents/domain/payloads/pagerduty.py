"""PagerDuty: Events API v2, change events, and the older create_event.json."""

from dataclasses import dataclass
from typing import Any, Final

from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import (
    LONGEST_KEY,
    LONGEST_SUMMARY,
    Action,
    Signal,
)

KEY_LENGTH: Final = 32
UNRECOGNIZED: Final = "Event object format is unrecognized"
_ACTIONS: Final[dict[str, Action]] = {
    "trigger": "trigger",
    "acknowledge": "acknowledge",
    "resolve": "resolve",
}
_SEVERITIES: Final = frozenset({"critical", "error", "warning", "info"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an event says before its key is known; ``errors`` in PagerDuty's words."""

    routing_key: str
    event: dict[str, Any]
    errors: tuple[str, ...] = ()


def open_event(
    body: bytes, *, header_key: str = "", is_change: bool = False
) -> Envelope:
    """Read an event of v2 and say what is wrong with it.

    ``header_key`` is what older clients send as X-Routing-Key. Raises ParseError
    for what is no JSON object.
    """
    event = reading.load_object(body)
    key = reading.read_text(event.get("routing_key")) or header_key
    errors = [] if len(key) == KEY_LENGTH else [_say_key_length("routing_key")]
    if "routing_key" not in event and not header_key:
        errors = ["'routing_key' is missing or blank"]
    errors += _find_change_errors(event) if is_change else _find_errors(event)
    return Envelope(key, event, tuple(errors))


def read_event(event: dict[str, Any], *, fresh_key: str) -> Signal:
    """Return the signal of an event without errors; a trigger may lack a key."""
    payload = reading.as_object(event.get("payload"))
    details = payload.get("custom_details")
    labels = reading.read_labels(details) | _read_parts(payload)
    links = _read_links(event)
    source_url = reading.read_text(event.get("client_url"), 500) or next(
        iter(links), ""
    )
    words = "" if isinstance(details, dict) else reading.read_text(details)
    more = [
        f"{text}: {url}" if text else url
        for url, text in links.items()
        if url != source_url
    ]
    return Signal(
        action=_ACTIONS[event["event_action"]],
        dedup_key=reading.read_key(event.get("dedup_key")) or fresh_key,
        summary=reading.read_text(payload.get("summary"), LONGEST_SUMMARY),
        severity=reading.read_text(payload.get("severity"), 32),
        description="\n".join(filter(None, (words, *more)))[: reading.LONGEST_TEXT],
        metric=labels.get("class", ""),
        labels=labels,
        source_url=source_url,
        starts_at=reading.read_moment(payload.get("timestamp")),
    )


def _read_links(event: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of an event's links and images with their texts."""
    found = {}
    for name, place, text in (("links", "href", "text"), ("images", "src", "alt")):
        for each in map(reading.as_object, reading.as_list(event.get(name))[:20]):
            if url := reading.read_text(each.get(place), 500):
                found[url] = reading.read_text(each.get(text), 200)
    return found


def read_change(event: dict[str, Any]) -> Signal:
    """Return the signal of a change event: something was deployed or altered."""
    payload = reading.as_object(event.get("payload"))
    return Signal(
        action="change",
        dedup_key="",
        summary=reading.read_text(payload.get("summary"), LONGEST_SUMMARY),
        labels=reading.read_labels(payload.get("custom_details")),
        starts_at=reading.read_moment(payload.get("timestamp")),
    )


def open_legacy(body: bytes) -> Envelope:
    """Read an event of the Events API v1. Raises ParseError for no JSON object."""
    event = reading.load_object(body)
    key = reading.read_text(event.get("service_key"))
    errors = [] if len(key) == KEY_LENGTH else [_say_key_length("service_key")]
    kind = event.get("event_type")
    if not isinstance(kind, str) or kind not in _ACTIONS:
        errors.append("Event type must be trigger, acknowledge or resolve")
    elif kind == "trigger" and not _has_text(event, "description"):
        errors.append("Description is missing or blank")
    elif kind != "trigger" and not _has_text(event, "incident_key"):
        errors.append("Incident key is missing or blank")
    return Envelope(key, event, tuple(errors))


def read_legacy(event: dict[str, Any], *, fresh_key: str) -> Signal:
    """Return the signal of an event of v1 without errors."""
    details = event.get("details")
    return Signal(
        action=_ACTIONS[event["event_type"]],
        dedup_key=reading.read_key(event.get("incident_key")) or fresh_key,
        summary=reading.read_text(event.get("description"), LONGEST_SUMMARY),
        description="" if isinstance(details, dict) else reading.read_text(details),
        labels=reading.read_labels(details),
        source_url=reading.read_text(event.get("client_url"), 500),
    )


def _find_errors(event: dict[str, Any]) -> list[str]:
    action = event.get("event_action")
    if not isinstance(action, str) or action not in _ACTIONS:
        return ["'event_action' is invalid (must be trigger, acknowledge or resolve)"]
    key = event.get("dedup_key")
    if isinstance(key, str) and len(key) > LONGEST_KEY:
        return [f"'dedup_key' is too long (maximum is {LONGEST_KEY} characters)"]
    if action != "trigger":
        found = _has_text(event, "dedup_key")
        return [] if found else ["'dedup_key' is missing or blank"]
    payload = event.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    errors = [
        f"'payload.{name}' is missing or blank"
        for name in ("summary", "source", "severity")
        if not _has_text(payload, name)
    ]
    severity = payload.get("severity")
    if _has_text(payload, "severity") and severity not in _SEVERITIES:
        errors.append("'payload.severity' is invalid (must be one of the following: ")
        errors[-1] += "'critical', 'warning', 'error' or 'info')"
    return errors


def _find_change_errors(event: dict[str, Any]) -> list[str]:
    payload = reading.as_object(event.get("payload"))
    if _has_text(payload, "summary"):
        return []
    return ["'payload.summary' is missing or blank"]


def _has_text(event: dict[str, Any], name: str) -> bool:
    value = event.get(name)
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read_parts(payload: dict[str, Any]) -> dict[str, str]:
    names = ("source", "component", "group", "class")
    return reading.read_labels({name: payload.get(name) for name in names})


def _say_key_length(name: str) -> str:
    return f"Length of '{name}' is incorrect (should be {KEY_LENGTH} characters)"
