"""Handoffs: their briefs, their notes, and taking over."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from oncall.access import authorize
from oncall.api.common import schedule_pk, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Handoff
from oncall.queries import handoffs as queries
from oncall.services import handing_over
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken

router = Router()


class HandoffOut(Schema):
    """One handoff; nobody is null. Send ``revision`` back with the notes."""

    id: int
    schedule: str
    at: datetime
    outgoing: str | None
    incoming: str | None
    notes: str
    notes_by: str | None
    notes_at: datetime | None
    revision: int
    accepted_at: datetime | None
    accepted_by: str | None
    cancelled_at: datetime | None
    escalated_at: datetime | None


class BriefLineOut(Schema):
    """One line of a brief; ``url`` is a path of the portal, or empty."""

    text: str
    url: str
    tone: str


class BriefSectionOut(Schema):
    """One part of a brief."""

    title: str
    lines: list[BriefLineOut]


class HandoffWithBrief(HandoffOut):
    """One handoff with its brief: live until accepted, then as it was."""

    is_frozen: bool
    brief: list[BriefSectionOut]


class NotesIn(Schema):
    """The notes in Markdown.

    ``revision`` is that of the handoff as you read it: somebody else's words since
    then are answered with 409 and the handoff as it is, as ``current``.
    """

    notes: str = Field(max_length=handing_over.LONGEST_NOTES)
    revision: int = Field(ge=0, le=2_000_000_000)


@router.get("/schedules/{slug}/handoffs", response=PageOf[HandoffOut])
def list_handoffs(request: ApiRequest, slug: str, window: Query[Window]) -> Any:
    """List the handoffs of a schedule, newest first; the next one is among them."""
    schedule_pk(request, slug)
    rows = queries.list_handoffs(readable_teams(request), schedule=slug)
    page = cut(rows, window)
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.get("/handoffs/{pk}", response=HandoffWithBrief)
def show_handoff(request: ApiRequest, pk: int) -> Any:
    """Show one handoff with its brief."""
    return _whole(_find(pk, readable_teams(request)))


@router.put(
    "/handoffs/{pk}/notes",
    response={200: HandoffWithBrief, 409: Overtaken[HandoffOut]},
)
def write_notes(request: ApiRequest, pk: int, body: NotesIn) -> Any:
    """Replace the notes."""
    row = _find(pk, own_teams(request))
    authorize(request.auth, "override.own", row.schedule.team_id)
    with telling(_out):
        saved = handing_over.write_notes(
            row.pk,
            body.notes,
            revision=body.revision,
            by=request.auth.user,
            now=timezone.now(),
        )
    return _whole(saved)


@router.post("/handoffs/{pk}/accept", response=HandoffWithBrief)
def accept(request: ApiRequest, pk: int) -> Any:
    """Take over: the brief is kept as it says now."""
    row = _find(pk, own_teams(request))
    authorize(request.auth, "override.own", row.schedule.team_id)
    if not handing_over.may_accept(request.auth, row):
        raise PermissionDenied("Only who takes over, or a manager, accepts it.")
    accepted = handing_over.accept_handoff(
        row.pk, by=request.auth.user, now=timezone.now()
    )
    return _whole(accepted)


def _find(pk: int, team_ids: list[int]) -> Handoff:
    row = queries.find_handoff(pk, team_ids)
    if row is None:
        raise Http404
    return row


def _whole(row: Handoff) -> dict[str, Any]:
    card = queries.show_handoff(row, timezone.now())
    sections = [
        {
            "title": section.title,
            "lines": [
                {"text": line.text, "url": line.url, "tone": line.tone}
                for line in section.lines
            ],
        }
        for section in card.sections
    ]
    return {**_out(row).model_dump(), "is_frozen": card.is_frozen, "brief": sections}


def _out(row: Handoff) -> HandoffOut:
    return HandoffOut(
        id=row.pk,
        schedule=row.schedule.slug,
        at=row.at,
        outgoing=row.outgoing.display_name if row.outgoing else None,
        incoming=row.incoming.display_name if row.incoming else None,
        notes=row.notes,
        notes_by=row.notes_by.display_name if row.notes_by else None,
        notes_at=row.notes_at,
        revision=row.revision,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by.display_name if row.accepted_by else None,
        cancelled_at=row.cancelled_at,
        escalated_at=row.escalated_at,
    )
