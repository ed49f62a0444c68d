"""Reading what the metrics of incidents are made of. Drills and tests do not count."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Min, QuerySet

from incidents.domain.incident_metrics import Stint, Story, week_of
from incidents.models import (
    EscalationEvent,
    Incident,
    IncidentRole,
    SeverityLevel,
    TimelineEntry,
)
from incidents.queries.names import display_name

_FIELDS = (
    "pk",
    "ref",
    "severity__service__name",
    "severity__service_id",
    "severity__label",
    "severity__level",
    "started_at",
    "detected_at",
    "declared_at",
    "acknowledged_at",
    "resolved_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which incidents count: of these teams, declared since <= t < until.

    ``service`` is a slug, "" for all.
    """

    team_ids: tuple[int, ...]
    since: datetime
    until: datetime
    service: str = ""


def read_stories(scope: Scope) -> list[Story]:
    """Return the real incidents in the order of their declaration; three queries."""
    rows = list(_incidents(scope).values(*_FIELDS).order_by("declared_at", "pk"))
    levels = _level_changes([row["pk"] for row in rows], rows)
    return [
        Story(
            ref=row["ref"],
            service=row["severity__service__name"],
            severity=row["severity__label"],
            level=row["severity__level"],
            started_at=row["started_at"],
            detected_at=row["detected_at"] or row["declared_at"],
            declared_at=row["declared_at"],
            acknowledged_at=row["acknowledged_at"],
            resolved_at=row["resolved_at"],
            levels=levels[row["pk"]],
        )
        for row in rows
    ]


def read_stints(scope: Scope) -> list[Stint]:
    """Return who worked on them and how long; two queries.

    Who holds a role works from their first sign until the resolution, everybody else
    from their first entry in the timeline to their last.
    """
    incidents = _incidents(scope).filter(resolved_at__isnull=False)
    signs = (
        TimelineEntry.objects.filter(
            incident__in=incidents.values("pk"),
            actor__isnull=False,
            occurred_at__lte=F("incident__resolved_at"),
        )
        .values("incident", "incident__resolved_at", "actor")
        .annotate(
            who=display_name("actor"), first=Min("occurred_at"), last=Max("occurred_at")
        )
        .order_by("first", "actor")
    )
    holders = set(
        IncidentRole.objects.filter(incident__in=incidents.values("pk")).values_list(
            "incident", "user"
        )
    )
    return [
        Stint(
            sign["who"],
            sign["first"],
            # Who holds a role stays until it is over.
            max(sign["last"], sign["incident__resolved_at"])
            if (sign["incident"], sign["actor"]) in holders
            else sign["last"],
        )
        for sign in signs
    ]


def count_pages_by_week(scope: Scope, zone: ZoneInfo) -> dict[date, int]:
    """Return how often somebody was paged in each week that had a page."""
    return Counter(
        week_of(at, zone) for at in _pages(scope).values_list("at", flat=True)
    )


def count_pages_by_person(scope: Scope) -> dict[str, int]:
    """Return how often each person was paged."""
    rows = _pages(scope).annotate(who=display_name("recipient"))
    return Counter(rows.values_list("who", flat=True))


def _pages(scope: Scope) -> QuerySet[EscalationEvent]:
    found = EscalationEvent.objects.filter(
        alert__service__team__in=scope.team_ids,
        at__gte=scope.since,
        at__lt=scope.until,
        recipient__isnull=False,
        reason="",
    )
    return found.filter(alert__service__slug=scope.service) if scope.service else found


def _incidents(scope: Scope) -> QuerySet[Incident]:
    found = Incident.objects.filter(
        team__in=scope.team_ids,
        kind=Incident.Kind.REAL,
        declared_at__gte=scope.since,
        declared_at__lt=scope.until,
    ).exclude(status__in=[Incident.Status.CANCELLED, Incident.Status.MERGED])
    if scope.service:
        found = found.filter(severity__service__slug=scope.service)
    return found


def _level_changes(
    pks: Collection[int], rows: list[dict[str, Any]]
) -> dict[int, tuple[tuple[datetime, int], ...]]:
    services = {row["severity__service_id"] for row in rows}
    known = {
        (service, label): level
        for service, label, level in SeverityLevel.objects.filter(
            service__in=services
        ).values_list("service", "label", "level")
    }
    changes = defaultdict(list)
    for incident, at, data in (
        TimelineEntry.objects.filter(incident__in=pks, kind="severity")
        .order_by("recorded_at", "pk")
        .values_list("incident", "recorded_at", "data")
    ):
        changes[incident].append((at, data))
    found = {}
    for row in rows:
        service, mine = row["severity__service_id"], changes[row["pk"]]
        first = mine[0][1]["from"] if mine else row["severity__label"]
        turns = [
            (row["declared_at"], first),
            *((at, data["to"]) for at, data in mine),
        ]
        found[row["pk"]] = tuple(
            (at, known.get((service, label), row["severity__level"]))
            for at, label in turns
        )
    return found
