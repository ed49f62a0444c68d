"""When a checklist is due, through the API: read, added, changed, paused, started."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.domain.cadence_rule import (
    CadenceKind,
    DayPick,
    DayWord,
    rule_from_json,
)
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.cadence_words import describe
from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.models import Cadence, Checklist
from checklists.queries import cadences as queries
from checklists.queries.checklists import get_cadence_for
from checklists.queries.listing import list_checklists
from checklists.services import cadences as services
from checklists.services.cadences import CadencePlan, revision_of
from checklists.services.generation import start_ad_hoc_run
from oncall.access import authorize
from oncall.api.common import Clock, Moment, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.errors import PortalError
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])

_T = TypeVar("_T")
_K = TypeVar("_K")

Name = Annotated[str, Field(max_length=150)]
Length = Annotated[str, Field(max_length=20)]


class RuleIn(Schema):
    """How often; give only what belongs to the kind.

    ``days``, ``every`` and ``starts_on`` are of weekly rules, ``hours`` of hourly
    ones, ``days_after`` of floating ones and the two times of those on demand.
    Monthly, quarterly and yearly ones pick their day by ``on``, then ``day``, or
    ``nth`` (-1 is the last) and perhaps ``weekday``; ``month`` is that of the
    quarter or year.
    """

    kind: CadenceKind
    days: list[DayWord] = []
    every: int = 1
    starts_on: date | None = None
    hours: int = 0
    on: DayPick | None = None
    day: int = 0
    nth: int = 0
    weekday: DayWord | None = None
    month: int = 0
    days_after: int = 0
    starts_from: Clock | None = None
    starts_until: Clock | None = None


class TimingIn(Schema):
    """The moments around the due time; lengths are written as "1d 2h 30m"."""

    due_time: Clock
    opens_before: Length
    grace: Length
    closes_after: Length


class CadenceIn(Schema):
    """A cadence as it is to be.

    ``person`` is the user name of a member, for ``assignee`` user; ``schedule`` and
    ``role`` are for oncall; ``rotation`` is for a rule of kind handoff. Without
    ``time_zone`` it is on the clock of the team.
    """

    rule: RuleIn
    timing: TimingIn
    time_zone: Name | None = None
    holidays: Cadence.Holidays = Cadence.Holidays.RUN
    catch_up: Cadence.CatchUp = Cadence.CatchUp.ALL
    carry_over: Cadence.CarryOver = Cadence.CarryOver.NONE
    assignee: Cadence.Assignee = Cadence.Assignee.TEAM
    person: Name | None = None
    schedule: Name | None = None
    role: str = Field("primary", max_length=32)
    sign_off: Cadence.SignOff = Cadence.SignOff.NONE
    rotation: int | None = None


class CadenceChangeIn(CadenceIn):
    """A cadence as it is to be.

    With ``revision`` the answer is 409 when the cadence is not as it was read, with
    the cadence as it is. Leave it out not to care.
    """

    revision: str | None = Field(None, max_length=64)


class CadenceOut(Schema):
    """A cadence; ``words`` say its rule, ``next_open_at`` is null when it is paused.

    ``revision`` names what it says: send it back with a change.
    """

    id: int
    words: str
    rule: dict[str, Any]
    timing: dict[str, Any]
    time_zone: str
    holidays: str
    catch_up: str
    carry_over: str
    assignee: str
    person: str | None
    schedule: str | None
    role: str
    sign_off: str
    rotation: int | None
    is_enabled: bool
    next_open_at: Moment | None
    revision: str


class StartedOut(Schema):
    """The run that was started: read it under ``/runs/{run}``."""

    run: int
    due_at: Moment


@router.get("/checklists/{slug}/cadences", response=list[CadenceOut])
def list_cadences(request: ApiRequest, slug: str) -> Any:
    """List when a checklist is due."""
    checklist = _find(readable_teams(request), slug)
    return [_cadence_out(row) for row in queries.cadences_of(checklist.pk)]


@router.post("/checklists/{slug}/cadences", response=CadenceOut)
def add_cadence(request: ApiRequest, slug: str, body: CadenceIn) -> Any:
    """Give a checklist one more cadence."""
    checklist = _find(own_teams(request), slug)
    authorize(request.auth, "checklist.edit", checklist.team_id)
    plan = _plan(checklist, body, ladder_to_json(DEFAULT_LADDER))
    by, now = request.auth.user, timezone.now()
    return _cadence_out(services.add_cadence(checklist, plan, by=by, now=now))


@router.put("/cadences/{pk}", response={200: CadenceOut, 409: Overtaken[CadenceOut]})
def change_cadence(request: ApiRequest, pk: int, body: CadenceChangeIn) -> Any:
    """Change a cadence from now on; runs that exist stay as they are."""
    cadence = _for_managers(request, pk)
    plan = _plan(cadence.checklist, body, cadence.reminders)
    by, now = request.auth.user, timezone.now()
    with telling(_cadence_out):
        services.change_cadence(cadence, plan, by=by, now=now, seen=body.revision)
    return _cadence_out(cadence)


@router.post("/cadences/{pk}/pause", response=CadenceOut)
def pause(request: ApiRequest, pk: int) -> Any:
    """Open no runs of a cadence until it is resumed."""
    return _pause(request, pk, paused=True)


@router.post("/cadences/{pk}/resume", response=CadenceOut)
def resume(request: ApiRequest, pk: int) -> Any:
    """Open runs again; periods of the pause are not caught up."""
    return _pause(request, pk, paused=False)


@router.post("/cadences/{pk}/start", response=StartedOut)
def start(request: ApiRequest, pk: int) -> Any:
    """Start a run of a cadence now, outside its rule, in the hours that it allows."""
    cadence = get_cadence_for(request.auth, pk)
    authorize(request.auth, "run.work", cadence.checklist.team_id)
    run = start_ad_hoc_run(pk, by=request.auth.user, now=timezone.now())
    return {"run": run.pk, "due_at": run.due_at}


def _pause(request: ApiRequest, pk: int, *, paused: bool) -> CadenceOut:
    cadence = _for_managers(request, pk)
    by, now = request.auth.user, timezone.now()
    services.pause_cadence(cadence, paused=paused, by=by, now=now)
    return _cadence_out(cadence)


def _find(team_ids: list[int], slug: str) -> Checklist:
    found = list_checklists(team_ids).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _for_managers(request: ApiRequest, pk: int) -> Cadence:
    cadence = get_cadence_for(request.auth, pk)
    authorize(request.auth, "checklist.edit", cadence.checklist.team_id)
    return cadence


def _plan(
    checklist: Checklist, body: CadenceIn, reminders: list[dict[str, Any]]
) -> CadencePlan:
    is_user = body.assignee is Cadence.Assignee.USER
    is_oncall = body.assignee is Cadence.Assignee.ONCALL
    is_handoff = body.rule.kind is CadenceKind.HANDOFF
    team = checklist.team
    return CadencePlan(
        rule=body.rule.model_dump(mode="json", exclude_unset=True, exclude_none=True),
        timing=body.timing.model_dump(),
        time_zone=body.time_zone or team.time_zone,
        holidays=body.holidays,
        catch_up=body.catch_up,
        carry_over=body.carry_over,
        assignee=body.assignee,
        assignee_user=_named("person", body.person, queries.find_member, team.pk)
        if is_user
        else None,
        assignee_schedule=_named(
            "schedule", body.schedule, queries.find_schedule, team.pk
        )
        if is_oncall
        else None,
        assignee_role=body.role,
        sign_off=body.sign_off,
        rotation=_named("rotation", body.rotation, queries.find_rotation, team.pk)
        if is_handoff
        else None,
        reminders=reminders,
    )


def _named(
    field: str, name: _K | None, find: Callable[[int, _K], _T | None], team_pk: int
) -> _T:
    """Return what a field names; raises PortalError when the team has no such thing."""
    found = None if name is None else find(team_pk, name)
    if found is None:
        raise PortalError(f"Name a {field} of the team.", field=field)
    return found


def _cadence_out(row: Cadence) -> CadenceOut:
    timing = timing_from_json(row.timing)
    return CadenceOut(
        id=row.pk,
        words=describe(rule_from_json(row.rule), timing.due_time),
        rule=row.rule,
        timing=row.timing,
        time_zone=row.time_zone,
        holidays=row.holidays,
        catch_up=row.catch_up,
        carry_over=row.carry_over,
        assignee=row.assignee,
        person=row.assignee_user.username if row.assignee_user else None,
        schedule=row.assignee_schedule.slug if row.assignee_schedule else None,
        role=row.assignee_role,
        sign_off=row.sign_off,
        rotation=row.rotation_id,
        is_enabled=row.is_enabled,
        next_open_at=row.next_open_at,
        revision=revision_of(row),
    )
