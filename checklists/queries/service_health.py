"""How each service does: now, and over the last 30 days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Min

from checklists.domain.downtime import merge_spans
from checklists.models import Check
from checklists.queries.uptime import DayUptime, days_of, spans_by_check
from incidents.models import Alert, Incident
from oncall.models import Service

DAYS = 30
# Below this share of a day the day is red, above it amber: half an hour.
RED_BELOW = 100 * (1 - 0.5 / 24)


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """One service; ``percent`` is None before anything was watched."""

    pk: int
    slug: str
    name: str
    team_id: int
    word: str
    tone: str
    percent: float | None
    days: list[DayUptime]


def service_cards(team_ids: Iterable[int], now: datetime) -> list[ServiceCard]:
    """Return the services of the teams in their order; seven queries for all."""
    services = list(
        Service.objects.filter(team__in=list(team_ids)).select_related("team")
    )
    keys = [service.pk for service in services]
    checks = _checks_by_service(keys)
    since = _watched_since(keys)
    pks = [pk for pks in checks.values() for pk in pks]
    spans = spans_by_check(pks, now - timedelta(days=DAYS + 1), now)
    words = _words(keys)
    cards = []
    for service in services:
        zone = ZoneInfo(service.team.time_zone)
        first_on = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
        failing = merge_spans(
            span for pk in checks.get(service.pk, []) for span in spans[pk]
        )
        began = since.get(service.pk) or now
        days = days_of(failing, zone=zone, since=began, first_on=first_on, now=now)
        word, tone = words.get(service.pk, ("Operational", "ok"))
        if service.pk not in checks:
            word, tone = "Not watched", ""
        cards.append(
            ServiceCard(
                service.pk,
                service.slug,
                service.name,
                service.team_id,
                word,
                tone,
                uptime_percent(days),
                days,
            )
        )
    return cards


def uptime_percent(days: Iterable[DayUptime]) -> float | None:
    """Return the share of the watched time that was up; None without any."""
    listed = list(days)
    watched = sum((day.watched for day in listed), timedelta())
    if not watched:
        return None
    return 100 * (1 - sum((day.down for day in listed), timedelta()) / watched)


def day_tone(day: DayUptime) -> str:
    """Return ok, warn, crit or none for one day of a strip."""
    percent = day.percent
    if percent is None:
        return "none"
    if not day.down:
        return "ok"
    return "crit" if percent < RED_BELOW else "warn"


def _checks_by_service(service_pks: list[int]) -> dict[int, list[int]]:
    """Checks whose failing time is downtime of the service."""
    rows = Check.objects.filter(
        service__in=service_pks, is_enabled=True, measures_uptime=True
    ).values_list("service_id", "pk")
    found: dict[int, list[int]] = {}
    for service_pk, pk in rows:
        found.setdefault(service_pk, []).append(pk)
    return found


def _watched_since(service_pks: list[int]) -> dict[int, datetime]:
    rows = (
        Check.objects.filter(service__in=service_pks)
        .values("service_id")
        .annotate(began=Min("flips__at"))
        .values_list("service_id", "began")
    )
    return {pk: began for pk, began in rows if began is not None}


def _words(service_pks: list[int]) -> dict[int, tuple[str, str]]:
    """Return the pill of each service that is not simply operational."""
    words: dict[int, tuple[str, str]] = {}
    alerts = Alert.objects.filter(service__in=service_pks).exclude(
        status=Alert.Status.RESOLVED
    )
    for pk, level in alerts.order_by("-level").values_list("service_id", "level"):
        if level <= 3:
            words[pk] = ("Degraded", "warn")
    incidents = Incident.objects.filter(services__in=service_pks, kind="real").exclude(
        status__in=Incident.OVER
    )
    for pk, label, level in incidents.order_by("-severity__level").values_list(
        "services", "severity__label", "severity__level"
    ):
        words[pk] = (f"{label} open", "crit" if level <= 2 else "warn")
    return words
