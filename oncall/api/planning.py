"""How duty was shared, and planning it fairly."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize
from oncall.api.common import Clock, Moment, check_interval
from oncall.api.rosters import MadeOut, PreviewOut, show_made, show_preview
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.domain.fairness import find_balance
from oncall.domain.planner import MOST_PEOPLE, MOST_WEEKS, DutyPlan
from oncall.models import Rotation
from oncall.queries.load import report_load
from oncall.queries.overrides import find_schedule
from oncall.queries.people import people_of
from oncall.queries.rosters import find_rotation_in
from oncall.services import planning
from oncall.services.planning import PlanForm
from oncall.services.previews import preview_edit
from oncall.services.schedules import make_edit
from opsportal.kit.errors import PortalError

router = Router()
HOUR = timedelta(hours=1)
BACK = timedelta(days=90)
Username = Annotated[str, Field(max_length=150)]


class LoadRowOut(Schema):
    """What one person carried; ``percent`` is their share of all hours."""

    user: str
    hours: float
    nights: int
    weekends: int
    holidays: int
    pages: int
    percent: float


class LoadOut(Schema):
    """The load within [start, end); ``balance`` is 100 when all had the same."""

    start: datetime
    end: datetime
    role: str
    balance: int
    people: list[LoadRowOut]


class PlanIn(Schema):
    """Who shares the duty from the handoff of which day on, at which wall time.

    ``seal`` is a preview's: then exactly that is saved.
    """

    people: list[Username] = Field(min_length=2, max_length=MOST_PEOPLE)
    starts_on: date
    at: Clock = "09:00"
    weeks: int = Field(default=52, ge=1, le=MOST_WEEKS)
    whole_weeks: bool = False
    seal: str = Field(default="", max_length=200)


class ShareOut(Schema):
    """What a plan gives one person."""

    user: str
    hours: float
    secondary_hours: float
    weekends: int
    holidays: int


class DutyOut(Schema):
    """A stretch of duty, or of duty while away. Half-open."""

    user: str
    start: datetime
    end: datetime


class DutyPlanOut(Schema):
    """A plan, and what it changes; nothing is saved."""

    balance: int
    shares: list[ShareOut]
    clashes: list[DutyOut]
    stretches: list[DutyOut]
    preview: PreviewOut


@router.get("/schedules/{slug}/load", response=LoadOut)
def show_load(
    request: ApiRequest,
    slug: str,
    start: Moment | None = None,
    end: Moment | None = None,
    role: str = "",
) -> Any:
    """Say who carried how much within [start, end): the last 90 days unless told.

    What is past is what really was, what is ahead is the plan.
    """
    schedule = find_schedule(slug, readable_teams(request))
    if schedule is None:
        raise Http404
    now = timezone.now()
    high = end or now
    low = start or high - BACK
    check_interval(low, high)
    report = report_load(schedule, low, high, now=now, role=role)
    return LoadOut(
        start=report.starts_at,
        end=report.ends_at,
        role=report.role,
        balance=report.balance,
        people=[
            LoadRowOut(
                user=row.name,
                hours=row.hours,
                nights=row.nights,
                weekends=row.weekends,
                holidays=row.holidays,
                pages=row.pages,
                percent=row.percent,
            )
            for row in report.rows
        ],
    )


@router.post("/rotations/{rotation_id}/plan/preview", response=DutyPlanOut)
def preview_plan(request: ApiRequest, rotation_id: int, body: PlanIn) -> Any:
    """Plan duty fairly and say what it would change: nothing is saved."""
    rotation = _find(request, rotation_id)
    form, now = _read(rotation, body), timezone.now()
    plan = planning.draft_plan(rotation, form, now=now)
    preview = preview_edit(planning.apply_of(rotation, form, plan), now=now)
    return _plan_out(plan, rotation, show_preview(preview))


@router.post("/rotations/{rotation_id}/plan", response={201: MadeOut})
def apply_plan(request: ApiRequest, rotation_id: int, body: PlanIn) -> Any:
    """Let a rotation follow a fair plan from its first handoff on."""
    rotation = _find(request, rotation_id)
    form, now = _read(rotation, body), timezone.now()
    plan = planning.draft_plan(rotation, form, now=now)
    edit = planning.apply_of(rotation, form, plan)
    made = make_edit(edit, by=request.auth.user, now=now, seal=body.seal)
    return Status(201, show_made(made))


def _find(request: ApiRequest, pk: int) -> Rotation:
    # No row has a number that the database cannot hold.
    rotation = find_rotation_in(pk, own_teams(request)) if abs(pk) < 2**63 else None
    if rotation is None:
        raise Http404
    authorize(request.auth, "schedule.edit", rotation.schedule.team_id)
    return rotation


def _read(rotation: Rotation, body: PlanIn) -> PlanForm:
    known = {user.username: user.pk for user in people_of(rotation.schedule.team_id)}
    people = tuple(dict.fromkeys(body.people))
    if missing := [name for name in people if name not in known]:
        raise PortalError(f"“{missing[0]}” is not in the team.", field="people")
    if len(people) < len(body.people):
        raise PortalError("Name everybody once.", field="people")
    return PlanForm(
        people=tuple(known[name] for name in people),
        starts_on=body.starts_on,
        at=time.fromisoformat(body.at),
        weeks=body.weeks,
        whole_weeks=body.whole_weeks,
    )


def _plan_out(plan: DutyPlan, rotation: Rotation, preview: PreviewOut) -> DutyPlanOut:
    names = {
        person.pk: person.username for person in people_of(rotation.schedule.team_id)
    }

    def name(person: object) -> str:
        return names[person]  # type: ignore[index]  # ours are integers

    return DutyPlanOut(
        balance=find_balance(share.time for share in plan.shares),
        shares=[
            ShareOut(
                user=name(share.person),
                hours=share.time / HOUR,
                secondary_hours=share.secondary / HOUR,
                weekends=share.weekends,
                holidays=share.holidays,
            )
            for share in plan.shares
        ],
        clashes=[
            DutyOut(user=name(each.person), start=each.start, end=each.end)
            for each in plan.clashes
        ],
        stretches=[
            DutyOut(user=name(each.person), start=each.start, end=each.end)
            for each in plan.stretches
        ],
        preview=preview,
    )
