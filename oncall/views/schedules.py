"""Who is on call: the board, one schedule, and the acts on it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oncall import queries
from oncall.access import (
    MEMBER,
    PortalRequest,
    authorize,
    declares,
    may,
    teams_allowing,
    teams_of,
)
from oncall.forms.overrides import OverrideForm
from oncall.models import Override, Schedule
from oncall.queries import editing
from oncall.services import overrides
from oncall.views.drawing import Frame, draw_lanes, frame_weeks
from oncall.views.finding import find_schedule, team_ids
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

WEEKS = 2


@declares(MEMBER)
@require_GET
def list_schedules(request: PortalRequest) -> HttpResponse:
    """Show who is on call now in every team of the viewer."""
    board = queries.on_call_board(team_ids(request), request.now)
    teams = list(teams_of(request.actor).order_by("name"))
    editable = teams_allowing(request.actor, "schedule.edit")
    return render_page(
        request,
        "oncall/schedule_list.html",
        {
            "board": board,
            "gaps": [(row, gap) for row in board for gap in row.gaps],
            "teams": teams,
            "editable": [team for team in teams if team.pk in editable],
            "tab": "schedules",
        },
    )


@declares("team.see")
@require_GET
def show_schedule(request: PortalRequest, slug: str) -> HttpResponse:
    """Show two weeks of a schedule, who is next, and its exceptions."""
    schedule = find_schedule(request, slug)
    plan = queries.load_schedule(schedule.pk)
    frame = _frame_of(request, schedule)
    overrides_ahead = editing.overrides_ahead(schedule, request.now)
    can_edit = may(request.actor, "schedule.edit", schedule.team_id)
    can_any = may(request.actor, "override.any", schedule.team_id)
    can_own = may(request.actor, "override.own", schedule.team_id)
    return render_page(
        request,
        "oncall/schedule_detail.html",
        {
            "schedule": schedule,
            "team": schedule.team,
            "rotations": editing.describe_rotations(schedule, request.now),
            "lanes": draw_lanes(
                queries.schedule_lanes(plan, frame.starts_at, frame.ends_at), frame
            ),
            "frame": frame,
            "earlier": frame.starts_at - timedelta(days=14),
            "later": frame.ends_at,
            "on_call": queries.on_call_in([schedule.pk], request.now)[schedule.pk],
            "handoff": queries.next_handoff_row(plan, request.now),
            "next_shifts": queries.next_shifts(plan, request.now),
            "gaps": queries.gaps_of(plan, request.now, request.now + timedelta(days=7)),
            "overrides": [
                (row, can_any or (can_own and _is_own(request, row)))
                for row in overrides_ahead
            ],
            "can_edit": can_edit,
            "can_override": can_own,
            "crumbs": [("On call", "/oncall/")],
        },
    )


def _frame_of(request: PortalRequest, schedule: Schedule) -> Frame:
    zone = ZoneInfo(schedule.time_zone)
    try:
        start = datetime.fromisoformat(request.GET.get("from", "")).replace(tzinfo=zone)
        return frame_weeks(start, zone, now=request.now, weeks=WEEKS)
    except (ValueError, OverflowError):
        return frame_weeks(request.now, zone, now=request.now, weeks=WEEKS)


def _is_own(request: PortalRequest, row: Override) -> bool:
    return request.user.pk in {row.add_user_id, row.remove_user_id}


@declares("override.own")
@require_http_methods(["GET", "POST"])
def add_override(request: PortalRequest, slug: str) -> HttpResponse:
    """Enter an exception; of others only with the role for it."""
    schedule = find_schedule(request, slug, to="override.own")
    people = queries.people_of(schedule.team_id)
    roles = editing.roles_of(schedule)
    form = OverrideForm(
        request.POST or None,
        people=people,
        roles=roles,
        initial={
            "add_user": str(request.user.pk),
            "role": next(iter(roles), ""),
            "ends_at": request.now + timedelta(hours=8),
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.read(request.now)
            if request.user.pk not in {values.add_user_id, values.remove_user_id}:
                authorize(request.actor, "override.any", schedule.team_id)
            try:
                overrides.add_override(
                    schedule, values, by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "The override holds.")
                return redirect_back(request, "schedule_detail", slug)
    return render_page(
        request,
        "oncall/override_form.html",
        {
            "form": form,
            "schedule": schedule,
            "team": schedule.team,
            "crumbs": [("On call", "/oncall/"), (schedule.name, f"/oncall/{slug}/")],
        },
        status=status,
    )


@declares("override.own")
@require_POST
@answers_refusals("schedule_detail", keyword="slug")
def cancel_override(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """End an exception."""
    schedule = find_schedule(request, slug, to="override.own")
    row = get_object_or_404(Override, pk=pk, schedule=schedule)
    if not _is_own(request, row):
        authorize(request.actor, "override.any", schedule.team_id)
    overrides.cancel_override(row, by=request.user, now=request.now)
    say(request, "The override is cancelled.")
    return redirect_back(request, "schedule_detail", slug)
