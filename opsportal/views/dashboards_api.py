"""The API of the three dashboards."""

from dataclasses import asdict
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema

from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, readable_teams
from opsportal.dashboards import Viewer, build_dashboard

router = Router(tags=["dashboards"])


class HealthOut(Schema):
    """A service; ``uptime_percent`` of 30 days is null before it was watched."""

    service: str
    status: str
    uptime_percent: float | None


class TallyOut(Schema):
    """How many of something."""

    name: str
    count: int


class PointOut(Schema):
    """A value; null where nothing was known."""

    at: Moment
    value: float | None


class SeriesOut(Schema):
    """What a plot draws, the oldest first; ``unit`` is "" for a count."""

    name: str
    unit: str
    points: list[PointOut]


class DashboardOut(Schema):
    """What the page of a dashboard shows; days are those of the token's person."""

    services: list[HealthOut]
    figures: list[TallyOut]
    alerts_by_service: list[TallyOut]
    series: list[SeriesOut]


@router.get("/dashboards/{audience}", response=DashboardOut)
def show_dashboard(
    request: ApiRequest, audience: Literal["executive", "operations", "development"]
) -> Any:
    """Read the dashboard of one audience."""
    viewer = Viewer(
        user=request.auth.user, team_ids=readable_teams(request), now=timezone.now()
    )
    shown = build_dashboard(audience, viewer)
    return {
        "services": [
            {"service": each.slug, "status": each.word, "uptime_percent": each.percent}
            for each in shown.services
        ],
        "figures": [{"name": name, "count": count} for name, count in shown.facts],
        "alerts_by_service": [
            {"name": name, "count": count} for name, count in shown.alerts or ()
        ],
        "series": [asdict(chart) for chart in shown.charts],
    }
