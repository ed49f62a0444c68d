"""Checks as pages show them: flat rows, a constant number of queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import Http404

from checklists.models import Check, ChecklistItem, CheckResult, DataSource, Run
from checklists.queries.facts import SOURCES
from incidents.models import Alert, Integration
from incidents.queries.alerts import AlertRow, as_alert_rows
from oncall.access import Actor, teams_of
from oncall.models import Service

SPARK_POINTS = 40
CHART_SPAN = timedelta(hours=48)
CHART_POINTS = 144
LAST_RESULTS = 12
LAST_ALERTS = 5
_FAIL = "fail"


class CheckRow(NamedTuple):
    """One check in a list."""

    pk: int
    name: str
    kind: str
    service_pk: int
    service_name: str
    service_slug: str
    team_pk: int
    status: str
    status_since: datetime | None
    last_value: float | None
    unit: str
    last_summary: str
    last_observed_at: datetime | None
    condition: str
    interval: timedelta
    is_enabled: bool
    is_flapping: bool


class ResultRow(NamedTuple):
    """One look."""

    observed_at: datetime
    outcome: str
    value: float | None
    threshold: str
    latency_ms: float | None
    error_code: str
    summary: str
    detail: str
    in_maintenance: bool


class ItemRow(NamedTuple):
    """One item that a check ticks or informs; ``run_pk`` is that of its open run."""

    text: str
    mode: str
    checklist_pk: int
    checklist_name: str
    run_pk: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFilter:
    """What a list of checks is narrowed to; empty is no limit."""

    service: str = ""
    status: str = ""
    kind: str = ""
    text: str = ""


def find_checks(team_ids: Collection[int], wanted: CheckFilter) -> QuerySet[Check]:
    """Return the checks of the teams by service and name."""
    found = Check.objects.filter(service__team__in=team_ids)
    if wanted.service:
        found = found.filter(service__slug=wanted.service)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.status == "stopped":
        found = found.filter(is_enabled=False)
    elif wanted.status:
        found = found.filter(status=wanted.status, is_enabled=True)
    if wanted.text:
        found = found.filter(
            Q(name__icontains=wanted.text) | Q(last_summary__icontains=wanted.text)
        )
    return found.order_by("service__position", "service__name", "name", "pk")


def as_check_rows(checks: QuerySet[Check]) -> list[CheckRow]:
    """Read the checks as rows, in one query."""
    return [
        CheckRow._make(row)
        for row in checks.values_list(
            "pk",
            "name",
            "kind",
            "service_id",
            "service__name",
            "service__slug",
            "service__team_id",
            "status",
            "status_since",
            "last_value",
            "unit",
            "last_summary",
            "last_observed_at",
            "condition",
            "interval",
            "is_enabled",
            "is_flapping",
        )
    ]


def count_statuses(team_ids: Collection[int]) -> dict[str, int]:
    """Return how many checks of the teams are in each status, and ``stopped``."""
    counts: dict[str, int] = {}
    rows = Check.objects.filter(service__team__in=team_ids).order_by()
    for status, is_enabled in rows.values_list("status", "is_enabled"):
        word = status if is_enabled else "stopped"
        counts[word] = counts.get(word, 0) + 1
    return counts


def recent_values(
    checks: Iterable[CheckRow], now: datetime
) -> dict[int, list[float | None]]:
    """Return the latest values of each check, oldest first, in one query.

    Each check is read as far back as its interval needs, so that the number of
    rows does not grow with how often it looks.
    """
    by_interval: dict[timedelta, list[int]] = {}
    for check in checks:
        by_interval.setdefault(check.interval, []).append(check.pk)
    wanted = Q(pk__in=[])
    for interval, pks in by_interval.items():
        since = now - SPARK_POINTS * interval
        wanted |= Q(check_ref__in=pks, scheduled_for__gte=since)
    values: dict[int, list[float | None]] = {}
    rows = CheckResult.objects.filter(wanted).order_by("scheduled_for")
    for pk, value in rows.values_list("check_ref_id", "value"):
        values.setdefault(pk, []).append(value)
    return values


def get_check_for(actor: Actor, pk: int) -> Check:
    """Return the check with what its page needs, or raise Http404."""
    check = (
        Check.objects.filter(pk=pk, service__team__in=teams_of(actor))
        .select_related("service__team", "data_source", "heartbeat")
        .defer("data_source__dsn")
        .prefetch_related("depends_on", "dependents", "service__severities")
        .first()
    )
    if check is None:
        raise Http404
    return check


def last_results(check_pk: int) -> list[ResultRow]:
    """Return the latest looks, newest first."""
    rows = CheckResult.objects.filter(check_ref=check_pk).order_by("-scheduled_for")
    fields = ResultRow._fields
    return [ResultRow._make(row) for row in rows.values_list(*fields)[:LAST_RESULTS]]


def chart_points(
    check_pk: int, now: datetime
) -> list[tuple[datetime, float | None, float | None]]:
    """Return (moment, value, latency in ms) of the last 48 hours, oldest first.

    At most CHART_POINTS of them: what is drawn does not grow with how often the
    check looks. A look that failed stands for its stretch, else the last one.
    """
    rows = CheckResult.objects.filter(
        check_ref=check_pk, scheduled_for__gt=now - CHART_SPAN
    ).order_by("scheduled_for")
    stretch = CHART_SPAN / CHART_POINTS
    shown: dict[int, tuple[str, datetime, float | None, float | None]] = {}
    for row in rows.values_list("outcome", "observed_at", "value", "latency_ms"):
        place = (row[1] - now) // stretch
        if place not in shown or shown[place][0] != _FAIL or row[0] == _FAIL:
            shown[place] = row
    return [(at, value, latency) for _, at, value, latency in shown.values()]


def recent_alerts(check: Check) -> list[AlertRow]:
    """Return the latest alerts of the check, newest first."""
    alerts = Alert.objects.filter(
        series__integration__service=check.service_id,
        series__integration__kind=Integration.Kind.CHECKS,
        series__dedup_key=f"check:{check.pk}",
    )
    return as_alert_rows(alerts.order_by("-starts_at", "-pk")[:LAST_ALERTS])


def items_of_check(check_pk: int) -> list[ItemRow]:
    """Return the items of published checklists that the check serves."""
    items = ChecklistItem.objects.filter(
        checks=check_pk, version__status="published"
    ).order_by("version__checklist__name", "position")
    rows = list(
        items.values_list(
            "text", "mode", "version__checklist_id", "version__checklist__name"
        )
    )
    runs = Run.objects.filter(checklist__in={row[2] for row in rows})
    latest = dict(
        runs.exclude(state=Run.State.CLOSED)
        .order_by("due_at")
        .values_list("checklist_id", "pk")
    )
    return [ItemRow(*row, latest.get(row[2])) for row in rows]


def get_service_for(actor: Actor, slug: str) -> Service:
    """Return one service of the actor's teams, or raise Http404."""
    service = (
        Service.objects.filter(slug=slug, team__in=teams_of(actor))
        .select_related("team")
        .prefetch_related("severities")
        .first()
    )
    if service is None:
        raise Http404
    return service


def possible_parents(team_pk: int, check_pk: int | None) -> list[Check]:
    """Return the checks of the team that a check may depend on."""
    return list(
        Check.objects.filter(service__team=team_pk)
        .exclude(pk=check_pk or 0)
        .select_related("service")
        .order_by("service__position", "service__name", "name")
    )


def sources_of(kind: str, team_pk: int) -> list[str]:
    """Return the sources that a check of this kind may name; [] for others."""
    if kind == "internal":
        return list(SOURCES)
    if kind == "sql":
        sources = DataSource.objects.filter(team=team_pk)
        return list(sources.values_list("name", flat=True))
    return []
