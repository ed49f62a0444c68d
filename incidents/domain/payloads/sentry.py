"""Sentry: what its integration platform posts about issues and metrics."""

import hashlib
import hmac
from typing import Any, Final

from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import LONGEST_SUMMARY, Action, ParseError, Signal

_ISSUE_ACTIONS: Final[dict[str, Action]] = {
    "created": "trigger",
    "unresolved": "trigger",
    "assigned": "acknowledge",
    "resolved": "resolve",
    "ignored": "resolve",
    "archived": "resolve",
}


def read_webhook(body: bytes, *, resource: str) -> list[Signal]:
    """Return the signals of a hook; ``resource`` is Sentry-Hook-Resource.

    Hooks that are no alerts, such as comments and installations, have none.
    Raises ParseError, naming the field.
    """
    message = reading.load_object(body)
    data = reading.as_object(message.get("data"))
    action = message.get("action")
    action = action if isinstance(action, str) else ""
    if resource == "event_alert":
        return [_read_event(data)]
    if resource == "metric_alert":
        return [_read_metric(data, action)]
    if resource == "issue" and action in _ISSUE_ACTIONS:
        return [_read_issue(data, _ISSUE_ACTIONS[action])]
    return []


def is_signed(body: bytes, *, secret: str, signature: str) -> bool:
    """Say whether the HMAC-SHA256 in hex of the body fits."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(
        expected.encode(), signature.encode("utf-8", "replace")
    )


def _read_event(data: dict[str, Any]) -> Signal:
    event = reading.as_object(data.get("event"))
    issue = _need_id(event.get("issue_id"), "data.event.issue_id")
    pairs = (pair for pair in reading.as_list(event.get("tags")) if _is_pair(pair))
    tags = {reading.read_text(name): value for name, value in pairs}
    return Signal(
        action="trigger",
        dedup_key=reading.read_key(f"issue:{issue}"),
        summary=_first_text(event, "title", "culprit") or f"Sentry issue {issue}",
        severity=reading.read_text(event.get("level"), 32),
        description=reading.read_text(event.get("culprit")),
        metric=reading.read_text(data.get("triggered_rule"), 120),
        labels=reading.read_labels(tags | {"environment": event.get("environment")}),
        source_url=reading.read_text(event.get("web_url"), 500),
    )


def _read_metric(data: dict[str, Any], action: str) -> Signal:
    if action not in {"critical", "warning", "resolved"}:
        raise ParseError("action", "An action is critical, warning or resolved.")
    alert = reading.as_object(data.get("metric_alert"))
    number = _need_id(alert.get("id"), "data.metric_alert.id")
    return Signal(
        action="resolve" if action == "resolved" else "trigger",
        dedup_key=reading.read_key(f"metric:{number}"),
        summary=_first_text(data, "description_title") or f"Sentry metric {number}",
        severity="" if action == "resolved" else action,
        description=reading.read_text(data.get("description_text")),
        source_url=reading.read_text(data.get("web_url"), 500),
    )


def _read_issue(data: dict[str, Any], action: Action) -> Signal:
    issue = reading.as_object(data.get("issue"))
    number = _need_id(issue.get("id"), "data.issue.id")
    return Signal(
        action=action,
        dedup_key=reading.read_key(f"issue:{number}"),
        summary=_first_text(issue, "title", "culprit") or f"Sentry issue {number}",
        severity=reading.read_text(issue.get("level"), 32),
        description=reading.read_text(issue.get("culprit")),
        source_url=_first_text(issue, "web_url", "permalink")[:500],
    )


def _need_id(value: Any, place: str) -> str:
    text = reading.read_text(value).strip()
    if not text:
        raise ParseError(place, "An id is missing.")
    return text


def _first_text(holder: dict[str, Any], *names: str) -> str:
    texts = (reading.read_text(holder.get(name), LONGEST_SUMMARY) for name in names)
    return next((text for text in texts if text.strip()), "")


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2
