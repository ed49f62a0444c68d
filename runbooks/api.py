"""The API of runbooks: the library, and what a text would make live."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from oncall.access import authorize
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Runbook
from runbooks.queries import library
from runbooks.queries.review import Row, review_plan
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices
from runbooks.services.drafts import MOST_BYTES
from runbooks.services.undoing import undo_apply

router = Router(tags=["runbooks"])


class RunbookOut(Schema):
    """One runbook; ``version`` is that which holds, 0 when all were undone."""

    slug: str
    title: str
    service: str
    version: int
    reviewed_on: date | None


class ProcedureOut(Schema):
    """What to do when something is wrong, in Markdown."""

    title: str
    line: int
    symptoms: str
    diagnosis: str
    resolution: str


class RunbookWhole(RunbookOut):
    """One runbook with its text and procedures."""

    text: str
    applied_at: Moment | None
    procedures: list[ProcedureOut]


class FindingOut(Schema):
    """One thing that applying would write; ``line`` is 0 for what is gone.

    ``status`` says who changed it since the last apply, ``is_ready`` whether the
    page ticks it by itself. ``steps`` are the findings of a ladder.
    """

    kind: str
    key: str
    parent: str
    line: int
    last: int
    confidence: float
    status: str
    is_ready: bool
    has_check: bool
    value: dict[str, Any]
    steps: list[str]


class ReviewOut(Schema):
    """What a text would do; send ``based_on`` back when you apply it."""

    title: str
    runbook: str | None
    based_on: int
    findings: list[FindingOut]


class TextIn(Schema):
    """A runbook in Markdown, and the short name of the service it is about."""

    service: str = Field(max_length=80)
    text: str = Field(max_length=MOST_BYTES)


class ApplyIn(TextIn):
    """What to make live, by key. Without ``accept`` it is all that is ready.

    ``checks`` are keys of items whose check is to tick them.
    """

    accept: list[str] | None = None
    checks: list[str] = []
    based_on: int


@router.get("/runbooks", response=PageOf[RunbookOut])
def list_runbooks(request: ApiRequest, window: Query[Window], q: str = "") -> Any:
    """List the runbooks of the token's teams; ``q`` finds words in their texts."""
    rows = library.list_runbooks(readable_teams(request), text=q[:80])
    page = cut(rows, window)
    return {**page, "items": [_runbook_out(r.runbook, r.number) for r in page["items"]]}


@router.post("/runbooks/review", response=ReviewOut)
def review(request: ApiRequest, body: TextIn) -> Any:
    """Say what a text would make live. Nothing is saved."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.draft", service.team_id)
    last = library.newest_version(runbook.pk) if runbook else None
    return {
        "title": plan.title,
        "runbook": runbook.slug if runbook else None,
        "based_on": last.number if last else 0,
        "findings": [_finding(row) for row in review_plan(service, plan, runbook)],
    }


@router.post("/runbooks/apply", response=RunbookWhole)
def apply(request: ApiRequest, body: ApplyIn) -> Any:
    """Make live what is accepted, all of it or nothing."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.edit", service.team_id)
    accepted = body.accept
    if accepted is None:
        accepted = _ready_keys(review_plan(service, plan, runbook))
    choices = Choices(
        accepted=frozenset(accepted),
        checks=frozenset(body.checks),
        based_on=body.based_on,
    )
    version = apply_plan(
        service, plan, choices,
        runbook=runbook, by=request.auth.user, now=timezone.now(),
    )  # fmt: skip
    return _whole(version.runbook)


@router.get("/runbooks/{slug}", response=RunbookWhole)
def show_runbook(request: ApiRequest, slug: str) -> Any:
    """Show one runbook with its text and procedures."""
    return _whole(library.get_runbook(slug, readable_teams(request)))


@router.post("/runbooks/{slug}/undo", response=RunbookWhole)
def undo(request: ApiRequest, slug: str) -> Any:
    """Take back the last apply, unless somebody has built on it."""
    runbook = library.get_runbook(slug, own_teams(request))
    authorize(request.auth, "runbook.edit", runbook.team_id)
    undo_apply(runbook, by=request.auth.user, now=timezone.now())
    return _whole(runbook)


def _read(request: ApiRequest, body: TextIn) -> tuple[Service, Plan, Runbook | None]:
    teams = own_teams(request)
    found = {each.slug: each for each in library.services_of(teams)}
    if body.service not in found:
        raise Http404
    raw = strip_marks(body.text.encode("utf-8", "replace"))
    if len(raw) > MOST_BYTES:
        raise PortalError("This is more than 2 MB. Split it.", field="text")
    service, plan = found[body.service], read_plan(raw)
    return service, plan, library.find_same(service, plan)


def _ready_keys(rows: Iterable[Row]) -> list[str]:
    ready = [row for row in rows if row.is_ready]
    steps = [part.key for row in ready if row.entry for part in row.entry.parts]
    return [*(row.key for row in ready), *steps]


def _finding(row: Row) -> dict[str, Any]:
    entry, applied = row.entry, row.applied
    value = entry.value if entry else applied.source if applied else {}
    return {
        "kind": row.kind,
        "key": row.key,
        "parent": row.parent,
        "line": entry.line if entry else 0,
        "last": entry.last if entry else 0,
        "confidence": entry.confidence if entry else 1.0,
        "status": str(row.status),
        "is_ready": row.is_ready,
        "has_check": entry is not None and entry.check is not None,
        "value": value,
        "steps": [part.key for part in entry.parts] if entry else [],
    }


def _runbook_out(runbook: Runbook, number: int) -> dict[str, Any]:
    return {
        "slug": runbook.slug,
        "title": runbook.title,
        "service": runbook.service.slug,
        "version": number,
        "reviewed_on": runbook.reviewed_on,
    }


def _whole(runbook: Runbook) -> dict[str, Any]:
    version = library.newest_version(runbook.pk)
    at: datetime | None = version.created_at if version else None
    return {
        **_runbook_out(runbook, version.number if version else 0),
        "text": version.text if version else "",
        "applied_at": at,
        "procedures": list(version.procedures.all()) if version else [],
    }
