"""What signals make of alerts: many messages of one team, in the order they came.

What opens, repeats and ends is gathered and written together, with a number of
statements that does not grow with the number of alerts; only what changes an open
alert, or acknowledges one, is written by itself. Call it with the team's row held.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from incidents.domain.holding import find_clears_at
from incidents.domain.payloads.signal import Signal
from incidents.domain.severity_words import translate_severity
from incidents.models import Alert, AlertEvent, AlertSeries, Integration
from incidents.queries.integrations import severity_words
from incidents.services.alerts import (
    AlertSignal,
    acknowledge_from_source,
    attach_signal,
    make_alert,
    stays_mute,
)
from incidents.services.episodes import end_from_source, open_alerts

Key = tuple[int, str]
_WORDS = {
    "opened": "opened",
    "repeated": "already open",
    "acknowledged": "acknowledged",
    "resolved": "resolved",
    "clearing": "over unless it fires again",
    "idle": "with nothing open",
    "late": "out of order",
    "change": "change noted",
}


@dataclass(slots=True)
class Letter:
    """One message: who sent it and what it says; then what became of that."""

    integration: Integration
    signals: Sequence[Signal]
    outcomes: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)

    @property
    def alert_pk(self) -> int | None:
        """The alert that it was about, None unless it was about one."""
        return next(iter(self.touched)) if len(self.touched) == 1 else None

    def say(self) -> str:
        """Return what became of it in words."""
        if not self.signals:
            return "Nothing in it is an alert."
        if len(self.signals) == 1 and self.signals[0].action == "change":
            return f"Change: {self.signals[0].summary}"
        counts = self.outcomes
        return ", ".join(
            f"{counts[key]} {_WORDS[key]}" for key in _WORDS if counts[key]
        )


@dataclass(slots=True)
class _Gathered:
    """What is to be written of one series."""

    said: AlertSignal
    letters: list[Letter]
    expires_at: datetime | None
    count: int = 1


def apply_letters(letters: Sequence[Letter], *, now: datetime) -> None:
    """Apply the signals of all messages of one team, and note in each what it did.

    Resolving and acknowledging what is not open is no error. What comes out of the
    sender's own order neither reopens nor closes.
    """
    book = _Book(letters, now)
    for letter in letters:
        for signal in letter.signals:
            outcome = book.take(letter, signal)
            letter.outcomes[outcome] += 1
    book.write()


class _Book:
    """What is open, what came before, and what is not written yet."""

    def __init__(self, letters: Sequence[Letter], now: datetime) -> None:
        self._now = now
        self._senders = {each.integration.pk: each.integration for each in letters}
        keys = {
            signal.dedup_key
            for letter in letters
            for signal in letter.signals
            if signal.action != "change"
        }
        self._series = self._find_series(keys)
        self._alerts = self._find_open()
        self._words: dict[int, list[tuple[str, int]]] = {}
        self._fresh: dict[Key, AlertSeries] = {}
        self._moved: dict[Key, AlertSeries] = {}
        self._opening: dict[Key, _Gathered] = {}
        self._repeated: dict[Key, _Gathered] = {}
        self._ending: dict[Key, Letter] = {}

    def take(self, letter: Letter, signal: Signal) -> str:
        """Take one signal; return what became of it."""
        if signal.action == "change":
            return "change"
        key = (letter.integration.pk, signal.dedup_key)
        if signal.action == "trigger":
            return self._fire(key, letter, signal)
        if signal.action == "resolve":
            return self._end(key, letter, signal)
        return self._acknowledge(key, letter)

    def write(self) -> None:
        """Write what was gathered."""
        self._write_series()
        self._write_openings()
        self._write_repeats()
        self._write_endings()

    def _find_series(self, keys: Iterable[str]) -> dict[Key, AlertSeries]:
        rows = AlertSeries.objects.filter(
            integration__in=self._senders, dedup_key__in=keys
        )
        found = {(row.integration_id, row.dedup_key): row for row in rows}
        for (sender, _), row in found.items():
            row.integration = self._senders[sender]
        return found

    def _find_open(self) -> dict[Key, Alert]:
        told = AlertEvent.objects.filter(
            alert=OuterRef("pk"), kind__in=AlertEvent.SETTLED
        )
        key_of = {row.pk: key for key, row in self._series.items()}
        rows = (
            Alert.objects.filter(series__in=key_of)
            .exclude(status=Alert.Status.RESOLVED)
            .annotate(was_told=Exists(told))
            .select_related("service", "incident")
        )
        found: dict[Key, Alert] = {key_of[row.series_id]: row for row in rows}
        for key, alert in found.items():
            alert.series = self._series[key]
        return found

    def _fire(self, key: Key, letter: Letter, signal: Signal) -> str:
        series = self._hold_series(key)
        began, ended = signal.episode_at, series.ended_at_source
        if began and ended and began <= ended:
            return "late"
        if began and (series.fired_at_source is None or began > series.fired_at_source):
            series.fired_at_source = began
            self._moved[key] = series
        said = self._translate(letter.integration, signal)
        if key in self._ending or self._differs(key, said):
            self.write()
        waiting = self._opening.get(key)
        if waiting is None and key not in self._alerts:
            self._opening[key] = _Gathered(said, [letter], signal.expires_at)
            return "opened"
        if waiting is None and self._says_nothing_new(self._alerts[key], said):
            waiting = self._repeated.setdefault(key, _Gathered(said, [], None, 0))
        if waiting is None:
            self._change(self._alerts[key], said, signal)
            letter.touched.add(self._alerts[key].pk)
            return "repeated"
        waiting.count += 1
        waiting.letters.append(letter)
        waiting.expires_at = signal.expires_at or waiting.expires_at
        return "repeated"

    def _differs(self, key: Key, said: AlertSignal) -> bool:
        """Say whether the alert that is about to open would have to change."""
        waiting = self._opening.get(key)
        return waiting is not None and waiting.said != said

    def _says_nothing_new(self, alert: Alert, said: AlertSignal) -> bool:
        was_told = getattr(alert, "was_told", False)
        same = (
            (was_told or stays_mute(alert, self._now), True),
            (alert.level, said.level),
            (alert.severity_label, said.severity_label[:32]),
            (alert.summary, said.summary.strip()),
            (alert.description, said.description),
            (alert.value, said.value[:64]),
            (alert.labels, said.labels),
        )
        return all(ours == theirs for ours, theirs in same)

    def _change(self, alert: Alert, said: AlertSignal, signal: Signal) -> None:
        self.write()
        was_told = getattr(alert, "was_told", False)
        attach_signal(alert, said, now=self._now, was_told=was_told)
        if signal.expires_at != alert.expires_at:
            alert.expires_at = signal.expires_at
            alert.save(update_fields=["expires_at"])

    def _end(self, key: Key, letter: Letter, signal: Signal) -> str:
        if signal.episode_at and self._is_stale(key, signal.episode_at):
            return "late"
        if key in self._opening:
            self.write()
        if self._alerts.get(key) is None or key in self._ending:
            return "idle"
        self._ending[key] = letter
        held_at = self._alerts[key].held_at
        clear_for = letter.integration.clear_for
        return (
            "clearing" if find_clears_at(clear_for, held_at, self._now) else "resolved"
        )

    def _is_stale(self, key: Key, ended: datetime) -> bool:
        """Remember the end; say whether a later episode fires already."""
        series = self._hold_series(key)
        if series.ended_at_source is None or ended > series.ended_at_source:
            series.ended_at_source = ended
            self._moved[key] = series
        return series.fired_at_source is not None and series.fired_at_source > ended

    def _acknowledge(self, key: Key, letter: Letter) -> str:
        if key in self._opening or key in self._ending:
            self.write()
        sender, dedup_key = self._senders[key[0]], key[1]
        alert = acknowledge_from_source(sender, dedup_key, now=self._now)
        if alert is None:
            return "idle"
        letter.touched.add(alert.pk)
        return "acknowledged"

    def _hold_series(self, key: Key) -> AlertSeries:
        if key not in self._series:
            series = AlertSeries(integration=self._senders[key[0]], dedup_key=key[1])
            self._series[key] = self._fresh[key] = series
        return self._series[key]

    def _write_series(self) -> None:
        AlertSeries.objects.bulk_create(self._fresh.values())
        old = [row for key, row in self._moved.items() if key not in self._fresh]
        AlertSeries.objects.bulk_update(old, ["fired_at_source", "ended_at_source"])
        self._fresh.clear()
        self._moved.clear()

    def _write_openings(self) -> None:
        opened = {}
        for key, each in self._opening.items():
            alert = make_alert(self._series[key], each.said, now=self._now)
            alert.event_count, alert.expires_at = each.count, each.expires_at
            opened[key] = alert
        if opened:
            open_alerts(list(opened.values()), now=self._now)
        for key, alert in opened.items():
            alert.was_told = alert.muted_at is None  # type: ignore[attr-defined]
            self._note(self._opening[key], alert)
        self._alerts |= opened
        self._opening.clear()

    def _write_repeats(self) -> None:
        alike: dict[tuple[int, datetime | None], list[int]] = {}
        for key, each in self._repeated.items():
            alert = self._alerts[key]
            alert.clears_at = None
            alike.setdefault((each.count, each.expires_at), []).append(alert.pk)
            self._note(each, alert)
        for (count, expires_at), pks in alike.items():
            more = {} if expires_at is None else {"expires_at": expires_at}
            Alert.objects.filter(pk__in=pks).update(
                event_count=F("event_count") + count,
                last_seen_at=self._now,
                clears_at=None,
                **more,
            )
        self._repeated.clear()

    def _write_endings(self) -> None:
        ended = {key: self._alerts.pop(key) for key in self._ending}
        waiting = end_from_source(list(ended.values()), now=self._now)
        for key, alert in ended.items():
            self._ending[key].touched.add(alert.pk)
            if alert in waiting:
                self._alerts[key] = alert
        self._ending.clear()

    def _note(self, each: _Gathered, alert: Alert) -> None:
        for letter in each.letters:
            letter.touched.add(alert.pk)

    def _translate(self, sender: Integration, signal: Signal) -> AlertSignal:
        service = sender.service_id
        if service not in self._words:
            self._words[service] = severity_words(service)
        label, level = translate_severity(
            signal.severity, sender.severity_mapping, self._words[service]
        )
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
