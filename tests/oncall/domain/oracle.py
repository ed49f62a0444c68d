"""A second opinion on who is on call: a clock that ticks every quarter of an hour.

It simulates what the kernel computes: it walks through time, remembers the latest wall
reading it has seen, and counts the boundaries that this reading has passed. It shares
no arithmetic with the kernel, only the values of a schedule.
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import datetime, timedelta

from tests.oncall.domain.strategies import QUARTER

# Longer than any clock was ever put back.
_RUN_UP = timedelta(hours=27)
_LENGTHS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def simulate(schedule, start, end):
    """Yield (instant, {role: [users]}) for each quarter hour start <= t < end."""
    at = start - _RUN_UP
    latest = datetime.fromisoformat("1900-01-01")
    while at < end:
        latest = max(latest, at.astimezone(schedule.zone).replace(tzinfo=None))
        if at >= start:
            yield at, _lineup(schedule, at, latest)
        at += QUARTER


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
    turn = _turn_number(version, latest)
    for position in range(version.concurrency):
        member = version.members[(turn + position) % len(version.members)]
        for user in member if isinstance(member, tuple) else (member,):
            if user is not None:
                yield rotation.roles[position], user


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
    numbers = range(-200, 200) if version.unit == "hour" else range(-8, 9)
    starts = [boundary(version, number) for number in numbers]
    return numbers[bisect_right(starts, latest) - 1]


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
    return any(
        _in_windows(version, start + quarter * QUARTER)
        for quarter in range(length // QUARTER)
    )
