"""A second opinion on who is on call: a clock that ticks by minutes or quarters.

It simulates what the kernel computes: it walks through time, remembers the latest wall
reading it has seen, and counts the boundaries that this reading has passed. It shares
no arithmetic with the kernel, only the values of a schedule.
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache

from tests.oncall.domain.strategies import QUARTER

MINUTE = timedelta(minutes=1)
# Longer than any clock was ever put back.
_RUN_UP = timedelta(hours=27)
_LENGTHS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def simulate(schedule, start, end, step=QUARTER):
    """Yield (instant, {role: [users]}) for each tick of start <= t < end."""
    at = start - _RUN_UP
    latest = datetime.fromisoformat("1900-01-01")
    while at < end:
        latest = max(latest, at.astimezone(schedule.zone).replace(tzinfo=None))
        if at >= start:
            yield at, _lineup(schedule, at, latest)
        at += step


def _lineup(schedule, at, latest):
    held = {}
    for role in {role for rotation in schedule.rotations for role in rotation.roles}:
        offers = [
            (rotation.priority, user)
            for rotation in schedule.rotations
            for found, user in _turn(schedule, rotation, at, latest)
            if found == role
        ]
        best = max((priority for priority, _ in offers), default=None)
        users = [user for priority, user in offers if priority == best]
        held[role] = list(dict.fromkeys(users))
    for override in sorted(schedule.overrides, key=lambda one: one.created_at):
        over = override.cancelled_at is not None and override.cancelled_at <= at
        if override.start <= at < override.end and not over:
            held[override.role] = _corrected(held.get(override.role, []), override)
    return held


def _corrected(users, override):
    if override.takes_role:
        return [override.add_user]
    if override.remove_user is None:
        return [*users, *{override.add_user}.difference(users)]
    if override.remove_user not in users:
        return users
    rest = [user for user in users if user != override.remove_user]
    if override.add_user is None or override.add_user in rest:
        return rest
    return [*rest, override.add_user]


def _turn(schedule, rotation, at, latest):
    version = None
    for each in rotation.versions:
        if each.effective_from <= at and (
            version is None or each.effective_from >= version.effective_from
        ):
            version = each
    if version is None or not _is_active(schedule, version, latest):
        return
    first = _turn_number(version, latest) % len(version.members)
    order = [_people(each) for each in version.members]
    order = order[first:] + order[:first]
    away = {leave.person for leave in schedule.absences if _is_away(leave, at)}
    for role, people in zip(
        rotation.roles, _serving(version, order, away), strict=True
    ):
        for user in people:
            yield role, user


def _people(member):
    if member is None:
        return []
    return list(member) if isinstance(member, tuple) else [member]


def _is_away(absence, at):
    over = absence.cancelled_at is not None and absence.cancelled_at <= at
    return absence.start <= at < absence.end and absence.created_at <= at and not over


def _serving(version, order, away):
    """Name the people of each place: first as planned, then without the absent."""
    planned = []
    for people in order:
        if not any(person in other for other in planned for person in people):
            planned.append(people)
    planned = planned[: version.concurrency]
    if version.absence_policy == "warn":
        return planned
    there = [[person for person in people if person not in away] for people in planned]
    if version.absence_policy == "skip":
        return there
    for place, people in enumerate(planned):
        if people and not there[place]:
            busy = {person for others in there for person in others}
            present = ([one for one in other if one not in away] for other in order)
            free = (other for other in present if other and busy.isdisjoint(other))
            there[place] = next(free, [])
    return there


def _is_active(schedule, version, latest):
    on_holiday = latest.date() in schedule.holidays
    if version.holiday_policy == "skip" and on_holiday:
        return False
    if version.holiday_policy == "only" and not on_holiday:
        return False
    return _in_windows(version, latest)


def _in_windows(version, wall):
    if not version.windows:
        return True
    minute = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
    return any(
        window.weekday * 1440 + window.start_minute
        <= minute + week * 10080
        < window.weekday * 1440 + window.end_minute
        for window in version.windows
        for week in (0, 1)
    )


def _turn_number(version, latest):
    if (
        version.count == "active"
        and version.windows
        and version.unit in ("hour", "day")
    ):
        return _active_units(version, latest) // version.every
    numbers = _NUMBERS[version.unit == "hour"]
    return numbers[bisect_right(_starts(version), latest) - 1]


_NUMBERS = {True: range(-200, 200), False: range(-8, 9)}


@lru_cache(maxsize=64)
def _starts(version):
    return [boundary(version, number) for number in _NUMBERS[version.unit == "hour"]]


def boundary(version, number):
    """Return the wall time at which a calendar turn is planned to begin."""
    anchor, count = version.anchor, number * version.every
    if version.unit != "month":
        return anchor + count * _LENGTHS[version.unit]
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + count, 12)
    last = monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def _active_units(version, latest):
    """Count the units with open time from the anchor to the latest reading."""
    length = _LENGTHS[version.unit]
    start, number = version.anchor, -1
    while start > latest:
        start -= length
        number -= start > latest and _has_open_time(version, start, length)
    if version.anchor > latest:
        return number
    number = -1
    start = version.anchor
    while start <= latest:
        number += _has_open_time(version, start, length)
        start += length
    return number


def _has_open_time(version, start, length):
    # Off the quarter hours, a window may reach into a unit by less than a quarter.
    step = MINUTE if start.minute % 15 else QUARTER
    return any(
        _in_windows(version, start + tick * step) for tick in range(length // step)
    )
