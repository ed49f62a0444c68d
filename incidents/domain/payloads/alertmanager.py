"""Alertmanager: its webhook (v4, also Grafana's) and alerts posted to its API v2."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import LONGEST_SUMMARY, ParseError, Signal

# What Alertmanager takes as over when a sender names no end and falls silent.
RESOLVE_TIMEOUT: Final = timedelta(minutes=5)
MOST_ALERTS: Final = 5_000
_SUMMARIES: Final = ("summary", "title", "message", "description")
_URLS: Final = ("panelURL", "dashboardURL", "generatorURL")
# Of an alert, besides its annotations: where else its sender leads.
_MORE_URLS: Final = ("dashboardURL", "silenceURL", "imageURL")


def read_webhook(body: bytes) -> list[Signal]:
    """Return a signal for each alert of a webhook, by its own status.

    Raises ParseError, naming the field.
    """
    message = reading.load_object(body)
    return [
        _read_webhook_alert(alert, place)
        for place, alert in _each_alert(message.get("alerts"), "alerts")
    ]


def count_truncated(body: bytes) -> int:
    """Return how many alerts the sender left out of its message."""
    left_out = reading.load_object(body).get("truncatedAlerts")
    is_count = isinstance(left_out, int) and not isinstance(left_out, bool)
    return min(max(left_out, 0), 10**6) if is_count else 0  # type: ignore[type-var,return-value]


def read_posted(body: bytes, now: datetime) -> list[Signal]:
    """Return a signal for each alert posted to /api/v2/alerts.

    An end in the future is when the alert is over unless it is posted again; no
    end means five minutes from ``now``. Raises ParseError, naming the field.
    """
    return [
        _read_posted_alert(alert, place, now)
        for place, alert in _each_alert(reading.load_json(body), "body")
    ]


def _each_alert(alerts: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(alerts, list):
        raise ParseError(place, "A list of alerts is missing.")
    if len(alerts) > MOST_ALERTS:
        raise ParseError(place, f"More than {MOST_ALERTS} alerts in one message.")
    found = []
    for number, alert in enumerate(alerts):
        if not isinstance(alert, dict) or not reading.read_labels(alert.get("labels")):
            raise ParseError(f"{place}.{number}.labels", "An alert needs labels.")
        found.append((f"{place}.{number}", alert))
    return found


def _read_webhook_alert(alert: dict[str, Any], place: str) -> Signal:
    status = alert.get("status")
    if status not in {"firing", "resolved"}:
        raise ParseError(f"{place}.status", "A status is firing or resolved.")
    starts_at = reading.read_moment(alert.get("startsAt"))
    return _signal(
        alert, is_over=status == "resolved", starts_at=starts_at, expires_at=None
    )


def _read_posted_alert(alert: dict[str, Any], place: str, now: datetime) -> Signal:
    starts_at = reading.read_moment(alert.get("startsAt"))
    ends_at = reading.read_moment(alert.get("endsAt"))
    if starts_at and ends_at and ends_at < starts_at:
        raise ParseError(f"{place}.endsAt", "start time must be before end time")
    is_over = ends_at is not None and ends_at <= now
    # Whoever names no start speaks of what fires now, not of an episode by name.
    return _signal(
        alert,
        is_over=is_over,
        starts_at=starts_at,
        expires_at=None if is_over else ends_at or now + RESOLVE_TIMEOUT,
    )


def _signal(
    alert: dict[str, Any],
    *,
    is_over: bool,
    starts_at: datetime | None,
    expires_at: datetime | None,
) -> Signal:
    labels = reading.read_labels(alert.get("labels"))
    notes = reading.read_labels(alert.get("annotations"))
    name = labels.get("alertname", "")
    said = next((notes[each] for each in _SUMMARIES if each in notes), "")
    urls = (reading.read_text(alert.get(each), 500) for each in _URLS)
    url = next((url for url in urls if url.startswith("http")), "")
    texts = [
        notes.get("description", "") if said else "",
        *_say_links(alert, notes, url),
    ]
    return Signal(
        action="resolve" if is_over else "trigger",
        dedup_key=hash_labels(labels),
        summary=(said or name or _say_labels(labels))[:LONGEST_SUMMARY],
        severity=labels.get("severity", ""),
        description="\n".join(filter(None, texts)),
        metric=name,
        value=reading.read_text(notes.get("value") or alert.get("valueString"), 64),
        labels=labels,
        source_url=url,
        starts_at=starts_at,
        episode_at=starts_at,
        expires_at=expires_at,
    )


def hash_labels(labels: Mapping[str, str]) -> str:
    """Return the key of an alert: its labels, whichever Alertmanager sent it."""
    return reading.hash_labels(labels)


def _say_links(
    alert: Mapping[str, Any], notes: Mapping[str, str], known: str
) -> list[str]:
    """Return a line for each address that the sender gives, such as a runbook's."""
    named = {name: reading.read_text(alert.get(name), 500) for name in _MORE_URLS}
    return [
        f"{name}: {url}"
        for name, url in (dict(notes) | named).items()
        if url.startswith(("http://", "https://")) and url != known
    ]


def _say_labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items())
