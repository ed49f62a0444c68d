"""The page of how incidents went, and its figures as files."""

import csv
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from incidents import queries
from incidents.domain.incident_metrics import Spread
from incidents.queries.metrics import Scope
from incidents.queries.reports import (
    IncidentReport,
    MeasureReport,
    build_report,
    list_figures,
)
from incidents.views.finding import team_ids
from oncall.access import PortalRequest, declares
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.charts import Point
from opsportal.kit.dots import draw_dots
from opsportal.kit.http import render_page

_SPANS = (30, 90, 180, 365)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@declares("team.see")
@require_GET
def show(request: PortalRequest) -> HttpResponse:
    """Show times, severities, pages and hours, each with all of its points."""
    days, scope = _read(request)
    report = build_report(scope, ZoneInfo(request.user.time_zone))
    ctx = {
        "days": days,
        "spans": _SPANS,
        "service": scope.service,
        "services": queries.list_services(scope.team_ids),
        "count": len(report.stories),
        "measures": [_measure(each, report) for each in report.measures],
        "levels": _draw_levels(report),
        "pages": _points(report, [float(count) for count in report.pages]),
        "has_pages": any(report.pages),
        "people": [(each, each.worked / _HOUR) for each in report.people],
        "query": request.GET.urlencode(),
        "crumbs": [("Incidents", reverse("incident_list"))],
    }
    return render_page(request, "incidents/metrics.html", ctx)


@declares("team.see")
@require_GET
def export(request: PortalRequest, kind: str) -> HttpResponse:
    """Give the figures as CSV or JSON; lengths in seconds."""
    _, scope = _read(request)
    figures = list_figures(build_report(scope, ZoneInfo(request.user.time_zone)))
    if kind == "json":
        head, *rows = figures
        return JsonResponse(
            {"figures": [dict(zip(head, row, strict=True)) for row in rows]}
        )
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="incidents.csv"'
    csv.writer(answer).writerows(figures)
    return answer


def _read(request: PortalRequest) -> tuple[int, Scope]:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, _SPANS) else _SPANS[1]
    scope = Scope(
        team_ids=tuple(team_ids(request)),
        since=request.now - timedelta(days=days),
        until=request.now,
        service=request.GET.get("service", ""),
    )
    return days, scope


def _measure(each: MeasureReport, report: IncidentReport) -> dict[str, Any]:
    weeks = [None if week is None else week / _MINUTE for week in each.by_week]
    return {
        "title": each.title,
        "whole": each.whole,
        "dots": _draw_dots(each.whole, each.title),
        "trend": _points(report, weeks),
        "trend_words": f"{each.title}, median a week",
        "parts": [*each.by_service.items(), *each.by_severity.items()],
    }


def _draw_dots(whole: Spread | None, title: str) -> SafeString:
    if whole is None:
        return draw_dots([], median=0, p90=0, words=title, unit="min")
    return draw_dots(
        [point / _MINUTE for point in whole.points],
        median=whole.median / _MINUTE,
        p90=whole.p90 / _MINUTE,
        words=title,
        unit="min",
    )


def _draw_levels(report: IncidentReport) -> SafeString:
    tones = ("crit", "warn", "acc", "ok", "none")
    rows = [
        NamedValue(name.capitalize(), length / _HOUR, tone)  # type: ignore[arg-type]
        for (name, length), tone in zip(report.levels.items(), tones, strict=False)
    ]
    return draw_bars(rows, words="Hours in each severity", unit="h")


def _points(
    report: IncidentReport, values: list[float | None] | list[float]
) -> list[Point]:
    noon = [datetime.combine(week, time(12), UTC) for week in report.weeks]
    return [Point(at, value) for at, value in zip(noon, values, strict=True)]
