"""When a checklist is due: adding, editing, pausing, starting by hand."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.forms.cadences import CadenceForm, initial_for, initial_of
from checklists.models import Cadence, Checklist
from checklists.queries import checklists as queries
from checklists.services import cadences as services
from checklists.services.cadences import CadencePlan, revision_of
from checklists.services.generation import start_ad_hoc_run
from checklists.views.cadence_conflict import say_theirs
from checklists.views.upcoming_words import look_ahead
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back
from opsportal.kit.toasts import say


@declares("run.work")
@require_POST
@answers_refusals("checklist_list")
def start(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Start a run of a cadence now, outside its rule."""
    cadence = queries.get_cadence_for(request.actor, pk)
    authorize(request.actor, "run.work", cadence.checklist.team_id)
    run = start_ad_hoc_run(cadence.pk, by=request.user, now=request.now)
    say(request, f"Started: {cadence.checklist.name}")
    return HttpResponseRedirect(reverse("run_detail", args=[run.pk]))


@declares("checklist.edit")
@require_POST
@answers_refusals("checklist_list")
def pause(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Stop opening runs of a cadence, or open them again."""
    cadence = queries.get_cadence_for(request.actor, pk)
    authorize(request.actor, "checklist.edit", cadence.checklist.team_id)
    paused = request.POST.get("paused") == "yes"
    services.pause_cadence(cadence, paused=paused, by=request.user, now=request.now)
    say(request, "Paused: no new runs open." if paused else "It opens runs again.")
    return redirect_back(request, "checklist_detail", cadence.checklist.slug)


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a cadence from now on; runs that exist stay as they are."""
    cadence = queries.get_cadence_for(request.actor, pk)
    checklist = cadence.checklist
    authorize(request.actor, "checklist.edit", checklist.team_id)

    def save(plan: CadencePlan) -> None:
        services.change_cadence(
            cadence,
            plan,
            by=request.user,
            now=request.now,
            seen=request.POST.get("revision"),
        )

    return _answer(
        request,
        checklist,
        save,
        initial=initial_of(cadence),
        was=cadence,
        reminders=cadence.reminders,
        title="Edit the cadence",
    )


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, slug: str) -> HttpResponse:
    """Give a checklist one more cadence."""
    checklist = queries.get_checklist_for(request.actor, slug)
    authorize(request.actor, "checklist.edit", checklist.team_id)

    def save(plan: CadencePlan) -> None:
        services.add_cadence(checklist, plan, by=request.user, now=request.now)

    return _answer(
        request,
        checklist,
        save,
        initial=initial_for(checklist.team),
        was=None,
        reminders=ladder_to_json(DEFAULT_LADDER),
        title="Add a cadence",
    )


def _answer(
    request: PortalRequest,
    checklist: Checklist,
    save: Callable[[CadencePlan], None],
    *,
    initial: dict[str, Any],
    was: Cadence | None,
    reminders: list[dict[str, Any]],
    title: str,
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = CadenceForm(posted, initial=initial, team=checklist.team)
    url = reverse("checklist_detail", args=[checklist.slug])
    status, upcoming = 200, None
    if posted is not None and "look" in posted:
        upcoming = look_ahead(request, form, checklist, was, reminders)
        if request.htmx:
            return render(request, "checklists/_slots.html", {"upcoming": upcoming})
    elif posted is not None:
        status = _save(form, save, reminders)
        if status == 302:
            say(request, "Saved.")
            return HttpResponseRedirect(url)
    ctx = {
        "revision": _revision(request, was, status),
        "upcoming": upcoming,
        "form": form,
        "title": title,
        "checklist": checklist,
        "team": checklist.team,
        "back_url": url,
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            (checklist.name, url),
        ],
    }
    return render(request, "checklists/cadence_form.html", ctx, status=status)


def _revision(request: PortalRequest, was: Cadence | None, status: int) -> str:
    """Return what the next save is made from: what was seen, or told just now."""
    if was is None:
        return ""
    seen = request.POST.get("revision")
    return revision_of(was) if seen is None or status == 409 else seen


def _save(
    form: CadenceForm,
    save: Callable[[CadencePlan], None],
    reminders: list[dict[str, Any]],
) -> int:
    """Save what is valid; return the status to answer with."""
    if not form.is_valid():
        return 422
    plan = form.plan(reminders)
    try:
        save(plan)
    except Conflict as conflict:
        return add_error(form, say_theirs(conflict, plan, form))
    except PortalError as refused:
        words = refused.message.removeprefix(f"{refused.field}: ")
        words = words[:1].upper() + words[1:]
        return add_error(form, PortalError(words, field=refused.field))
    return 302
