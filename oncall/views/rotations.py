"""Editing a weekly rotation, with what it changes shown before it is saved."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from oncall import queries
from oncall.access import PortalRequest, declares
from oncall.domain.schedule import Member
from oncall.forms.fields import NOBODY
from oncall.forms.rotations import ScheduleForm, WeeklyForm
from oncall.queries import editing
from oncall.services import schedules
from oncall.views.drawing import draw_lanes, frame_weeks
from oncall.views.finding import find_rotation, find_team
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def create_schedule(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Make a schedule with a weekly rotation."""
    team = find_team(request, team_slug, to="schedule.edit")
    people = queries.people_of(team.pk)
    initial = {
        "roles": "primary, secondary",
        "weekday": 0,
        "at": "09:00",
        "time_zone": team.time_zone,
    }
    form = ScheduleForm(request.POST or None, people=people, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = schedules.create_schedule(
                    team,
                    name=form.cleaned_data["name"],
                    slug=form.cleaned_data["slug"],
                    form=form.read(request.now),
                    by=request.user,
                    now=request.now,
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "The schedule is made.")
                return redirect_back(request, "schedule_detail", made.slug)
    return render_page(
        request,
        "oncall/schedule_create.html",
        {"form": form, "team": team, "crumbs": [("On call", "/oncall/")]},
        status=status,
    )


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def edit_rotation(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Preview an edit, then save exactly what was previewed."""
    rotation = find_rotation(request, slug, pk)
    initial = editing.initial_of(rotation, request.now)
    members = initial.pop("members", ())
    is_weekly = initial.pop("is_weekly", True)
    form = WeeklyForm(
        request.POST or None,
        people=queries.people_of(rotation.schedule.team_id),
        places=len(members),
        initial={**initial, **_places_of(members)},
    )
    ctx: dict[str, Any] = {
        "form": form,
        "rotation": rotation,
        "schedule": rotation.schedule,
        "team": rotation.schedule.team,
        "is_weekly": is_weekly,
        "planned": editing.planned_of(rotation, request.now),
        "crumbs": [
            ("On call", "/oncall/"),
            (rotation.schedule.name, f"/oncall/{slug}/"),
        ],
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if _is_confirmed(request, form):
                    return _save(request, slug, rotation, form)
                ctx |= _preview(request, rotation, form)
                status = 200
            except PortalError as error:
                status = add_error(form, error)
    return render_page(request, "oncall/rotation_edit.html", ctx, status=status)


def _is_confirmed(request: PortalRequest, form: WeeklyForm) -> bool:
    is_saving = request.POST.get("act") == "save"
    return is_saving and request.POST.get("previewed") == form.fingerprint()


def _save(
    request: PortalRequest, slug: str, rotation: Any, form: WeeklyForm
) -> HttpResponse:
    schedules.edit_rotation(
        rotation, form.read(request.now), by=request.user, now=request.now
    )
    say(request, "The rotation is saved. What was stays as it was.")
    return redirect_back(request, "schedule_detail", slug)


def _preview(request: PortalRequest, rotation: Any, form: WeeklyForm) -> dict[str, Any]:
    values = form.read(request.now)
    preview = schedules.preview_rotation(rotation, values, now=request.now)
    frame = frame_weeks(
        preview.starts_at,
        schedules.zone_of(values),
        now=request.now,
        weeks=schedules.PREVIEW_WEEKS,
    )
    return {
        "preview": preview,
        "previewed": form.fingerprint(),
        "lanes": draw_lanes(preview.lanes, frame),
    }


def _places_of(members: tuple[Member, ...]) -> dict[str, str]:
    """The members as the form's places; of a group only the first has one."""
    places = {}
    for number, member in enumerate(members):
        first = member[0] if isinstance(member, tuple) else member
        places[f"place_{number}"] = NOBODY if first is None else str(first)
    return places
