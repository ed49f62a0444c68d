"""The API of runbooks: the library, and what a text would make live."""

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
from runbooks.queries import library
from runbooks.review_shapes import (
    ChoicesIn,
    ReviewOut,
    RunbookOut,
    RunbookWhole,
    WaitingOut,
    review_of,
    runbook_out,
    waiting_out,
    whole_runbook,
)
from runbooks.services import reviews, sources
from runbooks.services.applying import apply_plan
from runbooks.services.drafts import MOST_BYTES
from runbooks.services.undoing import undo_apply

router = Router(tags=["runbooks"])


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


class RunbookTextIn(Schema):
    """A runbook in Markdown, and the short name of the service it is about.

    ``runbook`` is the one that it is a newer text of; without it that is the one of the
    service with the same title, if any.
    """

    service: str = Field(max_length=80)
    text: str = Field(max_length=MOST_BYTES)
    runbook: str | None = Field(None, max_length=80)


class ApplyIn(ChoicesIn, RunbookTextIn):
    """A text, and what of it to make live."""


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
    return {**page, "items": [runbook_out(r.runbook, r.number) for r in page["items"]]}


@router.post("/runbooks/review", response=ReviewOut)
def review(request: ApiRequest, body: RunbookTextIn) -> Any:
    """Say what a text would make live. Nothing is saved."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.draft", service.team_id)
    return review_of(service, plan, runbook)


@router.post(
    "/runbooks/apply", response={200: RunbookWhole, 409: Overtaken[RunbookWhole]}
)
def apply(request: ApiRequest, body: ApplyIn) -> Any:
    """Make live what is accepted, all of it or nothing."""
    service, plan, runbook = _read(request, body)
    authorize(request.auth, "runbook.edit", service.team_id)
    choices = body.read(service, plan, runbook)
    by, now = request.auth.user, timezone.now()
    with telling(lambda _: whole_runbook(runbook) if runbook else None):
        version = apply_plan(service, plan, choices, runbook=runbook, by=by, now=now)
    return whole_runbook(version.runbook)


@router.get("/runbooks/{slug}", response=RunbookWhole)
def show_runbook(request: ApiRequest, slug: str) -> Any:
    """Show one runbook with its text and procedures."""
    return whole_runbook(library.get_runbook(slug, readable_teams(request)))


@router.get("/runbooks/{slug}/waiting", response=WaitingOut)
def show_waiting(request: ApiRequest, slug: str) -> Any:
    """Show the newer text that a folder or an address brought; 404 without one.

    Apply it as any other text, or throw it away by its ``id``.
    """
    runbook = _own(request, slug, "runbook.draft")
    draft = library.waiting_of(runbook.pk)
    if draft is None:
        raise Http404
    return waiting_out(draft)


@router.post("/runbooks/{slug}/undo", response=RunbookWhole)
def undo(request: ApiRequest, slug: str) -> Any:
    """Take back the last apply, unless somebody has built on it."""
    runbook = _own(request, slug, "runbook.edit")
    undo_apply(runbook, by=request.auth.user, now=timezone.now())
    return whole_runbook(runbook)


@router.post("/runbooks/{slug}/reviewed", response=RunbookWhole)
def mark_reviewed(request: ApiRequest, slug: str) -> Any:
    """Say that one has read it today and that it holds."""
    runbook = _own(request, slug, "runbook.draft")
    reviews.mark_reviewed(runbook, by=request.auth.user, now=timezone.now())
    return whole_runbook(runbook)


@router.put("/runbooks/{slug}/review-interval", response=RunbookWhole)
def set_review_interval(request: ApiRequest, slug: str, body: IntervalIn) -> Any:
    """Say how often it is reviewed."""
    runbook = _own(request, slug, "runbook.edit")
    reviews.set_review_interval(
        runbook, body.interval, by=request.auth.user, now=timezone.now()
    )
    return whole_runbook(runbook)


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


def _read(
    request: ApiRequest, body: RunbookTextIn
) -> tuple[Service, Plan, Runbook | None]:
    teams = own_teams(request)
    found = {each.slug: each for each in library.services_of(teams)}
    if body.service not in found:
        raise Http404
    raw = strip_marks(body.text.encode("utf-8", "replace"))
    if len(raw) > MOST_BYTES:
        raise PortalError("This is more than 2 MB. Split it.", field="text")
    service, plan = found[body.service], read_plan(raw)
    if body.runbook is None:
        return service, plan, library.find_same(service, plan)
    runbook = library.get_runbook(body.runbook, teams)
    if runbook.service_id != service.pk:
        raise PortalError("The runbook is about another service.", field="runbook")
    return service, plan, runbook
