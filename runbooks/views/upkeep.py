"""Keeping a runbook true: where it is read from, and when it is reviewed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oncall.access import PortalRequest, authorize, declares, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error, answers_refusals
from opsportal.kit.toasts import say
from runbooks.forms import AddressForm
from runbooks.models import Runbook
from runbooks.queries import library as queries
from runbooks.services import reviews, sources


@declares("runbook.edit")
@require_http_methods(["GET", "POST"])
def edit_source(request: PortalRequest, slug: str) -> HttpResponse:
    """Say from where a runbook is read; another text there waits for a review."""
    runbook = _find(request, slug, "runbook.edit")
    source = queries.source_of(runbook.pk)
    initial = {"interval": source.interval} if source else {}
    form = AddressForm(request.POST or None, initial=initial)
    if source is not None:
        form.fields["url"].required = False
        form.fields[
            "url"
        ].help_text = (
            f"Now at {sources.host_of(source.url)}. Leave it empty to keep it."
        )
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                sources.save_source(
                    runbook, form.address(), by=request.user, now=request.now
                )
                say(request, "It is read from there from now on.")
                return redirect("runbook_detail", slug)
            except PortalError as error:
                status = add_error(form, error)
    ctx: dict[str, Any] = {
        "form": form,
        "runbook": runbook,
        "team": runbook.team,
        "crumbs": [
            ("Runbooks", reverse("runbook_list")),
            (runbook.title, reverse("runbook_detail", args=[slug])),
        ],
    }
    return render(request, "runbooks/runbook_source.html", ctx, status=status)


@declares("runbook.draft")
@require_POST
@answers_refusals("runbook_detail", keyword="slug")
def read_source(request: PortalRequest, slug: str) -> HttpResponse:
    """Read the address now."""
    runbook = _find(request, slug, "runbook.draft")
    source = queries.source_of(runbook.pk)
    if source is None:
        raise Http404
    is_waiting = sources.read_source_now(source, now=request.now)
    said = "A newer text waits for a review." if is_waiting else "Nothing changed."
    say(request, f"Read. {said}")
    return redirect("runbook_detail", slug)


@declares("runbook.edit")
@require_POST
def remove_source(request: PortalRequest, slug: str) -> HttpResponse:
    """Read it from nowhere any more."""
    runbook = _find(request, slug, "runbook.edit")
    sources.remove_source(runbook, by=request.user, now=request.now)
    say(request, "It is no longer read from there.")
    return redirect("runbook_detail", slug)


@declares("runbook.draft")
@require_POST
@answers_refusals("runbook_detail", keyword="slug")
def mark_reviewed(request: PortalRequest, slug: str) -> HttpResponse:
    """Say that one has read it and that it holds."""
    runbook = _find(request, slug, "runbook.draft")
    reviews.mark_reviewed(runbook, by=request.user, now=request.now)
    say(request, "Marked as reviewed.")
    return redirect("runbook_detail", slug)


@declares("runbook.edit")
@require_POST
@answers_refusals("runbook_detail", keyword="slug")
def set_interval(request: PortalRequest, slug: str) -> HttpResponse:
    """Say how often it is reviewed."""
    runbook = _find(request, slug, "runbook.edit")
    interval = request.POST.get("review_interval", "")
    reviews.set_review_interval(runbook, interval, by=request.user, now=request.now)
    say(request, "Saved.")
    return redirect("runbook_detail", slug)


def _find(request: PortalRequest, slug: str, action: str) -> Runbook:
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    authorize(request.actor, action, runbook.team_id)
    return runbook
