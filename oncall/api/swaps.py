"""Swaps: asking, and answering."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.domain.swap import Leg
from oncall.models import SwapRequest, User
from oncall.queries import people_of
from oncall.queries.swaps import (
    SwapRow,
    decided_swaps,
    find_schedule_row,
    find_swap,
    open_swaps,
    swap_row,
)
from oncall.services import swaps
from oncall.services.swap_checks import SwapForm
from opsportal.kit.errors import PortalError

router = Router()


class LegBody(Schema):
    """A stretch of a role that changes hands. Half-open."""

    role: str = Field(max_length=32)
    start: Moment
    end: Moment


class SwapIn(Schema):
    """What to give away; ``ask`` is a user name, empty asks the whole team."""

    schedule: str = Field(max_length=50)
    give: list[LegBody] = Field(max_length=20)
    returns: list[LegBody] = Field(default=[], max_length=20)
    ask: str = Field(default="", max_length=150)
    reason: str = Field(default="", max_length=250)


class DeclineIn(Schema):
    """A word along with a no."""

    answer: str = Field(default="", max_length=250)


class LegOut(Schema):
    """A stretch of a role. Half-open."""

    role: str
    start: datetime
    end: datetime


class SwapOut(Schema):
    """A swap; ``asked`` is null for the whole team."""

    id: int
    schedule: str
    requester: str
    asked: str | None
    taker: str | None
    state: str
    reason: str
    answer: str
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    give: list[LegOut]
    returns: list[LegOut]


@router.get("/swaps", response=list[SwapOut])
def list_swaps(request: ApiRequest) -> Any:
    """List open swaps, then those decided within 30 days."""
    teams, now = readable_teams(request), timezone.now()
    return [_out(row) for row in (*open_swaps(teams, now), *decided_swaps(teams, now))]


@router.get("/swaps/{swap_id}", response=SwapOut)
def show_swap(request: ApiRequest, swap_id: int) -> Any:
    """Show one swap."""
    return _show(_find(swap_id, readable_teams(request)))


@router.post("/swaps", response={201: SwapOut})
def request_swap(request: ApiRequest, body: SwapIn) -> Any:
    """Ask to give one's own shifts away, perhaps for others in return."""
    schedule = find_schedule_row(body.schedule, own_teams(request))
    if schedule is None:
        raise Http404
    authorize(request.auth, "override.own", schedule.team_id)
    form = SwapForm(
        legs=(*_legs(body.give), *_legs(body.returns, is_return=True)),
        asked_id=_person(body.ask, schedule.team_id),
        reason=body.reason,
    )
    made = swaps.request_swap(schedule, form, by=request.auth.user, now=timezone.now())
    return Status(201, _show(made))


@router.post("/swaps/{swap_id}/take", response=SwapOut)
def take_swap(
    request: ApiRequest,
    swap_id: int,
    though_away: bool = False,  # noqa: FBT001, FBT002 -- ninja reads the signature
) -> Any:
    """Take it: all shifts change hands at once; while away only ``though_away``."""
    swap = _mine(request, swap_id)
    who, now = request.auth.user, timezone.now()
    return _show(swaps.take_swap(swap, by=who, now=now, though_away=though_away))


@router.post("/swaps/{swap_id}/decline", response=SwapOut)
def decline_swap(request: ApiRequest, swap_id: int, body: DeclineIn) -> Any:
    """Say no, as the one person who is asked."""
    swap = _mine(request, swap_id)
    who, now = request.auth.user, timezone.now()
    return _show(swaps.decline_swap(swap, by=who, now=now, answer=body.answer))


@router.post("/swaps/{swap_id}/cancel", response=SwapOut)
def cancel_swap(request: ApiRequest, swap_id: int) -> Any:
    """Take the wish back; of others only as a manager."""
    swap = _mine(request, swap_id)
    _require_party(request, swap, swap.requester)
    return _show(swaps.cancel_swap(swap, by=request.auth.user, now=timezone.now()))


@router.post("/swaps/{swap_id}/undo", response=SwapOut)
def undo_swap(request: ApiRequest, swap_id: int) -> Any:
    """Give the shifts back within 30 days, while all of them are ahead."""
    swap = _mine(request, swap_id)
    _require_party(request, swap, swap.requester, swap.taker)
    return _show(swaps.undo_swap(swap, by=request.auth.user, now=timezone.now()))


def _require_party(
    request: ApiRequest, swap: SwapRequest, *people: User | None
) -> None:
    if request.auth.user not in people:
        authorize(request.auth, "override.any", swap.schedule.team_id)


def _mine(request: ApiRequest, swap_id: int) -> SwapRequest:
    swap = _find(swap_id, own_teams(request))
    authorize(request.auth, "override.own", swap.schedule.team_id)
    return swap


def _find(swap_id: int, teams: list[int]) -> SwapRequest:
    # No row has a number that the database cannot hold.
    swap = find_swap(swap_id, teams) if abs(swap_id) < 2**63 else None
    if swap is None:
        raise Http404
    return swap


def _person(username: str, team_id: int) -> int | None:
    if not username:
        return None
    for person in people_of(team_id):
        if person.username == username:
            return person.pk
    raise PortalError(f"“{username}” is not in the team.", field="ask")


def _legs(bodies: list[LegBody], *, is_return: bool = False) -> list[Leg]:
    return [Leg(each.role, each.start, each.end, is_return) for each in bodies]


def _show(swap: SwapRequest) -> SwapOut:
    return _out(swap_row(swap))


def _out(row: SwapRow) -> SwapOut:
    return SwapOut(
        id=row.pk,
        schedule=row.schedule_slug,
        requester=row.requester,
        asked=row.asked or None,
        taker=row.taker or None,
        state=row.state,
        reason=row.reason,
        answer=row.answer,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        give=[LegOut(role=s.role, start=s.starts_at, end=s.ends_at) for s in row.given],
        returns=[
            LegOut(role=s.role, start=s.starts_at, end=s.ends_at) for s in row.returned
        ],
    )
