"""A rotation as a person plans it, and the version that it becomes."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.revision import change_members, turn_at, turn_members
from oncall.domain.schedule import (
    HolidayPolicy,
    Member,
    RotationVersion,
    ScheduleError,
    require_moment,
)
from oncall.domain.walltime import from_wall_micros, to_micros, wall_clock

# A role of this name learns: it is never paged and never missed.
SHADOW = "shadow"
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """Who takes turns, how long a turn is, and when they hand over.

    `members` are in order; a turn lasts `every` units. Handoffs are at `at` on the
    schedule's wall clock: on `weekday` (Monday = 0) when the unit is a week, on
    `month_day` when it is a month. `counted_from` is the day of one of the handoffs,
    which tells the even weeks from the odd ones; without it the counting goes on as
    it was, or begins with the last possible handoff. `concurrency` is the number of
    roles filled at once. With `keeps_current` whoever is on duty at `effective_from`
    stays until the next handoff; without it the first of `members` begins.
    """

    members: tuple[Member, ...]
    at: time
    effective_from: datetime
    unit: Unit = Unit.WEEK
    every: int = 1
    weekday: int = 0
    month_day: int = 1
    counted_from: date | None = None
    concurrency: int = 1
    count: Count = Count.CALENDAR
    windows: tuple[ActiveWindow, ...] = ()
    holiday_policy: HolidayPolicy = HolidayPolicy.IGNORE
    absence_policy: AbsencePolicy = AbsencePolicy.WARN
    keeps_current: bool = True


def plan_version(
    plan: RotationPlan,
    zone: tzinfo,
    present: RotationVersion | None = None,
    *,
    present_zone: tzinfo | None = None,
) -> RotationVersion:
    """Return the version that `plan` stands for, following `present`.

    `present_zone` is the zone that held before, when `zone` is a new one.
    Raises ScheduleError when the plan has no members or no such day, or is counted
    from a day on which it has no handoff.
    """
    if not plan.members:
        raise ScheduleError("members", "are empty. Add a person or an empty slot.")
    if plan.weekday not in range(7):
        raise ScheduleError("weekday", "is unknown. Choose 0 (Monday) to 6 (Sunday).")
    if plan.month_day not in range(1, 32):
        raise ScheduleError("month_day", "is no day of a month. Choose 1 to 31.")
    fresh = RotationVersion(
        effective_from=plan.effective_from,
        anchor=_anchor_of(plan, zone, present),
        unit=plan.unit,
        members=plan.members,
        every=plan.every,
        concurrency=plan.concurrency,
        count=plan.count,
        holiday_policy=plan.holiday_policy,
        absence_policy=plan.absence_policy,
        windows=plan.windows,
    )
    turn = turn_at(fresh, plan.effective_from, zone)
    if present is None or not plan.keeps_current:
        return replace(fresh, members=turn_members(plan.members, -turn))
    held = turn_at(present, plan.effective_from, present_zone or zone)
    return change_members(
        replace(fresh, members=turn_members(present.members, held - turn)),
        plan.members,
        effective_from=plan.effective_from,
        zone=zone,
    )


def members_from(
    version: RotationVersion, at: datetime, zone: tzinfo
) -> tuple[Member, ...]:
    """Return the members in their order, beginning with whose turn it is at `at`."""
    return turn_members(version.members, turn_at(version, at, zone))


def is_weekly(version: RotationVersion) -> bool:
    """Say whether the version is a plain weekly rotation of single people."""
    return (
        version.unit is Unit.WEEK
        and version.every == 1
        and version.count is Count.CALENDAR
        and not any(isinstance(member, tuple) for member in version.members)
    )


def find_anchor(plan: RotationPlan, zone: tzinfo) -> datetime:
    """Return the wall time of the plan's last handoff not after its moment.

    Every unit counts as one: which of them begins a turn is not asked here.
    """
    # What the clock has shown so far, not what it shows: where autumn repeats an
    # hour, a handoff that has been does not come again.
    moment = require_moment(plan.effective_from, "effective_from")
    reach = from_wall_micros(wall_clock(zone).reach(to_micros(moment)))
    if plan.unit is Unit.MONTH:
        return _monthly_anchor(reach, plan.month_day, plan.at)
    step = WEEK if plan.unit is Unit.WEEK else DAY
    ahead = plan.weekday - reach.weekday() if plan.unit is Unit.WEEK else 0
    anchor = datetime.combine(reach.date(), plan.at) + timedelta(days=ahead)
    return anchor if anchor <= reach else anchor - step


def _monthly_anchor(reach: datetime, day: int, at: time) -> datetime:
    """The last day of that number; the 31st stands for the last of every month."""
    months = reach.year * 12 + reach.month - 1
    while True:
        year, month = divmod(months, 12)
        if day <= monthrange(year, month + 1)[1]:
            anchor = datetime.combine(date(year, month + 1, day), at)
            if anchor <= reach:
                return anchor
        months -= 1


def _anchor_of(
    plan: RotationPlan, zone: tzinfo, present: RotationVersion | None
) -> datetime:
    if plan.counted_from is None:
        if present is not None and _has_cadence_of(plan, present):
            return present.anchor
        return find_anchor(plan, zone)
    anchor = datetime.combine(plan.counted_from, plan.at)
    if plan.unit is Unit.WEEK and anchor.weekday() != plan.weekday:
        raise ScheduleError(
            "counted_from",
            f"is a {WEEKDAYS[anchor.weekday()]}. Choose a {WEEKDAYS[plan.weekday]}, "
            "the day of the handoff.",
        )
    if plan.unit is Unit.MONTH and anchor.day != plan.month_day:
        raise ScheduleError(
            "counted_from",
            f"is day {anchor.day} of its month. Choose day {plan.month_day}, the day "
            "of the handoff.",
        )
    return anchor


def _has_cadence_of(plan: RotationPlan, present: RotationVersion) -> bool:
    anchor = present.anchor
    return (
        (plan.unit, plan.every, plan.at) == (present.unit, present.every, anchor.time())
        and (plan.unit is not Unit.WEEK or plan.weekday == anchor.weekday())
        and (plan.unit is not Unit.MONTH or plan.month_day == anchor.day)
    )
