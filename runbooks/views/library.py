"""The library of runbooks and the pages of one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from oncall.access import PortalRequest, declares, may, teams_where
from runbooks.domain.marks import write_marks
from runbooks.domain.plan import read_plan
from runbooks.domain.procedure_match import rank_procedures
from runbooks.domain.text_diff import diff_lines
from runbooks.models import Procedure, Runbook, RunbookVersion
from runbooks.queries import library as queries
from runbooks.queries.review import live_lines
from runbooks.services.sources import host_of


@declares("runbook.read")
@require_safe
def list_runbooks(request: PortalRequest) -> HttpResponse:
    """Show the runbooks of the viewer's teams by service."""
    teams = teams_where(request.actor, "runbook.read")
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    only_due = request.GET.get("due") == "yes"
    drafting = teams_where(request.actor, "runbook.draft")
    ctx = {
        "rows": queries.list_runbooks(
            teams, now=request.now, text=text, only_due=only_due
        ),
        "new_texts": queries.new_texts(drafting),
        "text": text,
        "only_due": only_due,
        "may_paste": bool(drafting),
    }
    return render(request, "runbooks/runbook_list.html", ctx)


@declares("runbook.read")
@require_safe
def show_runbook(request: PortalRequest, slug: str) -> HttpResponse:
    """Show a runbook: its text, its procedures, and what it made."""
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    version = queries.newest_version(runbook.pk)
    may_edit = may(request.actor, "runbook.edit", runbook.team_id)
    source = queries.source_of(runbook.pk)
    ctx = {
        "runbook": runbook,
        "team": runbook.team,
        "version": version,
        "text": version.text if version else "",
        "procedures": list(version.procedures.all()) if version else [],
        "made": queries.things_made(runbook.pk),
        "may_paste": may(request.actor, "runbook.draft", runbook.team_id),
        "may_edit": may_edit,
        "due_on": queries.due_on(runbook),
        "is_due": queries.is_due(runbook, request.now),
        "intervals": [("", "never"), *Runbook.ReviewInterval.choices],
        "source": source,
        "host": host_of(source.url) if source else "",
        "waiting": queries.waiting_of(runbook.pk),
        "crumbs": [("Runbooks", reverse("runbook_list"))],
    }
    return render(request, "runbooks/runbook_detail.html", ctx)


@declares("runbook.read")
@require_safe
def list_procedures(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what the runbooks of a service say to do, for the trouble in ``q`` first.

    Before all others stands that with the key ``first``.
    """
    teams = teams_where(request.actor, "runbook.read")
    service = next((s for s in queries.services_of(teams) if s.slug == slug), None)
    if service is None:
        raise Http404
    trouble = request.GET.get("q", "")[:200]
    found = {each: _say(each) for each in queries.procedures_of(service.pk)}
    first = request.GET.get("first", "")
    ranked = rank_procedures(trouble, found)
    ctx = {
        "service": service,
        "team": service.team,
        "trouble": trouble,
        "procedures": sorted(ranked, key=lambda each: each.key != first),
        "crumbs": [
            (service.name, reverse("service_detail", args=[slug])),
            ("Runbooks", reverse("runbook_list")),
        ],
    }
    return render(request, "runbooks/procedure_list.html", ctx)


@declares("runbook.read")
@require_safe
def show_text(request: PortalRequest, slug: str, number: int) -> HttpResponse:
    """Show one version as it was written, each line with an address of its own."""
    runbook, version = _find_version(request, slug, number)
    ctx = {
        "runbook": runbook,
        "team": runbook.team,
        "version": version,
        "lines": list(enumerate(version.text.split("\n"), start=1)),
        "crumbs": _crumbs(runbook),
    }
    return render(request, "runbooks/runbook_text.html", ctx)


@declares("runbook.read")
@require_safe
def show_changes(request: PortalRequest, slug: str, number: int) -> HttpResponse:
    """Show what came and went between a version and the one before it."""
    runbook, version = _find_version(request, slug, number)
    _, older = _find_version(request, slug, number - 1)
    ctx = {
        "runbook": runbook,
        "team": runbook.team,
        "version": version,
        "older": older,
        "hunks": diff_lines(older.text.split("\n"), version.text.split("\n")),
        "crumbs": _crumbs(runbook),
    }
    return render(request, "runbooks/runbook_changes.html", ctx)


@declares("runbook.read")
@require_safe
def export(request: PortalRequest, slug: str) -> HttpResponse:
    """Give the text back as Markdown, what is live marked in comments."""
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    version = queries.newest_version(runbook.pk)
    if version is None:
        raise Http404
    raw = bytes(version.raw)
    body = write_marks(raw, live_lines(runbook, read_plan(raw)))
    return HttpResponse(
        body,
        content_type="text/markdown",
        headers={"Content-Disposition": f'attachment; filename="{slug}.md"'},
    )


def _find_version(
    request: PortalRequest, slug: str, number: int
) -> tuple[Runbook, RunbookVersion]:
    runbook = queries.get_runbook(slug, teams_where(request.actor, "runbook.read"))
    version = runbook.versions.filter(number=number).first()
    if version is None:
        raise Http404
    return runbook, version


def _crumbs(runbook: Runbook) -> list[tuple[str, str]]:
    return [
        ("Runbooks", reverse("runbook_list")),
        (runbook.title, reverse("runbook_detail", args=[runbook.slug])),
    ]


def _say(procedure: Procedure) -> tuple[str, str]:
    parts = (procedure.symptoms, procedure.diagnosis, procedure.resolution)
    return procedure.title, " ".join(parts)
