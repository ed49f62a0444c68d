"""The API of texts that wait for a review: read at an address, looked at, applied."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from oncall.access import authorize
from oncall.api.common import Moment, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken
from runbooks.domain.plan import read_plan
from runbooks.models import Draft
from runbooks.queries import library
from runbooks.review_shapes import (
    ChoicesIn,
    RunbookWhole,
    WaitingOut,
    waiting_out,
    whole_runbook,
)
from runbooks.services.drafts import apply_draft, discard_draft
from runbooks.services.sources import Address, start_from_address

router = Router(tags=["runbooks"])


class WaitingTextOut(Schema):
    """A text that waits for a review; ``runbook`` is null for one that is new."""

    id: int
    service: str
    runbook: str | None
    path: str
    created_at: Moment


class RunbookAddressIn(Schema):
    """Where a runbook is read, and the short name of the service it is about.

    ``header`` is as "Authorization: Bearer …", ``interval`` hourly, daily, weekly or
    off. ``runbook`` is the one that it is a newer text of; without it that is the one
    of the service with the same title, if any.
    """

    service: str = Field(max_length=80)
    url: str = Field(min_length=1, max_length=2000)
    header: str = Field(default="", max_length=4000)
    interval: str = Field(default="daily", max_length=8)
    runbook: str | None = Field(None, max_length=80)


@router.get("/waiting-texts", response=PageOf[WaitingTextOut])
def list_waiting(request: ApiRequest, window: Query[Window]) -> Any:
    """List the texts that a folder or an address brought and nobody reviewed yet."""
    page = cut(library.waiting_texts(readable_teams(request)), window)
    return {**page, "items": [_line_out(each) for each in page["items"]]}


@router.post("/waiting-texts", response={201: WaitingOut})
def read_address(request: ApiRequest, body: RunbookAddressIn) -> Any:
    """Read a text at an address; applied, it is read from there again.

    It waits for the caller alone, for a day at most, in the place of the one before.
    """
    teams = own_teams(request)
    found = {each.slug: each for each in library.services_of(teams)}
    if body.service not in found:
        raise Http404
    service = found[body.service]
    authorize(request.auth, "runbook.draft", service.team_id)
    runbook = library.get_runbook(body.runbook, teams) if body.runbook else None
    if runbook is not None and runbook.service_id != service.pk:
        raise PortalError("The runbook is about another service.", field="runbook")
    address = Address(url=body.url, header=body.header, interval=body.interval)
    draft = start_from_address(
        service, address, runbook=runbook, by=request.auth.user, now=timezone.now()
    )
    return Status(201, waiting_out(draft))


@router.get("/waiting-texts/{pk}", response=WaitingOut)
def show_waiting_text(request: ApiRequest, pk: int) -> Any:
    """Show a text that waits, and what it would make live."""
    return waiting_out(_find(request, pk, "runbook.draft"))


@router.post(
    "/waiting-texts/{pk}/apply",
    response={200: RunbookWhole, 409: Overtaken[RunbookWhole]},
)
def apply(request: ApiRequest, pk: int, body: ChoicesIn) -> Any:
    """Make live what is accepted of a text that waits, all of it or nothing."""
    draft = _find(request, pk, "runbook.edit")
    plan, runbook = read_plan(bytes(draft.raw)), draft.runbook
    choices = body.read(draft.service, plan, runbook)
    by, now = request.auth.user, timezone.now()
    with telling(lambda _: whole_runbook(runbook) if runbook else None):
        version = apply_draft(draft, plan, choices, by=by, now=now)
    return whole_runbook(version.runbook)


@router.delete("/waiting-texts/{pk}", response={204: None})
def discard(request: ApiRequest, pk: int) -> Any:
    """Throw a waiting text away; nothing of it was live."""
    discard_draft(_find(request, pk, "runbook.draft"))
    return Status(204, None)


def _find(request: ApiRequest, pk: int, action: str) -> Draft:
    # No row has a number that the database cannot hold.
    number = pk if abs(pk) < 2**63 else 0
    draft = library.get_draft(number, request.auth.user.pk, own_teams(request))
    authorize(request.auth, action, draft.service.team_id)
    return draft


def _line_out(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "service": draft.service.slug,
        "runbook": draft.runbook.slug if draft.runbook else None,
        "path": draft.path,
        "created_at": draft.created_at,
    }
