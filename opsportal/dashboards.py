"""What three dashboards hold: for those who lead, who operate and who develop."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from checklists.queries.checks import (
    CheckFilter,
    CheckRow,
    as_check_rows,
    chart_points,
    count_statuses,
    find_checks,
)
from checklists.queries.service_health import ServiceCard, service_cards
from incidents.queries.actions import action_rows
from incidents.queries.counts import (
    count_alerts_by_day,
    count_alerts_by_service,
    count_changes_by_day,
)
from incidents.queries.metrics import Scope
from incidents.queries.reports import build_report
from oncall.models import User
from opsportal.kit.charts import Point

_SPAN = timedelta(days=30)
_QUARTER = timedelta(days=90)
_MINUTE = timedelta(minutes=1)
# Each chart is a query, and nobody reads more of them at a glance.
_MOST_CHARTS = 6
_MOST_OF_ONE = 2
_TIMES = frozenset({"ms", "s", "µs"})
# What a reading is called that tells of the business.
_BUSINESS = re.compile(
    r"\b(users?|customers?|transactions?|orders?|sales|revenue|sign-?ups?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A series; ``unit`` is "" for a count, ``points`` the oldest first."""

    name: str
    unit: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Figures and plots; ``alerts`` are those of each service in 30 days."""

    facts: Sequence[tuple[str, int]]
    charts: Sequence[Chart]
    services: Sequence[ServiceCard] = field(default_factory=tuple)
    alerts: Sequence[tuple[str, int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, at the teams ``team_ids``; days are those of ``user``'s clock."""

    user: User
    team_ids: Sequence[int]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the viewer's clock."""
        return ZoneInfo(self.user.time_zone)


def build_dashboard(audience: str, viewer: Viewer) -> Dashboard:
    """Return what "executive", "operations" or "development" see.

    As many queries for many services as for one.
    """
    build = {
        "executive": _for_executives,
        "operations": _for_operations,
        "development": _for_developers,
    }[audience]
    return build(viewer)


def _for_executives(viewer: Viewer) -> Dashboard:
    ids, now = viewer.team_ids, viewer.now
    scope = Scope(team_ids=tuple(ids), since=now - _QUARTER, until=now)
    report = build_report(scope, viewer.zone)
    resolve = report.measures[-1]
    overdue = action_rows(ids, tab="overdue", me=viewer.user, text="", now=now)
    took = [each / _MINUTE if each is not None else None for each in resolve.by_week]
    return Dashboard(
        services=service_cards(ids, now),
        facts=[
            ("Real incidents in 90 days", len(report.stories)),
            ("Pages in 90 days", sum(report.pages)),
            ("Action items overdue", len(overdue)),
        ],
        charts=[
            Chart("Median time to resolve a week", "min", _points(report.weeks, took)),
            *_charts(viewer, lambda row: bool(_BUSINESS.search(row.name))),
        ],
    )


def _for_operations(viewer: Viewer) -> Dashboard:
    ids, now = viewer.team_ids, viewer.now
    days = count_alerts_by_day(ids, now - _SPAN, now, viewer.zone)
    return Dashboard(
        services=service_cards(ids, now),
        facts=[
            (f"Checks {status}", count) for status, count in count_statuses(ids).items()
        ],
        charts=[
            Chart("Alerts a day", "", _points(days, days.values())),
            *_charts(viewer, lambda row: row.unit == "%"),
        ],
    )


def _for_developers(viewer: Viewer) -> Dashboard:
    ids, now = viewer.team_ids, viewer.now
    changes = count_changes_by_day(ids, now - _SPAN, now, viewer.zone)
    return Dashboard(
        facts=[("Changes told in 30 days", sum(changes.values()))],
        alerts=count_alerts_by_service(ids, now - _SPAN, now),
        charts=[
            *_charts(viewer, lambda row: row.unit in _TIMES),
            Chart("Changes a day", "", _points(changes, changes.values())),
        ],
    )


def _charts(viewer: Viewer, is_wanted: Callable[[CheckRow], bool]) -> list[Chart]:
    """Return the last 48 hours of checks that read such a value, two a service."""
    found = as_check_rows(find_checks(viewer.team_ids, CheckFilter()))
    shown: list[CheckRow] = []
    taken: Counter[int] = Counter()
    for row in found:
        is_known = row.last_value is not None and is_wanted(row)
        if is_known and taken[row.service_pk] < _MOST_OF_ONE:
            taken[row.service_pk] += 1
            shown.append(row)
    return [
        Chart(
            f"{row.service_name}: {row.name}",
            row.unit,
            [Point(at, value) for at, value, _ in chart_points(row.pk, viewer.now)],
        )
        for row in shown[:_MOST_CHARTS]
    ]


def _points(days: Iterable[date], values: Iterable[float | None]) -> list[Point]:
    noons = (datetime.combine(day, time(12), UTC) for day in days)
    return [Point(at, value) for at, value in zip(noons, values, strict=True)]
