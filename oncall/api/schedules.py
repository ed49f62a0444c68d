"""Teams, schedules, and who is on call."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from ninja import Router, Schema

from oncall.access import teams_of
from oncall.api.common import Moment, check_interval, schedule_pk
from oncall.api_auth import ApiRequest, readable_teams
from oncall.domain.rotation import timeline
from oncall.queries import load_schedule, on_call_board
from oncall.queries.coverage import coverage_gaps, unreachable_shifts
from oncall.queries.naming import name_people

router = Router()


class TeamOut(Schema):
    """A team."""

    slug: str
    name: str
    time_zone: str


class OnCallOut(Schema):
    """One person on call in one role; no end in sight is null."""

    role: str
    name: str
    until: datetime | None


class BoardOut(Schema):
    """One schedule at one moment."""

    schedule: str
    name: str
    team: str
    time_zone: str
    on_call: list[OnCallOut]
    missing_roles: list[str]


class ShiftOut(Schema):
    """A stretch of a schedule; without a user it is a gap. Half-open."""

    start: datetime
    end: datetime
    role: str
    user: str | None


class ShiftsOut(Schema):
    """The shifts of an interval, and how much of it is covered."""

    shifts: list[ShiftOut]
    coverage_percent: float


class GapOut(Schema):
    """A stretch that is not covered. Half-open.

    ``kind`` is gap (the role is empty; user is null) or unreachable (the user has no
    verified contact method, or no active account).
    """

    kind: str
    role: str
    user: str | None
    start: datetime
    end: datetime


@router.get("/teams", response=list[TeamOut])
def list_teams(request: ApiRequest) -> Any:
    """List the teams that the token may see."""
    readable_teams(request)
    return teams_of(request.auth)


@router.get("/oncall", response=list[BoardOut])
def show_on_call(request: ApiRequest, at: Moment | None = None) -> Any:
    """Say who is on call in each schedule, now or at a moment (RFC 3339)."""
    board = on_call_board(readable_teams(request), at or timezone.now())
    return [
        BoardOut(
            schedule=row.slug,
            name=row.name,
            team=row.team_name,
            time_zone=row.time_zone,
            on_call=[
                OnCallOut(role=one.role, name=one.name, until=one.until)
                for one in row.on_call
            ],
            missing_roles=row.missing_roles,
        )
        for row in board
    ]


@router.get("/schedules/{slug}/shifts", response=ShiftsOut)
def list_shifts(request: ApiRequest, slug: str, start: Moment, end: Moment) -> Any:
    """List the shifts within [start, end), at most 366 days."""
    pk = schedule_pk(request, slug)
    check_interval(start, end)
    parts = timeline(load_schedule(pk), start, end)
    names = name_people(part.user for part in parts if part.user is not None)
    held = sum((p.end - p.start for p in parts if p.user is not None), timedelta())
    whole = sum((p.end - p.start for p in parts), timedelta())
    return ShiftsOut(
        shifts=[
            ShiftOut(
                start=part.start,
                end=part.end,
                role=part.role,
                user=None if part.user is None else names.get(part.user, ""),
            )
            for part in parts
        ],
        coverage_percent=100 * (held / whole) if whole else 0,
    )


@router.get("/schedules/{slug}/gaps", response=list[GapOut])
def list_gaps(
    request: ApiRequest,
    slug: str,
    start: Moment,
    end: Moment,
    *,
    unreachable: bool = False,
) -> Any:
    """List when an expected role is empty within [start, end), at most 366 days.

    Hours that are empty by design are none. With ``unreachable`` the shifts of
    people whom nothing reaches are listed as well.
    """
    pk = schedule_pk(request, slug)
    check_interval(start, end)
    shifts = unreachable_shifts(pk, start, end) if unreachable else []
    gaps = [
        GapOut(
            kind="gap", role=gap.role, user=None, start=gap.starts_at, end=gap.ends_at
        )
        for gap in coverage_gaps(pk, start, end)
    ]
    return gaps + [
        GapOut(
            kind="unreachable",
            role=shift.role,
            user=shift.name,
            start=shift.starts_at,
            end=shift.ends_at,
        )
        for shift in shifts
    ]
