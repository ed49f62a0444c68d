"""The API of a runbook's texts: its versions, its export, and those that wait."""

from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema

from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, readable_teams
from opsportal.kit.paging import PageOf, Window, cut
from runbooks.domain.marks import write_marks
from runbooks.domain.plan import read_plan
from runbooks.domain.procedure_match import rank_procedures
from runbooks.domain.text_diff import diff_lines
from runbooks.models import RunbookVersion
from runbooks.queries import library
from runbooks.queries.review import live_lines
from runbooks.views.waiting_api import router as waiting

router = Router(tags=["runbooks"])
router.add_router("", waiting)


class RunbookVersionOut(Schema):
    """A text that was applied; ``undone_at`` is when that was taken back."""

    number: int
    created_at: Moment
    created_by: str | None
    undone_at: Moment | None


class TextLineOut(Schema):
    """A line that came or went, or "" for what stays around it."""

    mark: str
    number: int
    text: str


class VersionWhole(RunbookVersionOut):
    """A version with its text, and what changed since the one before, by place."""

    text: str
    changes: list[list[TextLineOut]]


class ExportOut(Schema):
    """The Markdown with a comment behind each line that lives in the portal."""

    text: str


class FoundProcedureOut(Schema):
    """A procedure of a service's runbooks."""

    runbook: str
    title: str
    line: int
    symptoms: str
    diagnosis: str
    resolution: str


@router.get("/runbooks/{slug}/versions", response=PageOf[RunbookVersionOut])
def list_versions(request: ApiRequest, slug: str, window: Query[Window]) -> Any:
    """List what was applied, the newest first."""
    runbook = library.get_runbook(slug, readable_teams(request))
    page = cut(list(runbook.versions.all()), window)
    return {**page, "items": [_version_out(each) for each in page["items"]]}


@router.get("/runbooks/{slug}/versions/{number}", response=VersionWhole)
def show_version(request: ApiRequest, slug: str, number: int) -> Any:
    """Show one version, and what came and went since the one before."""
    runbook = library.get_runbook(slug, readable_teams(request))
    found = {each.number: each for each in runbook.versions.all()}
    if number not in found:
        raise Http404
    version, older = found[number], found.get(number - 1)
    before = older.text.split("\n") if older else []
    return {
        **_version_out(version),
        "text": version.text,
        "changes": diff_lines(before, version.text.split("\n")),
    }


@router.get("/runbooks/{slug}/export", response=ExportOut)
def export(request: ApiRequest, slug: str) -> Any:
    """Give the text back, what is live marked in comments; 404 when all is undone."""
    runbook = library.get_runbook(slug, readable_teams(request))
    version = library.newest_version(runbook.pk)
    if version is None:
        raise Http404
    raw = bytes(version.raw)
    marked = write_marks(raw, live_lines(runbook, read_plan(raw)))
    return {"text": marked.decode("utf-8", "replace")}


@router.get("/services/{slug}/procedures", response=PageOf[FoundProcedureOut])
def list_procedures(
    request: ApiRequest, slug: str, window: Query[Window], q: str = ""
) -> Any:
    """List what the runbooks of a service say to do, for the trouble in ``q`` first."""
    services = library.services_of(readable_teams(request))
    service = next((each for each in services if each.slug == slug), None)
    if service is None:
        raise Http404
    found = {
        each: (each.title, f"{each.symptoms} {each.diagnosis} {each.resolution}")
        for each in library.procedures_of(service.pk)
    }
    page = cut(list(rank_procedures(q[:200], found)), window)
    shown = [
        FoundProcedureOut(
            runbook=each.version.runbook.slug, title=each.title, line=each.line,
            symptoms=each.symptoms, diagnosis=each.diagnosis, resolution=each.resolution,
        )
        for each in page["items"]
    ]  # fmt: skip
    return {**page, "items": shown}


def _version_out(version: RunbookVersion) -> dict[str, Any]:
    by = version.created_by
    return {
        "number": version.number,
        "created_at": version.created_at,
        "created_by": by.username if by else None,
        "undone_at": version.undone_at,
    }
