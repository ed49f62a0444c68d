"""A weekly rotation as a person edits it, and the version that it becomes."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from oncall.domain.pace import Count, Unit
from oncall.domain.revision import change_members
from oncall.domain.schedule import Member, RotationVersion, require_moment
from oncall.domain.walltime import from_wall_micros, to_micros, wall_clock

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeeklyPlan:
    """Who takes weeks in turn, and when they hand over.

    `members` are in order; `weekday` counts from Monday = 0; `at` is a time on the
    schedule's wall clock; `concurrency` is the number of roles filled at once. With
    `keeps_current` whoever is on duty at `effective_from` stays until the next
    handoff; without it the first of `members` begins.
    """

    members: tuple[Member, ...]
    weekday: int
    at: time
    concurrency: int
    effective_from: datetime
    keeps_current: bool = True


def find_anchor(moment: datetime, zone: tzinfo, weekday: int, at: time) -> datetime:
    """Return the wall time of the last handoff on `weekday` `at`, not after `moment`."""
    # What the clock has shown so far, not what it shows: where autumn repeats an
    # hour, a handoff that has been does not come again.
    reach = from_wall_micros(_reach(moment, zone))
    ahead = timedelta(days=weekday - reach.weekday())
    anchor = datetime.combine(reach.date(), at) + ahead
    return anchor if anchor <= reach else anchor - WEEK


def plan_version(
    plan: WeeklyPlan,
    zone: tzinfo,
    present: RotationVersion | None = None,
    *,
    present_zone: tzinfo | None = None,
) -> RotationVersion:
    """Return the version that `plan` stands for, following `present`.

    Windows and holidays of `present` stay as they are. `present_zone` is the zone
    that held before, when `zone` is a new one.
    Raises ScheduleError when the plan has no members.
    """
    anchor = find_anchor(plan.effective_from, zone, plan.weekday, plan.at)
    fresh = RotationVersion(
        effective_from=plan.effective_from,
        anchor=anchor,
        unit=Unit.WEEK,
        members=plan.members,
        concurrency=plan.concurrency,
    )
    if present is None:
        return fresh
    fresh = replace(
        fresh, windows=present.windows, holiday_policy=present.holiday_policy
    )
    if not plan.keeps_current:
        return fresh
    return change_members(
        replace(fresh, members=_turned(present, present_zone or zone, fresh, zone)),
        plan.members,
        effective_from=plan.effective_from,
        zone=zone,
    )


def members_from(
    version: RotationVersion, at: datetime, zone: tzinfo
) -> tuple[Member, ...]:
    """Return the members in their order, beginning with whose turn it is at `at`."""
    turn = _turn_at(version, at, zone) % len(version.members)
    return version.members[turn:] + version.members[:turn]


def is_weekly(version: RotationVersion) -> bool:
    """Say whether a weekly plan can stand for this version without loss."""
    return (
        version.unit is Unit.WEEK
        and version.every == 1
        and version.count is Count.CALENDAR
        and not any(isinstance(member, tuple) for member in version.members)
    )


def _turned(
    present: RotationVersion,
    present_zone: tzinfo,
    fresh: RotationVersion,
    zone: tzinfo,
) -> tuple[Member, ...]:
    """The present members, so that who has the turn has it in `fresh` as well."""
    at = fresh.effective_from
    shift = _turn_at(present, at, present_zone) - _turn_at(fresh, at, zone)
    size = len(present.members)
    return tuple(present.members[(place + shift) % size] for place in range(size))


def _turn_at(version: RotationVersion, at: datetime, zone: tzinfo) -> int:
    return version.pace.turn_at(_reach(at, zone))


def _reach(at: datetime, zone: tzinfo) -> int:
    return wall_clock(zone).reach(to_micros(require_moment(at, "at")))
