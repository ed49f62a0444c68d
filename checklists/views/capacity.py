"""The page of a service's capacity: what grows, and when it reaches a limit."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from checklists.domain.growth import FEWEST, Growth, Reach
from checklists.queries.capacity import DAYS
from checklists.queries.checks import get_service_for
from checklists.services.planning import Planned, plan_capacity
from oncall.access import PortalRequest, declares
from opsportal.kit.quantities import say_number, scale_bytes

_SOON, _LATER = 30, 90


@declares("team.see")
@require_GET
def show_capacity(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what the checks of one service measure, by when a limit is reached."""
    service = get_service_for(request.actor, slug)
    rows = plan_capacity(service.pk, now=request.now)
    ctx = {
        "service": service,
        "team": service.team,
        "rows": [_describe(row, request.now) for row in rows],
        "days": DAYS,
        "fewest": FEWEST,
        "crumbs": [(service.name, reverse("service_detail", args=[slug]))],
    }
    return render(request, "checklists/capacity.html", ctx)


def _describe(row: Planned, now: datetime) -> dict[str, Any]:
    unit = row.check.unit
    return {
        "check": row.check,
        "level": _say(row.growth.level, unit) if row.growth else "",
        "growth": _say_growth(row.growth, unit),
        "limit": _say(row.reach.limit, unit) if row.reach else "",
        "threshold": row.reach.limit if row.reach else None,
        "when": _say_when(row.reach, now),
        "within": _say_within(row.reach, now),
        "tone": _tone_of(row.reach),
        "values": [value for _, value in row.days],
    }


def _say(value: float, unit: str) -> str:
    value, unit = scale_bytes(value, unit)
    return f"{say_number(value)} {unit}".strip()


def _say_growth(growth: Growth | None, unit: str) -> str:
    if growth is None:
        return "not enough days yet"
    if not growth.is_clear:
        return "no clear trend"
    sign = "+" if growth.a_day > 0 else "-"
    return f"{sign}{_say(abs(7 * growth.a_day), unit)} a week"


def _say_when(reach: Reach | None, now: datetime) -> date | None:
    return None if reach is None else (now + timedelta(days=reach.expected)).date()


def _say_within(reach: Reach | None, now: datetime) -> tuple[date, date | None] | None:
    if reach is None:
        return None
    first = (now + timedelta(days=reach.earliest)).date()
    if reach.latest is None:
        return first, None
    return first, (now + timedelta(days=reach.latest)).date()


def _tone_of(reach: Reach | None) -> str:
    if reach is None:
        return ""
    if reach.expected <= _SOON:
        return "crit"
    return "warn" if reach.expected <= _LATER else "ok"
