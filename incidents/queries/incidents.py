"""Reading incidents and their timelines."""

import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from incidents.domain import severity
from incidents.domain.severity import Target, Tone, find_response_deadline
from incidents.models import Incident, IncidentRole, SeverityLevel, TimelineEntry
from incidents.queries.alerts import AlertRow, as_alert_rows
from incidents.queries.incident_search import search_incidents
from incidents.queries.names import display_name
from oncall.models import Holiday, User


class IncidentRow(NamedTuple):
    """One incident as lists show it. ``service_name`` is the one that names it."""

    pk: int
    ref: str
    team_id: int
    title: str
    kind: str
    status: str
    severity_label: str
    level: int
    service_name: str
    started_at: datetime
    declared_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    commander: str | None

    @property
    def status_word(self) -> str:
        """The status as people write it."""
        return str(Incident.Status(self.status).label)

    @property
    def tone(self) -> Tone:
        """The colour of its severity."""
        return severity.incident_tone(self.level)

    @property
    def over_at(self) -> datetime | None:
        """When it ended, however it ended."""
        return self.resolved_at or self.closed_at

    @property
    def length(self) -> timedelta | None:
        """How long it lasted, None while it does."""
        return self.over_at - self.started_at if self.over_at else None


_FIELDS = (
    "pk",
    "ref",
    "team_id",
    "title",
    "kind",
    "status",
    "severity__label",
    "severity__level",
    "severity__service__name",
    "started_at",
    "declared_at",
    "resolved_at",
    "closed_at",
    "commander",
)


def as_incident_rows(incidents: QuerySet[Incident]) -> list[IncidentRow]:
    """Read the incidents as rows, in one query."""
    commander = (
        IncidentRole.objects.filter(
            incident=OuterRef("pk"), name=IncidentRole.Name.COMMANDER
        )
        .annotate(who=display_name("user"))
        .values("who")[:1]
    )
    rows = incidents.annotate(commander=Subquery(commander)).values_list(*_FIELDS)
    return [IncidentRow._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """What a list is narrowed to; empty is no limit. ``tab`` is open, past or "".

    ``level`` keeps that level and worse ones; ``text`` is looked for in titles,
    numbers and all that is written about them, see ``search_incidents``.
    """

    tab: str = ""
    service: str = ""
    kind: str = ""
    text: str = ""
    level: int = severity.MILDEST


def open_incidents(
    team_ids: Collection[int], narrow: IncidentFilter | None = None
) -> list[IncidentRow]:
    """Return the incidents that are not over, worst first, then newest.

    With words to look for the best fit is first.
    """
    wanted = replace(narrow or IncidentFilter(), tab="open")
    found = find_incidents(team_ids, wanted)
    if wanted.text:
        return as_incident_rows(found)
    return as_incident_rows(found.order_by("severity__level", "-declared_at", "-pk"))


def count_open_incidents(team_ids: Collection[int]) -> int:
    """Return how many incidents of the teams are not over."""
    incidents = Incident.objects.filter(team_id__in=team_ids)
    return incidents.exclude(status__in=Incident.OVER).count()


def find_incidents(
    team_ids: Collection[int], narrow: IncidentFilter
) -> QuerySet[Incident]:
    """Return the incidents of the teams that fit, to page through.

    The newest are first; with words to look for the best fit is.
    """
    found = Incident.objects.filter(team_id__in=team_ids)
    if narrow.tab:
        is_over = Q(status__in=Incident.OVER)
        found = found.filter(is_over if narrow.tab == "past" else ~is_over)
    if narrow.service:
        found = found.filter(services__slug=narrow.service)
    if narrow.kind:
        found = found.filter(kind=narrow.kind)
    if narrow.level < severity.MILDEST:
        found = found.filter(severity__level__lte=narrow.level)
    if narrow.text:
        return search_incidents(found, narrow.text)
    return found.order_by("-declared_at", "-pk")


def get_incident(team_ids: Collection[int], ref: str) -> Incident | None:
    """Return one incident with what its page shows, None when it is not theirs."""
    return (
        Incident.objects.filter(team_id__in=team_ids, ref=ref)
        .select_related(
            "team__calendar", "severity__service", "declared_by", "merged_into"
        )
        .prefetch_related("services", "roles__user")
        .first()
    )


def list_timeline(incident_pk: int) -> list[TimelineEntry]:
    """Return the entries, newest first, with who wrote them and what they replace."""
    return list(
        TimelineEntry.objects.filter(incident_id=incident_pk)
        .select_related("actor", "supersedes__actor", "superseded_by")
        .order_by("-occurred_at", "-pk")
    )


def get_timeline_entry(incident_pk: int, pk: int) -> TimelineEntry | None:
    """Return one entry of the incident."""
    return TimelineEntry.objects.filter(incident_id=incident_pk, pk=pk).first()


def list_linked_alerts(incident_pk: int) -> list[AlertRow]:
    """Return the alerts under the incident, first fired first."""
    incident = Incident(pk=incident_pk)
    return as_alert_rows(incident.alerts.order_by("starts_at", "pk"))


def list_members(team_id: int) -> list[User]:
    """Return the active people of a team, by name."""
    return list(
        User.objects.filter(memberships__team_id=team_id, is_active=True).order_by(
            "name", "username"
        )
    )


def severity_choices(service_pk: int) -> list[SeverityLevel]:
    """Return the words of a service, worst first.

    A service without its own has the common ones; those are not saved.
    """
    words = list(SeverityLevel.objects.filter(service_id=service_pk))
    return words or [
        SeverityLevel(service_id=service_pk, label=label, level=level)
        for level, label in severity.LEVELS.items()
    ]


def find_response_due(incident: Incident) -> datetime | None:
    """Return by when somebody had to answer the incident; None without a target."""
    word = incident.severity
    team = incident.team
    dates: frozenset[date] = frozenset()
    if word.is_next_business_day and team.calendar_id:
        dates = frozenset(
            Holiday.objects.filter(
                calendar_id=team.calendar_id, on__gte=incident.declared_at.date()
            ).values_list("on", flat=True)
        )
    return find_response_deadline(
        Target(word.response, word.is_next_business_day),
        incident.declared_at,
        zoneinfo.ZoneInfo(team.time_zone),
        dates,
    )
