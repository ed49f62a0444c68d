"""Showing what an edit of a schedule would do, and saving exactly what was shown."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from oncall.access import PortalRequest
from oncall.services.edits import ScheduleEdit
from oncall.services.previews import PREVIEW_WEEKS, preview_edit
from oncall.services.schedules import make_edit
from oncall.views.drawing import draw_lanes, frame_weeks
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.http import INVALID, redirect_back
from opsportal.kit.toasts import say


def save_or_preview(
    request: PortalRequest, edit: ScheduleEdit, *, done: str
) -> tuple[HttpResponse | None, dict[str, Any]]:
    """Save when what was sent is what was previewed; else return the preview's values.

    Raises PortalError with the field at fault.
    """
    seal = request.POST.get("seal", "")
    if request.POST.get("act") == "save" and seal:
        try:
            made = make_edit(edit, by=request.user, now=request.now, seal=seal)
        except Refused as error:
            if error.code != "not_previewed":
                raise
        else:
            slug = made.schedule.slug
            undo = (
                reverse("version_undo", args=[slug, made.version.pk])
                if (made.version)
                else ""
            )
            say(request, done, undo_url=undo)
            return redirect_back(request, "schedule_detail", slug), {}
    return None, show_preview(request, edit)


def show_preview(request: PortalRequest, edit: ScheduleEdit) -> dict[str, Any]:
    """Return what a page shows of a preview. Raises PortalError."""
    preview = preview_edit(edit, now=request.now)
    frame = frame_weeks(
        preview.starts_at, preview.plan.zone, now=request.now, weeks=PREVIEW_WEEKS
    )
    return {"preview": preview, "lanes": draw_lanes(preview.lanes, frame)}


def refuse(form: Any, error: PortalError) -> int:
    """Put a refusal where the person typed; return the status to answer with."""
    has_place = getattr(form, "has_place_for", form.fields.__contains__)
    form.add_error(error.field if has_place(error.field) else None, error.message)
    return INVALID if error.status == PortalError.status else error.status
