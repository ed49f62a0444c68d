"""Absences: when people are away."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize, teams_where
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.domain.swap import Leg
from oncall.models import Absence
from oncall.queries import people_of
from oncall.queries.absences import absences_ahead, find_absence, teams_shared
from oncall.queries.swaps import find_schedule_row
from oncall.services import absences
from oncall.services.absences import AbsenceForm
from opsportal.kit.errors import PortalError

router = Router()


class AbsenceIn(Schema):
    """When the token's owner is away. Half-open."""

    start: Moment
    end: Moment
    kind: str = Field(default="vacation", max_length=8)
    note: str = Field(default="", max_length=250)


class AbsenceOut(Schema):
    """A time in which a person is away; why is for them to tell. Half-open."""

    id: int
    user: str
    start: datetime
    end: datetime


class CoverIn(Schema):
    """Who stands in for a part of a shift within the absence. Half-open."""

    schedule: str = Field(max_length=50)
    role: str = Field(max_length=32)
    start: Moment
    end: Moment
    cover: str = Field(max_length=150)


class CoverOut(Schema):
    """The override that was made."""

    override: int


@router.get("/absences", response=list[AbsenceOut])
def list_absences(request: ApiRequest) -> Any:
    """List when members of one's teams are away, now or later."""
    rows = absences_ahead(readable_teams(request), timezone.now())
    return [
        AbsenceOut(id=row.pk, user=row.name, start=row.starts_at, end=row.ends_at)
        for row in rows
    ]


@router.post("/absences", response={201: AbsenceOut})
def add_absence(request: ApiRequest, body: AbsenceIn) -> Any:
    """Say when oneself is away; the token needs the scope respond."""
    _require_responder(request)
    form = AbsenceForm(body.start, body.end, body.kind, body.note)
    who = request.auth.user
    row = absences.add_absence(who, form, by=who, now=timezone.now())
    return Status(201, _out(row))


@router.post("/absences/{absence_id}/cancel", response=AbsenceOut)
def cancel_absence(request: ApiRequest, absence_id: int) -> Any:
    """Take one's own absence back."""
    _require_responder(request)
    row = _find(absence_id)
    if row.user_id != request.auth.user.pk:
        raise Http404
    absences.cancel_absence(row, by=request.auth.user, now=timezone.now())
    return _out(row)


@router.post("/absences/{absence_id}/cover", response={201: CoverOut})
def cover_absence(request: ApiRequest, absence_id: int, body: CoverIn) -> Any:
    """Let a member stand in, as a manager of the schedule's team."""
    schedule = find_schedule_row(body.schedule, own_teams(request))
    if schedule is None:
        raise Http404
    authorize(request.auth, "override.any", schedule.team_id)
    row = _find(absence_id)
    if not teams_shared(row.user_id, [schedule.team_id]):
        raise Http404
    made = absences.cover_absence(
        row, schedule, Leg(body.role, body.start, body.end),
        cover_id=_person(body.cover, schedule.team_id),
        by=request.auth.user, now=timezone.now(),
    )  # fmt: skip
    return Status(201, CoverOut(override=made.pk))


def _require_responder(request: ApiRequest) -> None:
    """Pass when the token may act in some team of its owner."""
    if not teams_where(request.auth, "override.own"):
        raise PermissionDenied("This needs the role responder and the scope respond.")


def _find(absence_id: int) -> Absence:
    # No row has a number that the database cannot hold.
    row = find_absence(absence_id) if abs(absence_id) < 2**63 else None
    if row is None:
        raise Http404
    return row


def _person(username: str, team_id: int) -> int:
    for person in people_of(team_id):
        if person.username == username:
            return person.pk
    raise PortalError(f"“{username}” is not in the team.", field="cover")


def _out(row: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=row.pk, user=row.user.display_name, start=row.starts_at, end=row.ends_at
    )
