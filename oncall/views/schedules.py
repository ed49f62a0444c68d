"""Who is on call: the board, and one schedule."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from oncall import queries
from oncall.access import (
    MEMBER,
    PortalRequest,
    declares,
    role_in,
    teams_allowing,
    teams_of,
)
from oncall.domain.permission import allows
from oncall.domain.schedule import Schedule as Plan
from oncall.models import Override, Schedule
from oncall.queries import editing, swaps
from oncall.queries.coverage import SIGHT, People, know_people, unreachable_of
from oncall.queries.handoffs import handoff_card
from oncall.queries.lanes import Bar, Lane
from oncall.queries.load import load_card
from oncall.queries.policies import policies_telling
from oncall.queries.rosters import roster_rows
from oncall.queries.schedules import on_call_of, own_first, taken_until, teams_with
from oncall.views.drawing import Pen, draw_lanes, tone_people
from oncall.views.finding import find_schedule, team_ids
from oncall.views.frames import RANGES, Frame, frame_from
from opsportal.kit.http import render_page

MOST_CARDS = 24


@declares(MEMBER)
@require_GET
def list_schedules(request: PortalRequest) -> HttpResponse:
    """Show who is on call now in every team of the viewer, their own first."""
    me = request.user.pk
    own = teams_with(me)
    board = own_first(queries.on_call_board(team_ids(request), request.now), me, own)
    page = Paginator(board, MOST_CARDS).get_page(request.GET.get("page"))
    teams = list(teams_of(request.actor).order_by("name"))
    editable = teams_allowing(request.actor, "schedule.edit")
    workable = teams_allowing(request.actor, "override.own")
    return render_page(
        request,
        "oncall/schedule_list.html",
        {
            "board": [
                (row, row.team_id in workable and not _has_it(request, row.on_call))
                for row in page
            ],
            "page": page,
            "gaps": [(row, gap) for row in board for gap in row.gaps],
            "unreachable": [(row, one) for row in board for one in row.unreachable],
            "teams": teams,
            "editable": [team for team in teams if team.pk in editable],
            "tab": "schedules",
        },
    )


def _has_it(request: PortalRequest, rows: list[Any]) -> bool:
    """Say whether the viewer holds the first role alone: nothing is left to take."""
    first = [row.user_id for row in rows if row.role == rows[0].role]
    return first == [request.user.pk]


@declares("team.see")
@require_GET
def show_schedule(request: PortalRequest, slug: str) -> HttpResponse:
    """Show weeks, a month or a quarter of a schedule, and what it lacks."""
    schedule = find_schedule(request, slug)
    plan = queries.load_schedule(schedule.pk)
    people = know_people([plan])
    frame = _frame_of(request, schedule)
    role = role_in(request.actor, schedule.team_id)
    can = {
        name: allows(role, action)
        for name, action in (
            ("edit", "schedule.edit"),
            ("any", "override.any"),
            ("own", "override.own"),
            ("pay", "stipend.see"),
        )
    }
    on_call = on_call_of(plan, request.now, people.names)
    overrides = editing.overrides_ahead(schedule, request.now)
    return render_page(
        request,
        "oncall/schedule_detail.html",
        {
            "schedule": schedule,
            "team": schedule.team,
            "rotations": roster_rows(schedule, request.now),
            "policies": policies_telling(schedule),
            "lanes": _draw(request, schedule, plan, people, frame, can_own=can["own"]),
            "frame": frame,
            "ranges": _ranges(frame),
            "on_call": on_call,
            "handoff": queries.next_handoff_row(plan, request.now, people.names),
            "next_shifts": queries.next_shifts(plan, request.now, names=people.names),
            "card": handoff_card(schedule.pk, request.now),
            "load": load_card(schedule, plan, request.now),
            "can_pay": can["pay"],
            "overrides": [
                (row, can["any"] or (can["own"] and _is_own(request, row)))
                for row in overrides
            ],
            "can_edit": can["edit"],
            "can_override": can["own"],
            "open_swaps": swaps.open_swaps(
                [schedule.team_id], request.now, schedule_pk=schedule.pk
            ),
            "swap_takers": {schedule.team_id} if can["own"] else set(),
            "can_take": can["own"] and not _has_it(request, on_call),
            "taken_until": taken_until(schedule.pk, request.user.pk, request.now),
            "crumbs": [("On call", "/oncall/")],
            **_coverage(plan, people, request.now),
        },
    )


def _coverage(plan: Plan, people: People, now: datetime) -> dict[str, Any]:
    gaps = queries.gaps_of(plan, now, now + SIGHT)
    return {
        "gaps": gaps,
        "soon": [gap for gap in gaps if gap.starts_at < now + queries.AHEAD],
        "unreachable": unreachable_of(plan, people, now, now + SIGHT),
        "sight": SIGHT.days,
    }


def _draw(
    request: PortalRequest,
    schedule: Schedule,
    plan: Plan,
    people: People,
    frame: Frame,
    *,
    can_own: bool,
) -> str:
    lanes = queries.schedule_lanes(plan, frame.starts_at, frame.ends_at, people.names)
    url = reverse("override_create", args=[schedule.slug])

    def link(lane: Lane, bar: Bar) -> str:
        if bar.key is not None:
            return f"#override-{bar.key}" if bar.ends_at > request.now else ""
        if not can_own or bar.ends_at <= request.now:
            return ""
        span = (max(bar.starts_at, request.now), bar.ends_at)
        return f"{url}?{_query_of(span, lane.role)}"

    pen = Pen(
        viewer_zone=timezone.get_current_timezone(),
        tones=tone_people(each for each in people.names if isinstance(each, int)),
        link=link,
        drop_url=url if can_own else "",
    )
    return draw_lanes(lanes, frame, pen)


def _query_of(span: tuple[datetime, datetime], role: str) -> str:
    start, end = (f"{at:%Y-%m-%dT%H:%M}Z" for at in span)
    return urlencode({"from": start, "to": end, "role": role})


def _frame_of(request: PortalRequest, schedule: Schedule) -> Frame:
    zone = ZoneInfo(schedule.time_zone)
    kind = request.GET.get("range", "")
    try:
        day = date.fromisoformat(request.GET.get("from", "")[:10])
        return frame_from(kind, day, zone, now=request.now)
    except (ValueError, OverflowError):
        today = request.now.astimezone(zone).date()
        return frame_from(kind, today, zone, now=request.now)


def _ranges(frame: Frame) -> list[dict[str, Any]]:
    """Return the choices of how much is shown; each keeps the day that is shown."""
    day = {} if frame.has_now else {"from": frame.first.isoformat()}
    return [
        {
            "label": label,
            "url": f"?{urlencode({'range': kind, **day})}",
            "is_current": kind == frame.kind,
        }
        for kind, label in RANGES
    ]


def _is_own(request: PortalRequest, row: Override) -> bool:
    return request.user.pk in {row.add_user_id, row.remove_user_id}
