"""The page of a run, its live part, and what becomes of the run as a whole."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from checklists.models import Run
from checklists.queries.run_story import (
    comments_of,
    events_of,
    items_changed_since,
    names_in,
    neighbours_of,
    pulse_of,
    say_assignee,
)
from checklists.queries.runs import get_run_for
from checklists.services import signing
from checklists.views import run_page
from checklists.views.item_drawing import draw_news, draw_sections
from checklists.views.run_words import story_of, times_of
from oncall.access import PortalRequest, authorize, declares, may
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back
from opsportal.kit.toasts import say


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="It stays with the run.",
    )


@declares("team.see")
@require_safe
def show_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Show every item of a run and what may be done to it."""
    run = get_run_for(request.actor, pk)
    # Before the rows: what happens between is told once more, never lost.
    mark = run_page.mark_of(run)
    rows = run_page.rows_of(run, request.now)
    assignee, people = say_assignee(run, request.now)
    before, after = neighbours_of(run)
    events = events_of(run.pk)
    frame = run_page.frame_of(request, run, rows)
    sections = run_page.sections_of(run_page.link_rows(run, rows))
    ctx = frame | {
        "sections": draw_sections(sections, run_page.pen_of(request, run, frame)),
        "mark": mark,
        "times": times_of(run, request.now),
        "assignee": assignee,
        "people": people,
        "before": before,
        "after": after,
        "events": story_of(events),
        "comments": [each for each in reversed(events) if each.verb == "commented"],
        "names": names_in(run.team_id) if run.state != Run.State.CLOSED else [],
        "may_skip": may(request.actor, "run.skip", run.team_id),
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            (
                run.checklist.name,
                reverse("checklist_detail", args=[run.checklist.slug]),
            ),
        ],
    }
    return render(request, "checklists/run_detail.html", ctx)


@declares("team.see")
@require_safe
def show_live(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer a page that looks every few seconds with the rows that changed.

    204 when nothing did. A run that moved on as a whole asks for the whole page.
    """
    run = get_run_for(request.actor, pk)
    seen = run_page.read_mark(request.GET.get("since", ""))
    pulse = pulse_of(run.pk, run.version_id)
    if pulse == seen:
        return HttpResponse(status=204)
    if run.state != request.GET.get("state", run.state):
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    rows = run_page.rows_of(run, request.now)
    frame = run_page.frame_of(request, run, rows)
    changed = items_changed_since(run.pk, seen.event)
    drawn = draw_news(
        run_page.link_rows(run, [row for row in rows if row.line.pk in changed]),
        [row for row in rows if row.line.pk not in changed],
        run_page.pen_of(request, run, frame),
    )
    comments = comments_of(run.pk)
    ctx = frame | {
        "mark": run_page.write_mark(pulse),
        "items": drawn,
        "has_changed": bool(changed),
        "oob": True,
        "comments": comments,
        "has_comments": any(each.number > seen.event for each in comments),
    }
    return HttpResponse(render_to_string("checklists/_live.html", ctx, request))


@declares("run.work")
@require_POST
@answers_refusals("run_detail", keyword="pk")
def hand_in(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Hand the run in."""
    run = _find(request, pk, "run.work")
    after = signing.hand_in_run(run.pk, by=request.user, now=request.now)
    done = after.state == Run.State.CLOSED
    say(request, "Done: the run is complete." if done else "It waits for sign-off.")
    return redirect_back(request, "run_detail", pk)


@declares("run.work")
@require_POST
@answers_refusals("run_detail", keyword="pk")
def sign_off(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Sign the run off."""
    run = _find(request, pk, "run.work")
    after = signing.sign_off_run(run.pk, by=request.user, now=request.now)
    if after.state == Run.State.CLOSED:
        say(request, "Signed off: the run is complete.")
    else:
        say(request, "A check does not pass any more: the run is open again.", level=30)
    return redirect_back(request, "run_detail", pk)


@declares("run.work")
@require_http_methods(["GET", "POST"])
def reject(request: PortalRequest, pk: int) -> HttpResponse:
    """Give a run back, with a reason."""
    run = _find(request, pk, "run.work")
    return _ask_reason(
        request,
        run,
        signing.reject_run,
        title=f"Give “{run.checklist.name}” back",
        consequences=["Its items can be changed again.", "The reason is shown."],
        submit="Give back",
        said="Given back.",
    )


@declares("run.skip")
@require_http_methods(["GET", "POST"])
def skip(request: PortalRequest, pk: int) -> HttpResponse:
    """Leave a run out, with a reason."""
    run = _find(request, pk, "run.skip")
    return _ask_reason(
        request,
        run,
        signing.skip_run,
        title=f"Skip “{run.checklist.name}” {run.period_name}",
        consequences=[
            "The run closes and can never be changed again.",
            "It counts neither for nor against the team.",
        ],
        submit="Skip this run",
        said="Skipped.",
    )


@declares("run.skip")
@require_http_methods(["GET", "POST"])
def void(request: PortalRequest, pk: int) -> HttpResponse:
    """Strike a run that should not have existed."""
    run = _find(request, pk, "run.skip")
    return _ask_reason(
        request,
        run,
        signing.void_run,
        title=f"Void “{run.checklist.name}” {run.period_name}",
        consequences=[
            "The run closes and can never be changed again.",
            "It is left out of every figure, as if it had not been due.",
        ],
        submit="Void this run",
        said="Void.",
    )


def _find(request: PortalRequest, pk: int, action: str) -> Run:
    run = get_run_for(request.actor, pk)
    authorize(request.actor, action, run.team_id)
    return run


def _ask_reason(
    request: PortalRequest,
    run: Run,
    act: Callable[..., Any],
    *,
    said: str,
    **words: Any,
) -> HttpResponse:
    url = reverse("run_detail", args=[run.pk])
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(
                    run.pk,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    now=request.now,
                )
            except PortalError as refused:
                status = add_error(form, refused)
            else:
                say(request, said)
                return HttpResponseRedirect(url)
    ctx = {"form": form, "style": "danger", "cancel_url": url, "team": run.team}
    return render(request, "confirm.html", ctx | words, status=status)
