"""From a pasted text to what is live: paste, review, apply, undo."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oncall.access import PortalRequest, authorize, declares, may, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error, answers_refusals
from opsportal.kit.toasts import say
from runbooks.domain.kept import list_known
from runbooks.domain.plan import Plan, read_plan
from runbooks.forms import PasteForm, read_choices
from runbooks.models import Draft, Runbook
from runbooks.queries import library as queries
from runbooks.queries.review import review_plan
from runbooks.services.choosing import Choices
from runbooks.services.drafts import apply_draft, discard_draft, start_review
from runbooks.services.sources import start_from_address
from runbooks.services.undoing import undo_apply
from runbooks.views import review_words as words
from runbooks.views.review_sums import number_kept, sum_up


@declares("runbook.draft")
@require_http_methods(["GET", "POST"])
def paste(request: PortalRequest) -> HttpResponse:
    """Take a text; nothing of it is live before it was reviewed."""
    teams = teams_where(request.actor, "runbook.draft")
    if not teams:
        raise PermissionDenied("This needs the role responder in a team.")
    slug = request.GET.get("runbook", "").replace("\0", "")
    runbook = queries.get_runbook(slug, teams) if slug else None
    services = [runbook.service] if runbook else queries.services_of(teams)
    form = PasteForm(
        request.POST or None,
        request.FILES or None,
        services=services,
        initial={"service": request.GET.get("service", "")},
    )
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                draft = _start(request, form, runbook)
                return redirect("runbook_review", draft.pk)
            except PortalError as error:
                status = add_error(form, error)
    ctx = {
        "form": form,
        "runbook": runbook,
        "has_services": bool(services),
        "crumbs": [("Runbooks", reverse("runbook_list"))],
    }
    return render(request, "runbooks/runbook_new.html", ctx, status=status)


def _start(request: PortalRequest, form: PasteForm, runbook: Runbook | None) -> Draft:
    data = form.cleaned_data
    service = form.services[data["service"]]
    if data["url"] and not data["raw"]:
        return start_from_address(
            service, form.address(), runbook=runbook, by=request.user, now=request.now
        )
    return start_review(
        service, data["raw"], runbook=runbook, by=request.user, now=request.now
    )


@declares("runbook.draft")
@require_http_methods(["GET", "POST"])
def review(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what was understood beside its lines; applying needs a manager."""
    draft = _find_draft(request, pk)
    plan = read_plan(bytes(draft.raw))
    if request.method == "GET":
        return _show(request, draft, plan)
    authorize(request.actor, "runbook.edit", draft.service.team_id)
    choices = read_choices(request.POST)
    try:
        version = apply_draft(draft, plan, choices, by=request.user, now=request.now)
    except PortalError as error:
        status = INVALID if error.status == PortalError.status else error.status
        return _show(request, draft, plan, choices, error=error, status=status)
    slug = version.runbook.slug
    say(
        request,
        "The runbook is applied.",
        undo_url=reverse("runbook_undo", args=[slug]),
    )
    return redirect("runbook_detail", slug)


@declares("runbook.draft")
@require_POST
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    """Throw a text away."""
    discard_draft(_find_draft(request, pk))
    say(request, "Discarded. Nothing was changed.")
    return redirect("runbook_list")


@declares("runbook.edit")
@require_POST
@answers_refusals("runbook_detail", keyword="slug")
def undo(request: PortalRequest, slug: str) -> HttpResponse:
    """Take back the last apply."""
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    authorize(request.actor, "runbook.edit", runbook.team_id)
    undo_apply(runbook, by=request.user, now=request.now)
    say(request, "Everything is as it was before the runbook was applied.")
    return redirect("runbook_detail", slug)


def _find_draft(request: PortalRequest, pk: int) -> Draft:
    teams = teams_where(request.actor, "runbook.draft")
    return queries.get_draft(pk, request.user.pk, teams)


def _show(
    request: PortalRequest,
    draft: Draft,
    plan: Plan,
    choices: Choices | None = None,
    *,
    error: PortalError | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = review_plan(draft.service, plan, draft.runbook)
    last = queries.newest_version(draft.runbook.pk) if draft.runbook else None
    groups = words.group_rows(rows, choices)
    kept = number_kept(list_known(plan))
    rows_kept = (row for _, _, rows in kept for row in rows if row.anchor)
    places = {row.line: row.anchor for row in rows_kept}
    places |= {at: f"finding-{key}" for at, key in words.keys_by_line(groups).items()}
    ctx: dict[str, Any] = {
        "draft": draft,
        "team": draft.service.team,
        "title": plan.title or "a runbook",
        "lines": [
            (number, text, places.get(number, ""))
            for number, text in enumerate(plan.source.lines, start=1)
        ],
        "groups": groups,
        "gone": words.gone_lines(rows, choices),
        "kept": kept,
        "sums": sum_up(groups),
        "warnings": plan.warnings,
        "found": sum(len(each.lines) for each in groups),
        "open_count": sum(each.open_count for each in groups),
        "ready_count": sum(each.ready_count for each in groups),
        "based_on": last.number if last else 0,
        "error": error,
        "may_apply": may(request.actor, "runbook.edit", draft.service.team_id),
        "crumbs": [("Runbooks", reverse("runbook_list"))],
    }
    return render(request, "runbooks/runbook_review.html", ctx, status=status)
