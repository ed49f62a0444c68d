"""Planning a fair order of duty, and handing it to a rotation as one more version."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.domain import schedule as domain
from oncall.domain import validation
from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import Unit
from oncall.domain.planner import MOST_WEEKS, DutyPlan, Leave, PlanWish, make_plan
from oncall.domain.schedule import ScheduleError
from oncall.domain.walltime import to_utc
from oncall.models import Rotation, Schedule
from oncall.queries.duty_rules import read_people
from oncall.queries.rosters import absences_within
from oncall.services.edit_ground import (
    Outcome,
    outcome_of,
    present_at,
    read_ground,
    required_after,
)
from oncall.services.faults import not_before, require_members, to_refusal
from opsportal.kit.errors import PortalError


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A plan as it is asked for: who, from the handoff of which day, for how long."""

    people: tuple[int, ...]
    starts_on: date
    at: time
    weeks: int
    whole_weeks: bool = False


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """A planned order as the next version of a rotation: an edit like any other.

    ``members`` take one ``unit`` each from ``first``, a time on the schedule's wall
    clock; after the last the order begins anew.
    """

    rotation: Rotation
    first: datetime
    unit: Unit
    members: tuple[int, ...]

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.rotation.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""
        require_members(list(self.members), self.team_id, field="people")
        ground = read_ground(self.rotation.schedule_id)
        rotation = ground.rotation(self.rotation.pk)
        starts_at = not_before(to_utc(self.first, ground.plan.zone), now)
        present = present_at(rotation, starts_at)
        version = domain.RotationVersion(
            effective_from=starts_at,
            anchor=self.first,
            unit=self.unit,
            members=self.members,
            concurrency=present.concurrency if present else len(rotation.roles),
            absence_policy=present.absence_policy if present else AbsencePolicy.WARN,
        )
        try:
            validation.validate_version(
                version, roles=tuple(rotation.roles[: version.concurrency])
            )
        except ScheduleError as error:
            raise to_refusal(error) from None
        ground.schedule.required_roles = required_after(
            ground, rotation, present, version
        )
        return outcome_of(
            ground, rotation, version, present=present, action="rotation.plan"
        )


def draft_plan(rotation: Rotation, form: PlanForm, *, now: datetime) -> DutyPlan:
    """Return the fairest plan found. Writes nothing.

    Known absences and each person's holidays are respected. Raises PortalError with
    the field at fault.
    """
    schedule = rotation.schedule
    zone = ZoneInfo(schedule.time_zone)
    first = datetime.combine(form.starts_on, form.at)
    try:
        begin = not_before(to_utc(first, zone), now)
    except PortalError as error:
        raise PortalError(error.message, field="starts_on") from None
    require_members(list(form.people), schedule.team_id, field="people")
    people = read_people(schedule.team, form.people, calendar_id=schedule.calendar_id)
    end = begin + timedelta(weeks=min(form.weeks, MOST_WEEKS), days=1)
    wish = PlanWish(
        people=form.people,
        first=first,
        weeks=form.weeks,
        zone=zone,
        absences=tuple(
            Leave(row.user_id, row.starts_at, row.ends_at)
            for row in absences_within(form.people, begin, end)
        ),
        holidays={person: people.holidays_of(person) for person in form.people},
        has_secondary=places_of(rotation, begin) > 1,
        whole_weeks=form.whole_weeks,
    )
    try:
        return make_plan(wish)
    except ScheduleError as error:
        raise to_refusal(error) from None


def apply_of(rotation: Rotation, form: PlanForm, plan: DutyPlan) -> ApplyPlan:
    """Return the edit that hands a plan to its rotation."""
    return ApplyPlan(
        rotation,
        datetime.combine(form.starts_on, form.at),
        plan.unit,
        plan.members,  # type: ignore[arg-type]  # ours are integers
    )


def places_of(rotation: Rotation, at: datetime) -> int:
    """Return how many places the rotation fills at once at a moment."""
    present = present_at(rotation, at)
    return present.concurrency if present else len(rotation.roles)


def rotations_to_plan(schedule: Schedule) -> list[Rotation]:
    """Return the rotations of a schedule, its own at hand."""
    rows = Rotation.objects.filter(schedule=schedule).prefetch_related(
        "versions__members", "versions__windows", "versions__created_by"
    )
    found = list(rows)
    for row in found:
        row.schedule = schedule
    return found
