"""The library of runbooks and the pages of one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from oncall.access import PortalRequest, declares, may, teams_where
from runbooks.domain.text import read_text
from runbooks.queries import library as queries


@declares("runbook.read")
@require_safe
def list_runbooks(request: PortalRequest) -> HttpResponse:
    """Show the runbooks of the viewer's teams by service."""
    teams = teams_where(request.actor, "runbook.read")
    text = request.GET.get("q", "").strip()[:80]
    rows = queries.list_runbooks(teams, text=text)
    may_paste = bool(teams_where(request.actor, "runbook.draft"))
    ctx = {"rows": rows, "text": text, "may_paste": may_paste}
    return render(request, "runbooks/runbook_list.html", ctx)


@declares("runbook.read")
@require_safe
def show_runbook(request: PortalRequest, slug: str) -> HttpResponse:
    """Show a runbook: its text, its procedures, and what it made."""
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    version = queries.newest_version(runbook.pk)
    source = read_text(bytes(version.raw)) if version else None
    may_edit = may(request.actor, "runbook.edit", runbook.team_id)
    ctx = {
        "runbook": runbook,
        "team": runbook.team,
        "version": version,
        "text": "\n".join(source.lines) if source else "",
        "procedures": list(version.procedures.all()) if version else [],
        "made": queries.things_made(runbook.pk),
        "may_paste": may(request.actor, "runbook.draft", runbook.team_id),
        "may_edit": may_edit,
        "crumbs": [("Runbooks", reverse("runbook_list"))],
    }
    return render(request, "runbooks/runbook_detail.html", ctx)


@declares("runbook.read")
@require_safe
def show_text(request: PortalRequest, slug: str, number: int) -> HttpResponse:
    """Show one version as it was written, each line with an address of its own."""
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    version = runbook.versions.filter(number=number).first()
    if version is None:
        raise Http404
    ctx = {
        "runbook": runbook,
        "team": runbook.team,
        "version": version,
        "lines": list(enumerate(read_text(bytes(version.raw)).lines, start=1)),
        "crumbs": [
            ("Runbooks", reverse("runbook_list")),
            (runbook.title, reverse("runbook_detail", args=[slug])),
        ],
    }
    return render(request, "runbooks/runbook_text.html", ctx)
