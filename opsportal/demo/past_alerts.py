"""Alerts of the past, resolved, and the ones that are open when the demo begins."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from checklists.services.alerting import dedup_key
from checklists.services.check_rows import judgement_of
from incidents.models import (
    Alert,
    AlertEvent,
    AlertSeries,
    Integration,
    SeverityLevel,
)
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from oncall.models import Service, User
from opsportal.demo.past_people import Roster
from opsportal.demo.past_results import EPISODES, outage_began
from opsportal.demo.seed_checks import Watched, bad_since
from opsportal.demo.seed_noise import seed_noise
from opsportal.demo.seed_silences import seed_silences
from opsportal.demo.shapes import DAY, MINUTE, Trouble

# Checks whose mildest rung was reached now and then: slug, times, longest minutes.
_NOISE = (
    ("arq", "error-rate", 6, 14),
    ("arq", "latency-p99", 4, 25),
    ("amas", "cpu", 3, 18),
    ("qenergyz", "latency-p95", 5, 22),
    ("qenergyz", "cpu", 3, 40),
    ("architect-api", "latency-p95", 6, 16),
    ("arca-api", "arca-success", 2, 30),
)
# Shares of the time since yesterday evening at which ARQ was heard of.
_OVERNIGHT = ((0.12, "error-rate"), (0.4, "latency-p99"))


@dataclass(frozen=True, slots=True)
class Episode:
    """One time that a check alerted; ``label`` is a word of its service."""

    part: Watched
    label: str
    began: datetime
    length: timedelta
    is_handled: bool = True


def seed_past_alerts(
    watched: Iterable[Watched], rosters: Mapping[int, Roster], now: datetime
) -> int:
    """Write resolved alerts with what became of them; returns how many."""
    parts = {(part.service.slug, part.plan.slug): part for part in watched}
    episodes = [*_outages(parts.values(), now), *_noise(parts, now)]
    episodes += [*_repeats(parts.values(), now), *_overnight(parts, now)]
    series = _make_series(episodes)
    levels = {
        (word.service_id, word.label): word.level
        for word in SeverityLevel.objects.all()
    }
    chance = random.Random("alerts")  # noqa: S311 -- the same story every time
    made = []
    for episode in sorted(episodes, key=lambda each: each.began):
        roster = rosters[episode.part.row.service.team_id]
        person = roster.primary_at(episode.began)
        made.append(_make_alert(episode, series, levels, person, chance))
    Alert.objects.bulk_create(made)
    AlertEvent.objects.bulk_create(event for alert in made for event in _events(alert))
    services = {slug: part.row.service for (slug, _), part in parts.items()}
    seed_silences(services, rosters, now)
    seed_noise(services, rosters, now)
    return len(made)


def raise_alerts(watched: Iterable[Watched], now: datetime) -> dict[str, Alert]:
    """Open the alerts of what fails now; returns them by service and check."""
    return {
        f"{part.service.slug}/{part.plan.slug}": _raise(part, now)
        for part in watched
        if part.is_failing and part.plan.alerts
    }


def _raise(part: Watched, now: datetime) -> Alert:
    check = part.row
    rung = judgement_of(check).rungs[-1].rung
    began = now - bad_since(part.plan)
    return ingest_alert(
        checks_integration(check.service),
        AlertSignal(
            dedup_key=dedup_key(check),
            summary=f"{check.name}: {part.said}",
            level=rung.level,
            severity_label=rung.label,
            metric=check.slug,
            value="" if part.value is None else f"{part.value:g} {check.unit}".strip(),
            threshold=check.ladder[-1]["condition"],
            description=check.description,
            labels={"check": check.slug, "kind": check.kind},
            starts_at=began,
        ),
        now=began,
    )


def _outages(parts: Iterable[Watched], now: datetime) -> Iterator[Episode]:
    for part in parts:
        if part.plan.measures_uptime:
            for outage in part.service.outages:
                yield Episode(
                    part,
                    outage.severity,
                    outage_began(outage, now),
                    outage.minutes * MINUTE,
                )


def _repeats(parts: Iterable[Watched], now: datetime) -> Iterator[Episode]:
    for part in parts:
        if part.plan.plays and part.plan.plays.trouble is Trouble.COMES_AND_GOES:
            for days, minutes in EPISODES:
                label = part.plan.ladder[-1][0]
                yield Episode(part, label, now - days * DAY, minutes * MINUTE)


def _noise(
    parts: Mapping[tuple[str, str], Watched], now: datetime
) -> Iterator[Episode]:
    chance = random.Random("noise")  # noqa: S311 -- the same story every time
    for service, slug, times, longest in _NOISE:
        part = parts[service, slug]
        for _ in range(times):
            began = now - chance.uniform(2.5, 88) * DAY
            length = chance.uniform(3, longest) * MINUTE
            yield Episode(part, part.plan.ladder[-1][0], began, length)


def _overnight(
    parts: Mapping[tuple[str, str], Watched], now: datetime
) -> Iterator[Episode]:
    """Two alerts of ARQ since yesterday 18:00; the third is the certificate's."""
    team = parts["arq", "health"].row.service.team
    zone = ZoneInfo(team.time_zone)
    yesterday = now.astimezone(zone).date() - DAY
    evening = datetime.combine(yesterday, time(18), zone)
    for share, slug in _OVERNIGHT:
        part = parts["arq", slug]
        began = evening + (now - evening) * share
        label = part.plan.ladder[-1][0]
        yield Episode(part, label, began, (now - began) / 9, is_handled=False)


def _make_series(
    episodes: Iterable[Episode],
) -> dict[int, AlertSeries]:
    integrations: dict[int, Integration] = {}
    wanted = {episode.part.row.pk: episode.part for episode in episodes}
    rows = []
    for part in wanted.values():
        service: Service = part.row.service
        if service.pk not in integrations:
            integrations[service.pk] = checks_integration(service)
        rows.append(
            AlertSeries(
                integration=integrations[service.pk], dedup_key=dedup_key(part.row)
            )
        )
    made = AlertSeries.objects.bulk_create(rows)
    return dict(zip(wanted, made, strict=True))


def _make_alert(
    episode: Episode,
    series: Mapping[int, AlertSeries],
    levels: Mapping[tuple[int, str], int],
    person: User,
    chance: random.Random,
) -> Alert:
    check = episode.part.row
    level = levels[check.service_id, episode.label]
    ended = episode.began + episode.length
    is_paged = level <= 2 and episode.is_handled
    acknowledged = episode.began + min(
        episode.length / 2, chance.uniform(1, 7) * MINUTE
    )
    reviewed = ended + chance.uniform(2, 14) * timedelta(hours=1)
    rungs = {rung[0]: rung[1] for rung in episode.part.plan.ladder}
    return Alert(
        series=series[check.pk],
        service=check.service,
        status=Alert.Status.RESOLVED,
        severity_label=episode.label,
        level=level,
        peak_level=level,
        summary=f"{check.name}: {_words(episode, rungs)}",
        metric=check.slug,
        threshold=rungs.get(episode.label, ""),
        labels={"check": check.slug, "kind": check.kind},
        starts_at=episode.began,
        last_seen_at=ended,
        acknowledged_at=acknowledged if is_paged else None,
        acknowledged_by=person if is_paged else None,
        reviewed_at=reviewed if episode.is_handled else None,
        reviewed_by=person if episode.is_handled else None,
        resolved_at=ended,
        resolved_how="source",
        event_count=max(2, int(episode.length / MINUTE)),
    )


def _words(episode: Episode, rungs: Mapping[str, str]) -> str:
    if episode.part.plan.measures_uptime:
        return "The connection was refused."
    return rungs[episode.label]


def _events(alert: Alert) -> Iterator[AlertEvent]:
    yield AlertEvent(alert=alert, at=alert.starts_at, kind="opened")
    if alert.acknowledged_at is not None:
        yield AlertEvent(
            alert=alert,
            at=alert.acknowledged_at,
            kind="acknowledged",
            actor=alert.acknowledged_by,
        )
    if alert.resolved_at is not None:
        yield AlertEvent(alert=alert, at=alert.resolved_at, kind="resolved")
    if alert.reviewed_at is not None:
        yield AlertEvent(
            alert=alert, at=alert.reviewed_at, kind="reviewed", actor=alert.reviewed_by
        )
