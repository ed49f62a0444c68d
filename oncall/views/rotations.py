"""Editing schedules and rotations, with what it changes shown before it is saved."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from oncall import queries
from oncall.access import PortalRequest, declares
from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import Count
from oncall.domain.schedule import HolidayPolicy
from oncall.forms.reshaping import reshape
from oncall.forms.rotations import RotationForm, ScheduleForm, show_draft
from oncall.queries.rosters import roster_rows
from oncall.services.drafts import draft_of
from oncall.services.edits import AddRotation, CreateSchedule, EditRotation
from oncall.views.finding import find_rotation, find_schedule, find_team
from oncall.views.previewing import refuse, save_or_preview
from opsportal.kit.errors import PortalError
from opsportal.kit.http import render_page

_NEW = {
    "roles": "primary, secondary",
    "weekday": 0,
    "at": "09:00",
    "unit": "week",
    "every": 1,
    "priority": 0,
    "month_day": 1,
    "count": Count.CALENDAR.value,
    "holiday_policy": HolidayPolicy.IGNORE.value,
    "absence_policy": AbsencePolicy.WARN.value,
    "keeps_current": True,
}


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def create_schedule(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Make a schedule with its first rotation."""
    team = find_team(request, team_slug, to="schedule.edit")
    people = queries.people_of(team.pk)
    initial = {**_NEW, "time_zone": team.time_zone}
    form = _read_form(request, ScheduleForm, people, initial)

    def make() -> CreateSchedule:
        clean = form.cleaned_data
        zone = clean["time_zone"].strip()
        return CreateSchedule(team, clean["name"], clean["slug"], zone, form.read())

    ctx = {"team": team, "crumbs": [("On call", "/oncall/")]}
    return _work(
        request,
        form,
        make,
        {**ctx, "template": "oncall/schedule_create.html"},
        done="The schedule is made.",
    )


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def create_rotation(request: PortalRequest, slug: str) -> HttpResponse:
    """Add one more rotation to a schedule."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    people = queries.people_of(schedule.team_id)
    form = _read_form(request, RotationForm, people, {**_NEW, "name": "Weekly"})
    return _work(
        request,
        form,
        lambda: AddRotation(schedule, form.read()),
        {**_frame(schedule), "title": "Add a rotation"},
        done="The rotation is added.",
    )


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def edit_rotation(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Preview an edit, then save exactly what was previewed."""
    rotation = find_rotation(request, slug, pk)
    draft = draft_of(rotation, request.now)
    people = queries.people_of(rotation.schedule.team_id)
    form = _read_form(request, RotationForm, people, show_draft(draft))
    (row,) = (
        each for each in roster_rows(rotation.schedule, request.now) if each.pk == pk
    )
    return _work(
        request,
        form,
        lambda: EditRotation(rotation, form.read()),
        {
            **_frame(rotation.schedule),
            "title": "Edit rotation",
            "rotation": rotation,
            "row": row,
        },
        done="The rotation is saved. What was stays as it was.",
    )


def _frame(schedule: Any) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "team": schedule.team,
        "template": "oncall/rotation_edit.html",
        "crumbs": [
            ("On call", "/oncall/"),
            (schedule.name, f"/oncall/{schedule.slug}/"),
        ],
    }


def _read_form(
    request: PortalRequest, kind: type[RotationForm], people: Any, initial: Any
) -> Any:
    """The form as it was sent, or as a button of the page reshaped it."""
    if request.method != "POST":
        return kind(people=people, initial=initial)
    reshaped = reshape(request.POST.dict(), request.POST.get("act", ""))
    if reshaped is not None:
        return kind(people=people, initial=reshaped)
    return kind(request.POST, people=people)


def _work(
    request: PortalRequest, form: Any, make: Any, ctx: dict[str, Any], *, done: str
) -> HttpResponse:
    """Show the form; once it is sent, its preview or what is wrong; or save."""
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                answer, preview = save_or_preview(request, make(), done=done)
            except PortalError as error:
                status = refuse(form, error)
            else:
                if answer is not None:
                    return answer
                ctx, status = ctx | preview, 200
    ctx |= {"form": form, "is_conflict": status == 409}
    return render_page(request, ctx["template"], ctx, status=status)
