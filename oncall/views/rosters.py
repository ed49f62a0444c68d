"""A schedule's settings, its rotations and their history, and what ends or undoes."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from oncall.access import PortalRequest, declares, may
from oncall.forms.rotations import MomentForm, SettingsForm
from oncall.models import Schedule
from oncall.queries.rosters import find_version, roster_rows
from oncall.services.edits import (
    EditSettings,
    RetireRotation,
    ScheduleEdit,
    SwitchSchedule,
    UndoVersion,
)
from oncall.views.finding import find_rotation, find_schedule
from oncall.views.previewing import refuse, save_or_preview, show_preview
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, render_page


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def edit_settings(request: PortalRequest, slug: str) -> HttpResponse:
    """Change a schedule's name, zone, holidays and required roles."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    form = SettingsForm(request.POST or None, schedule=schedule)
    ctx: dict[str, Any] = {
        **_frame(schedule),
        "form": form,
        "rotations": roster_rows(schedule, request.now),
    }
    status = 200
    if form.is_bound:
        status = INVALID
        if form.is_valid():
            try:
                answer, preview = save_or_preview(
                    request,
                    EditSettings(schedule, form.read()),
                    done="The settings are saved.",
                )
            except PortalError as error:
                status = refuse(form, error)
            else:
                if answer is not None:
                    return answer
                ctx, status = ctx | preview, 200
    return render_page(request, "oncall/schedule_settings.html", ctx, status=status)


@declares("team.see")
@require_GET
def show_history(request: PortalRequest, slug: str) -> HttpResponse:
    """Show who changed which rotation when, what is planned, and what can be undone."""
    schedule = find_schedule(request, slug)
    ctx = {
        **_frame(schedule),
        "rotations": roster_rows(schedule, request.now),
        "can_edit": may(request.actor, "schedule.edit", schedule.team_id),
    }
    return render_page(request, "oncall/rotation_history.html", ctx)


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def retire_rotation(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """End a rotation from a moment on."""
    rotation = find_rotation(request, slug, pk)
    form = MomentForm(request.POST or None)
    edit = RetireRotation(rotation)
    if form.is_bound and form.is_valid():
        edit = RetireRotation(rotation, form.cleaned_data["effective_from"])
    texts = {
        "title": f"Retire {rotation.name}",
        "text": "From a moment on it puts nobody on call. What was stays as it was, "
        "and for 30 days you can undo this.",
        "submit": "Retire the rotation",
        "done": "The rotation is retired.",
    }
    return _confirm(request, rotation.schedule, edit, texts, form=form)


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def undo_version(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Let what held before a version hold again."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    version = find_version(pk, schedule)
    if version is None:
        raise Http404
    texts = {
        "title": f"Undo an edit of {version.rotation.name}",
        "text": "What held before holds again, from now or from the moment on at "
        "which the edit begins. What was stays as it was.",
        "submit": "Undo the edit",
        "done": "The edit is undone.",
    }
    return _confirm(request, schedule, UndoVersion(version), texts)


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def switch_schedule(request: PortalRequest, slug: str) -> HttpResponse:
    """Archive a schedule, or restore it."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    restores = not schedule.is_active
    texts = {
        "title": f"{'Restore' if restores else 'Archive'} {schedule.name}",
        "text": "It shows on the board again, and can be edited."
        if restores
        else "It leaves the board and can no longer be edited. Everything that was "
        "stays readable, and it can be restored at any time.",
        "submit": f"{'Restore' if restores else 'Archive'} the schedule",
        "done": f"The schedule is {'restored' if restores else 'archived'}.",
    }
    edit = SwitchSchedule(schedule, is_active=restores)
    return _confirm(request, schedule, edit, texts)


def _confirm(
    request: PortalRequest,
    schedule: Schedule,
    edit: ScheduleEdit,
    texts: dict[str, str],
    form: Any = None,
) -> HttpResponse:
    """Show what an act changes, and do it once that is confirmed."""
    ctx: dict[str, Any] = {**_frame(schedule), **texts, "form": form}
    status = 200
    try:
        if form is not None and form.is_bound and not form.is_valid():
            status = INVALID
        elif request.method == "POST":
            answer, preview = save_or_preview(request, edit, done=texts["done"])
            if answer is not None:
                return answer
            ctx |= preview
        else:
            ctx |= show_preview(request, edit)
    except PortalError as error:
        ctx["refusal"] = error.message
        status = error.status if error.status != PortalError.status else INVALID
    return render_page(request, "oncall/edit_confirm.html", ctx, status=status)


def _frame(schedule: Schedule) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "team": schedule.team,
        "crumbs": [
            ("On call", "/oncall/"),
            (schedule.name, f"/oncall/{schedule.slug}/"),
        ],
    }
