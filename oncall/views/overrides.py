"""Exceptions to a schedule: shown before they are saved, taken back by one press."""

from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from oncall import queries
from oncall.access import PortalRequest, authorize, declares, may
from oncall.forms.overrides import OverrideForm, TakeForm, read_query
from oncall.models import Override, Schedule
from oncall.queries import editing
from oncall.services import overrides
from oncall.views.finding import find_schedule
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.moments import say_moment
from opsportal.kit.toasts import say

_OF_OTHERS = "Your role lets you change your own shifts. Ask a manager for others'."


@declares("override.own")
@require_http_methods(["GET", "POST"])
def add_override(request: PortalRequest, slug: str) -> HttpResponse:
    """Preview an exception, then save exactly what was previewed."""
    schedule = find_schedule(request, slug, to="override.own")
    form = _bind(request, schedule)
    ctx = _frame(schedule, form)
    if request.method != "POST":
        return render_page(request, "oncall/override_form.html", ctx)
    if request.POST.get("act") == "live":
        return _answer_live(request, schedule, form)
    status = 422
    if form.is_valid():
        values = form.read(request.now)
        if not values.names(request.user):
            authorize(request.actor, "override.any", schedule.team_id)
        try:
            if _is_confirmed(request, form):
                return _save(request, schedule, values)
            ctx |= _preview(request, schedule, form, values)
            status = 200
        except PortalError as error:
            status = add_error(form, error)
    return render_page(request, "oncall/override_form.html", ctx, status=status)


def _bind(request: PortalRequest, schedule: Schedule) -> OverrideForm:
    roles = editing.roles_of(schedule)
    plain = {"add_user": str(request.user.pk), "role": next(iter(roles), "")}
    return OverrideForm(
        request.POST or None,
        people=queries.people_of(schedule.team_id),
        roles=roles,
        initial=plain | read_query(request.GET),
    )


def _frame(schedule: Schedule, form: Form) -> dict[str, Any]:
    return {
        "form": form,
        "schedule": schedule,
        "team": schedule.team,
        "zone": str(timezone.get_current_timezone()),
        "crumbs": [
            ("On call", "/oncall/"),
            (schedule.name, reverse("schedule_detail", args=[schedule.slug])),
        ],
    }


def _is_confirmed(request: PortalRequest, form: OverrideForm) -> bool:
    is_saving = request.POST.get("act") == "save"
    return is_saving and request.POST.get("previewed") == form.fingerprint()


def _preview(
    request: PortalRequest,
    schedule: Schedule,
    form: OverrideForm,
    values: overrides.OverrideForm,
) -> dict[str, Any]:
    preview = overrides.preview_override(schedule, values, now=request.now)
    return {"preview": preview, "previewed": form.fingerprint()}


def _save(
    request: PortalRequest, schedule: Schedule, values: overrides.OverrideForm
) -> HttpResponse:
    row = overrides.add_override(schedule, values, by=request.user, now=request.now)
    _say_added(request, row, "The override holds.")
    url = reverse("schedule_detail", args=[schedule.slug])
    if row.starts_at > request.now:
        zone = timezone.get_current_timezone()
        day = row.starts_at.astimezone(zone).date().isoformat()
        url = f"{url}?{urlencode({'from': day})}"
    return redirect_back(request, url)


def _answer_live(
    request: PortalRequest, schedule: Schedule, form: OverrideForm
) -> HttpResponse:
    """Answer while somebody still types: what it would change, or what is wrong."""
    ctx: dict[str, Any] = {"schedule": schedule}
    if form.is_valid():
        values = form.read(request.now)
        if not values.names(request.user) and not may(
            request.actor, "override.any", schedule.team_id
        ):
            ctx["faults"] = [_OF_OTHERS]
        else:
            try:
                ctx |= _preview(request, schedule, form, values)
            except PortalError as error:
                ctx["faults"] = [error.message]
    else:
        ctx["faults"] = form.faults()
    template = "oncall/_override_preview.html"
    return render_page(request, template, ctx, partial=template)


def _say_added(request: PortalRequest, row: Override, words: str) -> None:
    undo = reverse("override_cancel", args=[row.schedule.slug, row.pk])
    say(request, words, undo_url=undo)


@declares("override.own")
@require_POST
@answers_refusals("schedule_detail", keyword="slug")
def cancel_override(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """End an exception."""
    row = _find_own(request, slug, pk)
    overrides.cancel_override(row, by=request.user, now=request.now)
    undo = reverse("override_restore", args=[slug, pk])
    say(request, "The override is cancelled.", undo_url=undo)
    return redirect_back(request, "schedule_detail", slug)


@declares("override.own")
@require_POST
@answers_refusals("schedule_detail", keyword="slug")
def restore_override(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take back a cancellation."""
    row = _find_own(request, slug, pk)
    made = overrides.restore_override(row, by=request.user, now=request.now)
    _say_added(request, made, "The override holds again.")
    return redirect_back(request, "schedule_detail", slug)


def _find_own(request: PortalRequest, slug: str, pk: int) -> Override:
    """Return an override that the viewer may end: their own, or any as a manager."""
    schedule = find_schedule(request, slug, to="override.own")
    row = get_object_or_404(Override, pk=pk, schedule=schedule)
    if request.user.pk not in {row.add_user_id, row.remove_user_id}:
        authorize(request.actor, "override.any", schedule.team_id)
    return row


@declares("override.own")
@require_http_methods(["GET", "POST"])
@answers_refusals("schedule_detail", keyword="slug")
def take_pager(request: PortalRequest, slug: str) -> HttpResponse:
    """Be on call from now on; without JavaScript the page asks first."""
    schedule = find_schedule(request, slug, to="override.own")
    is_post = request.method == "POST"
    # A plain press sends an empty form: then everything is as it usually is.
    data = request.POST if is_post else None
    form = TakeForm(data, roles=editing.roles_of(schedule))
    status = 200
    if is_post:
        status = 422
        if form.is_valid():
            try:
                return _take(request, schedule, form)
            except PortalError as error:
                if request.htmx:
                    raise
                status = add_error(form, error)
    return render_page(
        request,
        "confirm.html",
        {
            "title": f"Take the pager of {schedule.name}",
            "text": "From now on alerts and pages of this schedule reach you, and "
            "nobody else in the role. Whoever has it now is told. You can give it "
            "back any time.",
            "submit": "Take the pager",
            "form": form,
            "cancel_url": reverse("schedule_detail", args=[slug]),
            "team": schedule.team,
        },
        status=status,
    )


def _take(request: PortalRequest, schedule: Schedule, form: TakeForm) -> HttpResponse:
    row = overrides.take_pager(
        schedule,
        role=form.role_chosen,
        length=form.length,
        by=request.user,
        now=request.now,
    )
    zone = timezone.get_current_timezone()
    until = say_moment(row.ends_at, zone, now=request.now)
    _say_added(request, row, f"You are {row.role} of {schedule.name} until {until}.")
    return redirect_back(request, "schedule_detail", schedule.slug)


@declares("override.own")
@require_POST
@answers_refusals("schedule_detail", keyword="slug")
def give_back_pager(request: PortalRequest, slug: str) -> HttpResponse:
    """End what the viewer took, early."""
    schedule = find_schedule(request, slug, to="override.own")
    overrides.give_back_pager(schedule, by=request.user, now=request.now)
    say(request, "You gave the pager back. The rotation goes on.")
    return redirect_back(request, "schedule_detail", slug)
