"""The API of runbooks: the library, and what a text would make live."""

from datetime import date, datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from oncall.access import authorize
from oncall.api.common import Moment, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Runbook
from runbooks.plan_shapes import (
    KeptOut,
    ProposalOut,
    WarningOut,
    kept_of,
    proposal_of,
    warnings_of,
)
from runbooks.queries import library
from runbooks.queries.review import Row, ready_keys, review_plan
from runbooks.services import reviews, sources
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
    review_interval: str
    review_due_on: date | None


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
    reviewed_by: str | None
    procedures: list[ProcedureOut]


class IntervalIn(Schema):
    """How often it is reviewed: monthly, quarterly, semiannual, yearly or ""."""

    interval: str = Field(max_length=12)


class SourceIn(Schema):
    """An address to read from; ``header`` is as "Authorization: Bearer …".

    An empty ``url`` or ``header`` keeps what is stored. ``interval`` is hourly, daily,
    weekly or off.
    """

    url: str = Field(default="", max_length=2000)
    header: str = Field(default="", max_length=4000)
    interval: str = Field(default="daily", max_length=8)


class SourceOut(Schema):
    """Where a runbook is read from: of the address the host alone, of secrets nothing.

    ``is_waiting`` says that a newer text waits for a review.
    """

    host: str
    interval: str
    last_read_at: Moment | None
    next_read_at: Moment | None
    failures: int
    last_error: str
    is_waiting: bool


class FindingOut(Schema):
    """One thing that applying would write; ``line`` is 0 for what is gone.

    ``status`` says who changed it since the last apply, ``is_ready`` whether the
    page ticks it by itself, ``has_check`` whether its check lacks nothing. ``steps``
    are the findings of a ladder.
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
    check: ProposalOut | None
    value: dict[str, Any]
    steps: list[str]


class ReviewOut(Schema):
    """What a text would do; send ``based_on`` back when you apply it.

    ``warnings`` are what a person should look at before, ``kept`` is what was
    understood and makes nothing.
    """

    title: str
    runbook: str | None
    based_on: int
    findings: list[FindingOut]
    warnings: list[WarningOut]
    kept: list[KeptOut]


class WaitingOut(ReviewOut):
    """A newer text that waits for a review, and what it would do."""

    id: int
    text: str


class TextIn(Schema):
    """A runbook in Markdown, and the short name of the service it is about."""

    service: str = Field(max_length=80)
    text: str = Field(max_length=MOST_BYTES)


class ApplyIn(TextIn):
    """What to make live, by key. Without ``accept`` it is all that is ready.

    ``checks`` are keys of items whose check is to tick them, ``fixes`` what is to hold
    instead of what was read: by key, then by part of its value. When another version
    than ``based_on`` holds, the answer is 409 with the runbook as it is, as ``current``.
    """

    accept: list[str] | None = None
    checks: list[str] = []
    fixes: dict[str, dict[str, Any]] = {}
    based_on: int


@router.get("/runbooks", response=PageOf[RunbookOut])
def list_runbooks(
    request: ApiRequest,
    window: Query[Window],
    q: str = "",
    due: bool = False,  # noqa: FBT001, FBT002 -- a parameter of the address
) -> Any:
    """List the runbooks of the token's teams; ``q`` finds words in their texts.

    With ``due`` only those whose review is due.
    """
    rows = library.list_runbooks(
        readable_teams(request), now=timezone.now(), text=q[:80], only_due=due
    )
    page = cut(rows, window)
    return {**page, "items": [_runbook_out(r.runbook, r.number) for r in page["items"]]}


@router.post("/runbooks/review", response=ReviewOut)
def review(request: ApiRequest, body: TextIn) -> Any:
    """Say what a text would make live. Nothing is saved."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.draft", service.team_id)
    return _review(service, plan, runbook)


@router.post(
    "/runbooks/apply", response={200: RunbookWhole, 409: Overtaken[RunbookWhole]}
)
def apply(request: ApiRequest, body: ApplyIn) -> Any:
    """Make live what is accepted, all of it or nothing."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.edit", service.team_id)
    accepted = body.accept
    if accepted is None:
        accepted = ready_keys(review_plan(service, plan, runbook))
    choices = Choices(
        accepted=frozenset(accepted),
        checks=frozenset(body.checks),
        fixes=body.fixes,
        based_on=body.based_on,
    )
    by, now = request.auth.user, timezone.now()
    with telling(lambda _: _whole(runbook) if runbook else None):
        version = apply_plan(service, plan, choices, runbook=runbook, by=by, now=now)
    return _whole(version.runbook)


@router.get("/runbooks/{slug}", response=RunbookWhole)
def show_runbook(request: ApiRequest, slug: str) -> Any:
    """Show one runbook with its text and procedures."""
    return _whole(library.get_runbook(slug, readable_teams(request)))


@router.get("/runbooks/{slug}/waiting", response=WaitingOut)
def show_waiting(request: ApiRequest, slug: str) -> Any:
    """Show the newer text that a folder or an address brought; 404 without one.

    Apply it as any other text, or throw it away by its ``id``.
    """
    runbook = _own(request, slug, "runbook.draft")
    draft = library.waiting_of(runbook.pk)
    if draft is None:
        raise Http404
    plan = read_plan(bytes(draft.raw))
    return {
        "id": draft.pk,
        "text": plan.source.text,
        **_review(runbook.service, plan, runbook),
    }


@router.post("/runbooks/{slug}/undo", response=RunbookWhole)
def undo(request: ApiRequest, slug: str) -> Any:
    """Take back the last apply, unless somebody has built on it."""
    runbook = _own(request, slug, "runbook.edit")
    undo_apply(runbook, by=request.auth.user, now=timezone.now())
    return _whole(runbook)


@router.post("/runbooks/{slug}/reviewed", response=RunbookWhole)
def mark_reviewed(request: ApiRequest, slug: str) -> Any:
    """Say that one has read it today and that it holds."""
    runbook = _own(request, slug, "runbook.draft")
    reviews.mark_reviewed(runbook, by=request.auth.user, now=timezone.now())
    return _whole(runbook)


@router.put("/runbooks/{slug}/review-interval", response=RunbookWhole)
def set_review_interval(request: ApiRequest, slug: str, body: IntervalIn) -> Any:
    """Say how often it is reviewed."""
    runbook = _own(request, slug, "runbook.edit")
    reviews.set_review_interval(
        runbook, body.interval, by=request.auth.user, now=timezone.now()
    )
    return _whole(runbook)


@router.get("/runbooks/{slug}/source", response=SourceOut)
def show_source(request: ApiRequest, slug: str) -> Any:
    """Show where it is read from; 404 when it is only pasted."""
    return _source(library.get_runbook(slug, readable_teams(request)))


@router.put("/runbooks/{slug}/source", response=SourceOut)
def put_source(request: ApiRequest, slug: str, body: SourceIn) -> Any:
    """Read it from an address from now on; it has to answer at once."""
    runbook = _own(request, slug, "runbook.edit")
    address = sources.Address(url=body.url, header=body.header, interval=body.interval)
    sources.save_source(runbook, address, by=request.auth.user, now=timezone.now())
    return _source(runbook)


@router.delete("/runbooks/{slug}/source", response={204: None})
def remove_source(request: ApiRequest, slug: str) -> Any:
    """Read it from nowhere any more."""
    runbook = _own(request, slug, "runbook.edit")
    sources.remove_source(runbook, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/runbooks/{slug}/source/read", response=SourceOut)
def read_source(request: ApiRequest, slug: str) -> Any:
    """Read the address now; another text waits for a review."""
    runbook = _own(request, slug, "runbook.draft")
    source = library.source_of(runbook.pk)
    if source is None:
        raise Http404
    sources.read_source_now(source, now=timezone.now())
    return _source(runbook)


def _review(service: Service, plan: Plan, runbook: Runbook | None) -> dict[str, Any]:
    last = library.newest_version(runbook.pk) if runbook else None
    return {
        "title": plan.title,
        "runbook": runbook.slug if runbook else None,
        "based_on": last.number if last else 0,
        "findings": [_finding(row) for row in review_plan(service, plan, runbook)],
        "warnings": warnings_of(plan),
        "kept": kept_of(plan),
    }


def _own(request: ApiRequest, slug: str, action: str) -> Runbook:
    runbook = library.get_runbook(slug, own_teams(request))
    authorize(request.auth, action, runbook.team_id)
    return runbook


def _source(runbook: Runbook) -> dict[str, Any]:
    source = library.source_of(runbook.pk)
    if source is None:
        raise Http404
    names = ("interval", "last_read_at", "next_read_at", "failures", "last_error")
    return {
        "host": sources.host_of(source.url),
        "is_waiting": library.waiting_of(runbook.pk) is not None,
        **{name: getattr(source, name) for name in names},
    }


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
        "check": proposal_of(entry),
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
        "review_interval": runbook.review_interval,
        "review_due_on": library.due_on(runbook),
    }


def _whole(runbook: Runbook) -> RunbookWhole:
    version = library.newest_version(runbook.pk)
    at: datetime | None = version.created_at if version else None
    return RunbookWhole(
        **_runbook_out(runbook, version.number if version else 0),
        text=version.text if version else "",
        applied_at=at,
        reviewed_by=runbook.reviewed_by.username if runbook.reviewed_by else None,
        procedures=[
            ProcedureOut.model_validate(each)
            for each in (version.procedures.all() if version else [])
        ],
    )
