"""What senders send: kept as it came, and applied, in one transaction a message.

A sender is answered after this returns, that is after the commit. Holding the
team's row puts the messages of one team after one another, so replays, doubles
and messages out of order change nothing that they should not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.domain.payloads.signal import Signal
from incidents.domain.severity_words import translate_severity
from incidents.models import Alert, AlertEvent, AlertSeries, IngestEvent, Integration
from incidents.queries.integrations import severity_words
from incidents.services.alerts import (
    AlertSignal,
    acknowledge_from_source,
    count_repeats,
    ingest_alert,
    resolve_from_source,
)
from oncall.services.pulse import touch_team

# PagerDuty's limit, which Alertmanager keeps to.
MOST_BODY = 512 * 1024
LONGEST_REASON = 250
_WORDS = {
    "opened": "opened",
    "repeated": "already open",
    "acknowledged": "acknowledged",
    "resolved": "resolved",
    "idle": "with nothing open",
    "late": "out of order",
    "change": "change noted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message at a door. ``external_id`` is the sender's, for replays.

    ``body`` is kept; no key may be in it.
    """

    kind: str
    body: bytes
    external_id: str = ""
    note: str = ""


@dataclass(slots=True)
class _Book:
    """What is open and what came before, for the keys of one message."""

    integration: Integration
    now: datetime
    series: dict[str, AlertSeries] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    words: list[tuple[str, int]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)


def receive(
    integration: Integration,
    message: Message,
    signals: Sequence[Signal],
    *,
    now: datetime,
) -> IngestEvent:
    """Keep a message and apply its signals; a replay changes nothing.

    Resolving and acknowledging what is not open is no error. What comes out of
    the sender's own order neither reopens nor closes.
    """
    with transaction.atomic():
        touch_team(integration.service.team_id)
        if message.external_id and _came_before(integration, message):
            return _keep(
                integration, message, "duplicate", "A replay: it came before.", now
            )
        book = _open_book(integration, signals, now)
        for signal in _take_repeats(book, signals):
            book.outcomes[_apply(book, signal)] += 1
        reason = "; ".join(filter(None, (message.note, _say(book, signals))))
        pk = next(iter(book.touched)) if len(book.touched) == 1 else None
        return _keep(integration, message, "accepted", reason, now, alert_id=pk)


def reject(
    integration: Integration, message: Message, reason: str, *, now: datetime
) -> IngestEvent:
    """Keep a message that is not understood, or that nobody lets in."""
    return _keep(integration, message, "rejected", reason, now)


def take_heartbeat(
    integration: Integration, message: Message, *, now: datetime
) -> IngestEvent:
    """Note that a sender lives: its next silence is counted from now."""
    with transaction.atomic():
        signal = Signal(action="resolve", dedup_key="heartbeat")
        event = receive(integration, message, [signal], now=now)
        if integration.silence_after is not None:
            Integration.objects.filter(pk=integration.pk).update(
                silent_at=now + integration.silence_after
            )
    return event


def _came_before(integration: Integration, message: Message) -> bool:
    return IngestEvent.objects.filter(
        integration=integration, external_id=message.external_id, status="accepted"
    ).exists()


def _keep(
    integration: Integration,
    message: Message,
    status: str,
    reason: str,
    now: datetime,
    **more: Any,
) -> IngestEvent:
    return IngestEvent.objects.create(
        integration=integration,
        received_at=now,
        kind=message.kind,
        external_id=message.external_id,
        status=status,
        reason=reason[:LONGEST_REASON],
        body=message.body[:MOST_BODY],
        **more,
    )


def _open_book(
    integration: Integration, signals: Sequence[Signal], now: datetime
) -> _Book:
    book = _Book(integration, now)
    keys = {signal.dedup_key for signal in signals if signal.action != "change"}
    if not keys:
        return book
    by_source = AlertSeries.objects.filter(integration=integration, dedup_key__in=keys)
    book.series = {each.dedup_key: each for each in by_source}
    if any(signal.action == "trigger" for signal in signals):
        book.words = severity_words(integration.service_id)
        told = AlertEvent.objects.filter(alert=OuterRef("pk"), kind="told")
        alerts = Alert.objects.filter(series__in=book.series.values())
        open_alerts = alerts.exclude(status="resolved").annotate(was_told=Exists(told))
        key_of = {each.pk: key for key, each in book.series.items()}
        book.alerts = {key_of[each.series_id]: each for each in open_alerts}
    return book


def _take_repeats(book: _Book, signals: Sequence[Signal]) -> list[Signal]:
    """Count those signals at once that say nothing new; return the others."""
    counts = Counter(signal.dedup_key for signal in signals)
    repeats: dict[datetime | None, list[int]] = {}
    others = []
    for signal in signals:
        alert = book.alerts.get(signal.dedup_key)
        if alert and counts[signal.dedup_key] == 1 and _is_repeat(book, alert, signal):
            repeats.setdefault(signal.expires_at, []).append(alert.pk)
        else:
            others.append(signal)
    for expires_at, pks in repeats.items():
        book.outcomes["repeated"] += count_repeats(pks, now=book.now)
        book.touched.update(pks)
        if expires_at is not None:
            Alert.objects.filter(pk__in=pks).update(expires_at=expires_at)
    return others


def _is_repeat(book: _Book, alert: Alert, signal: Signal) -> bool:
    if signal.action != "trigger" or not getattr(alert, "was_told", False):
        return False
    series = book.series[signal.dedup_key]
    if signal.episode_at not in {None, series.fired_at_source}:
        return False
    said = _translate(book, signal)
    same = (
        (alert.level, said.level),
        (alert.severity_label, said.severity_label[:32]),
        (alert.summary, said.summary.strip()),
        (alert.description, said.description),
        (alert.value, said.value[:64]),
        (alert.labels, said.labels),
    )
    return all(ours == theirs for ours, theirs in same)


def _apply(book: _Book, signal: Signal) -> str:
    if signal.action == "trigger":
        return _fire(book, signal)
    if signal.action == "resolve":
        return _end(book, signal)
    if signal.action == "change":
        return "change"
    alert = acknowledge_from_source(book.integration, signal.dedup_key, now=book.now)
    return _note(book, alert, "acknowledged")


def _fire(book: _Book, signal: Signal) -> str:
    series = book.series.get(signal.dedup_key)
    began = signal.episode_at
    ended = series.ended_at_source if series else None
    if began and ended and began <= ended:
        return "late"
    alert = ingest_alert(book.integration, _translate(book, signal), now=book.now)
    book.series[signal.dedup_key] = alert.series
    fired = series.fired_at_source if series else None
    if began and (fired is None or began > fired):
        alert.series.fired_at_source = began
        alert.series.ended_at_source = ended
        alert.series.save(update_fields=["fired_at_source"])
    if signal.expires_at != alert.expires_at:
        alert.expires_at = signal.expires_at
        alert.save(update_fields=["expires_at"])
    book.touched.add(alert.pk)
    return "opened" if alert.event_count == 1 else "repeated"


def _end(book: _Book, signal: Signal) -> str:
    if signal.episode_at and _is_stale(book, signal.dedup_key, signal.episode_at):
        return "late"
    alert = resolve_from_source(book.integration, signal.dedup_key, now=book.now)
    return _note(book, alert, "resolved")


def _is_stale(book: _Book, dedup_key: str, ended: datetime) -> bool:
    """Remember the end; say whether a later episode fires already."""
    series = book.series.get(dedup_key)
    if series is None:
        series = AlertSeries.objects.create(
            integration=book.integration, dedup_key=dedup_key
        )
        book.series[dedup_key] = series
    if series.ended_at_source is None or ended > series.ended_at_source:
        series.ended_at_source = ended
        series.save(update_fields=["ended_at_source"])
    return series.fired_at_source is not None and series.fired_at_source > ended


def _note(book: _Book, alert: Alert | None, outcome: str) -> str:
    if alert is None:
        return "idle"
    book.touched.add(alert.pk)
    return outcome


def _translate(book: _Book, signal: Signal) -> AlertSignal:
    mapping = book.integration.severity_mapping
    label, level = translate_severity(signal.severity, mapping, book.words)
    return AlertSignal(
        dedup_key=signal.dedup_key,
        summary=signal.summary.strip() or "No summary was sent",
        level=level,
        severity_label=label,
        metric=signal.metric,
        value=signal.value,
        threshold=signal.threshold,
        description=signal.description,
        labels=dict(signal.labels),
        source_url=signal.source_url,
        starts_at=signal.starts_at,
    )


def _say(book: _Book, signals: Sequence[Signal]) -> str:
    if not signals:
        return "Nothing in it is an alert."
    if len(signals) == 1 and signals[0].action == "change":
        return f"Change: {signals[0].summary}"
    counts = book.outcomes
    return ", ".join(f"{counts[key]} {_WORDS[key]}" for key in _WORDS if counts[key])
