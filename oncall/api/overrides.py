"""Overrides, taking the pager, and the caller's own shifts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize
from oncall.api.common import Moment, check_interval
from oncall.api.rosters import ChangeOut, StretchOut
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Override, Schedule
from oncall.queries.overrides import find_override, find_schedule, list_overrides
from oncall.queries.people import find_member, people_of
from oncall.queries.shifts import SIGHT, shifts_of
from oncall.services import overrides
from opsportal.kit.errors import PortalError

router = Router()
# What the services call differently.
_FIELDS = {"starts_at": "start", "ends_at": "end"}


class OverrideIn(Schema):
    """An exception. People are user names; without a start it begins now.

    With ``takes_role`` whoever comes in holds the role alone. An empty role stands
    for every role of the person who goes out.
    """

    start: Moment | None = None
    end: Moment
    role: str = Field(default="", max_length=32)
    add_user: str = Field(default="", max_length=150)
    remove_user: str = Field(default="", max_length=150)
    takes_role: bool = False
    reason: str = Field(default="", max_length=250)


class TakeIn(Schema):
    """What to take: the schedule's first role, to the end of the shift."""

    role: str = Field(default="", max_length=32)
    hours: int | None = Field(default=None, ge=1, le=168)


class OverrideOut(Schema):
    """An exception. Half-open; cancelled, it ended at that moment."""

    id: int
    start: datetime
    end: datetime
    role: str
    add_user: str | None
    remove_user: str | None
    takes_role: bool
    reason: str
    source: str
    created_by: str | None
    created_at: datetime
    cancelled_at: datetime | None


class OverridePreviewOut(Schema):
    """What an exception would do within [start, end)."""

    start: datetime
    end: datetime
    changes: list[ChangeOut]
    gaps: list[StretchOut]


class MyShiftOut(Schema):
    """A shift of one person. Half-open, whole even beyond the interval."""

    schedule: str
    team: str
    role: str
    start: datetime
    end: datetime
    weekend_days: int
    holidays: list[str]


@router.get("/users/me/shifts", response=list[MyShiftOut])
def list_my_shifts(
    request: ApiRequest, start: Moment | None = None, end: Moment | None = None
) -> Any:
    """List the caller's shifts that meet [start, end): 90 days unless told."""
    return _shifts(request, request.auth.user.pk, start, end)


@router.get("/users/{username}/shifts", response=list[MyShiftOut])
def list_shifts_of(
    request: ApiRequest,
    username: str,
    start: Moment | None = None,
    end: Moment | None = None,
) -> Any:
    """List the shifts that a person has in the token's teams, as one's own."""
    person = find_member(username, readable_teams(request))
    if person is None:
        raise Http404
    return _shifts(request, person.pk, start, end)


@router.get("/schedules/{slug}/overrides", response=list[OverrideOut])
def show_overrides(
    request: ApiRequest,
    slug: str,
    start: Moment | None = None,
    end: Moment | None = None,
) -> Any:
    """List the overrides that meet [start, end), also cancelled ones; 90 days ahead."""
    schedule = _find(slug, readable_teams(request))
    low = start or timezone.now()
    high = end or low + SIGHT
    check_interval(low, high)
    return [_out(row) for row in list_overrides(schedule.pk, low, high)]


@router.post("/schedules/{slug}/overrides/preview", response=OverridePreviewOut)
def preview_override(request: ApiRequest, slug: str, body: OverrideIn) -> Any:
    """Say whose hours an exception would change: nothing is saved."""
    schedule = _find(slug, own_teams(request))
    form, now = _read(request, schedule, body), timezone.now()
    with _named_as_here():
        shown = overrides.preview_override(schedule, form, now=now)
    return OverridePreviewOut(
        start=shown.starts_at,
        end=shown.ends_at,
        changes=[
            ChangeOut(
                user=row.name,
                role=row.role,
                gained=int(row.gained.total_seconds()),
                lost=int(row.lost.total_seconds()),
            )
            for row in shown.changes
        ],
        gaps=[
            StretchOut(role=row.role, start=row.starts_at, end=row.ends_at)
            for row in shown.gaps
        ],
    )


@router.post("/schedules/{slug}/overrides", response={201: OverrideOut})
def add_override(request: ApiRequest, slug: str, body: OverrideIn) -> Any:
    """Add an exception; of other people only with the role and scope for it."""
    schedule = _find(slug, own_teams(request))
    form, now = _read(request, schedule, body), timezone.now()
    with _named_as_here():
        row = overrides.add_override(schedule, form, by=request.auth.user, now=now)
    return Status(201, _out(row))


@router.delete("/schedules/{slug}/overrides/{override_id}", response={204: None})
def cancel_override(request: ApiRequest, slug: str, override_id: int) -> Any:
    """End an exception now, or before it begins."""
    row = _find_own(request, slug, override_id)
    overrides.cancel_override(row, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post(
    "/schedules/{slug}/overrides/{override_id}/restore", response={201: OverrideOut}
)
def restore_override(request: ApiRequest, slug: str, override_id: int) -> Any:
    """Let a cancelled exception hold again from now on: as a new one."""
    row = _find_own(request, slug, override_id)
    made = overrides.restore_override(row, by=request.auth.user, now=timezone.now())
    return Status(201, _out(made))


@router.post("/schedules/{slug}/take-over", response={201: OverrideOut})
def take_pager(request: ApiRequest, slug: str, body: TakeIn) -> Any:
    """Be on call from now on, in nobody's company."""
    schedule = _find(slug, own_teams(request))
    authorize(request.auth, "override.own", schedule.team_id)
    row = overrides.take_pager(
        schedule,
        role=body.role,
        length=timedelta(hours=body.hours) if body.hours else None,
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, _out(row))


@router.delete("/schedules/{slug}/take-over", response={204: None})
def give_back_pager(request: ApiRequest, slug: str) -> Any:
    """Give back early what the caller took."""
    schedule = _find(slug, own_teams(request))
    authorize(request.auth, "override.own", schedule.team_id)
    overrides.give_back_pager(schedule, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _find_own(request: ApiRequest, slug: str, pk: int) -> Override:
    """Return an override that the caller may end: their own, or any as a manager."""
    schedule = _find(slug, own_teams(request))
    authorize(request.auth, "override.own", schedule.team_id)
    row = find_override(schedule.pk, pk)
    if row is None:
        raise Http404
    if request.auth.user.pk not in {row.add_user_id, row.remove_user_id}:
        authorize(request.auth, "override.any", schedule.team_id)
    return row


def _read(
    request: ApiRequest, schedule: Schedule, body: OverrideIn
) -> overrides.OverrideForm:
    authorize(request.auth, "override.own", schedule.team_id)
    form = overrides.OverrideForm(
        starts_at=body.start or timezone.now(),
        ends_at=body.end,
        role=body.role,
        add_user_id=_person(body.add_user, schedule, "add_user"),
        remove_user_id=_person(body.remove_user, schedule, "remove_user"),
        takes_role=body.takes_role,
        reason=body.reason,
    )
    if not form.names(request.auth.user):
        authorize(request.auth, "override.any", schedule.team_id)
    return form


@contextmanager
def _named_as_here() -> Iterator[None]:
    """Let a refusal name the field as the API calls it."""
    try:
        yield
    except PortalError as error:
        error.field = _FIELDS.get(error.field, error.field)
        raise


def _shifts(
    request: ApiRequest, user_pk: int, start: datetime | None, end: datetime | None
) -> list[MyShiftOut]:
    teams = readable_teams(request)
    low = start or timezone.now()
    high = end or low + SIGHT
    check_interval(low, high)
    return [
        MyShiftOut(
            schedule=row.slug,
            team=row.team,
            role=row.role,
            start=row.starts_at,
            end=row.ends_at,
            weekend_days=row.weekend_days,
            holidays=row.holidays,
        )
        for row in shifts_of(user_pk, teams, low, high)
    ]


def _find(slug: str, team_ids: list[int]) -> Schedule:
    schedule = find_schedule(slug, team_ids)
    if schedule is None:
        raise Http404
    return schedule


def _person(username: str, schedule: Schedule, field: str) -> int | None:
    if not username:
        return None
    people = {user.username: user.pk for user in people_of(schedule.team_id)}
    if username not in people:
        raise PortalError(
            "Only active members of the team can be on call.",
            code="not_a_member",
            field=field,
        )
    return people[username]


def _out(row: Override) -> OverrideOut:
    return OverrideOut(
        id=row.pk,
        start=row.starts_at,
        end=row.ends_at,
        role=row.role,
        add_user=row.add_user.username if row.add_user else None,
        remove_user=row.remove_user.username if row.remove_user else None,
        takes_role=row.takes_role,
        reason=row.reason,
        source=row.source,
        created_by=row.created_by.username if row.created_by else None,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
    )
