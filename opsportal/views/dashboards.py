"""Three dashboards: for those who lead, who operate and who develop."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from checklists.queries.checks import (
    CheckFilter,
    CheckRow,
    as_check_rows,
    chart_points,
    count_statuses,
    find_checks,
)
from checklists.queries.service_health import service_cards
from incidents.queries.actions import action_rows
from incidents.queries.counts import (
    count_alerts_by_day,
    count_alerts_by_service,
    count_changes_by_day,
)
from incidents.queries.metrics import Scope
from incidents.queries.reports import build_report
from oncall.access import PortalRequest, declares
from opsportal import frame
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.charts import Point
from opsportal.views import today_words as words

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
_AUDIENCES = {
    "executive": ("Executive", "Availability, incidents and the business."),
    "operations": ("Operations", "Health, alerts, error rates and utilisation."),
    "development": ("Development", "Response times, errors and deployments."),
}


@declares("team.see")
@require_safe
def show(request: PortalRequest, audience: str) -> HttpResponse:
    """Show the dashboard of one audience."""
    title, sub = _AUDIENCES[audience]
    build = {
        "executive": _for_executives,
        "operations": _for_operations,
        "development": _for_developers,
    }[audience]
    ctx = {
        "title": title,
        "words": sub,
        "tabs": [
            {
                "label": label,
                "url": reverse(f"dashboard_{name}"),
                "is_current": name == audience,
            }
            for name, (label, _) in _AUDIENCES.items()
        ],
        **build(request),
    }
    return render(request, "opsportal/dashboard.html", ctx)


def _for_executives(request: PortalRequest) -> dict[str, Any]:
    ids = frame.team_ids(request)
    zone = ZoneInfo(request.user.time_zone)
    scope = Scope(team_ids=tuple(ids), since=request.now - _QUARTER, until=request.now)
    report = build_report(scope, zone)
    resolve = report.measures[-1]
    overdue = action_rows(ids, tab="overdue", me=request.user, text="", now=request.now)
    took = [each / _MINUTE if each is not None else None for each in resolve.by_week]
    return {
        "tiles": words.service_tiles(service_cards(ids, request.now)),
        "facts": [
            ("Real incidents in 90 days", str(len(report.stories))),
            ("Pages in 90 days", str(sum(report.pages))),
            ("Action items overdue", str(len(overdue))),
        ],
        "charts": [
            ("Median time to resolve a week", "min", _points(report.weeks, took)),
            *_charts(request, lambda row: _BUSINESS.search(row.name)),
        ],
    }


def _for_operations(request: PortalRequest) -> dict[str, Any]:
    ids = frame.team_ids(request)
    since, zone = request.now - _SPAN, ZoneInfo(request.user.time_zone)
    days = count_alerts_by_day(ids, since, request.now, zone)
    return {
        "tiles": words.service_tiles(service_cards(ids, request.now)),
        "facts": [
            (f"Checks {status}", str(count))
            for status, count in count_statuses(ids).items()
        ],
        "charts": [
            ("Alerts a day", "", _points(days, days.values())),
            *_charts(request, lambda row: row.unit == "%"),
        ],
    }


def _for_developers(request: PortalRequest) -> dict[str, Any]:
    ids = frame.team_ids(request)
    since, zone = request.now - _SPAN, ZoneInfo(request.user.time_zone)
    changes = count_changes_by_day(ids, since, request.now, zone)
    return {
        "facts": [("Changes told in 30 days", str(sum(changes.values())))],
        "bars": _draw_alerts(count_alerts_by_service(ids, since, request.now)),
        "charts": [
            *_charts(request, lambda row: row.unit in _TIMES),
            ("Changes a day", "", _points(changes, changes.values())),
        ],
    }


def _charts(request: PortalRequest, is_wanted: Any) -> list[tuple[str, str, Any]]:
    """Return the last 48 hours of checks that read such a value, two a service."""
    found = as_check_rows(find_checks(frame.team_ids(request), CheckFilter()))
    shown: list[CheckRow] = []
    taken: Counter[int] = Counter()
    for row in found:
        is_known = row.last_value is not None and is_wanted(row)
        if is_known and taken[row.service_pk] < _MOST_OF_ONE:
            taken[row.service_pk] += 1
            shown.append(row)
    return [
        (
            f"{row.service_name}: {row.name}",
            row.unit,
            [Point(at, value) for at, value, _ in chart_points(row.pk, request.now)],
        )
        for row in shown[:_MOST_CHARTS]
    ]


def _points(days: Iterable[date], values: Iterable[float | None]) -> list[Point]:
    noons = (datetime.combine(day, time(12), UTC) for day in days)
    return [Point(at, value) for at, value in zip(noons, values, strict=True)]


def _draw_alerts(rows: list[tuple[str, int]]) -> SafeString:
    bars = [NamedValue(name, count, "warn") for name, count in rows]
    return draw_bars(bars, words="Alerts of each service in 30 days")
