"""Who is on call: at an instant, and over an interval. One kernel answers both.

`timeline` asks the same function as `users_at`, once at each moment where the answer
can change. Every page, pager, feed and report asks one of these two.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import datetime

from oncall.domain.schedule import (
    HolidayPolicy,
    OnCall,
    Override,
    PersonId,
    RotationVersion,
    Schedule,
    Segment,
    Source,
    require_moment,
)
from oncall.domain.walltime import DAY, from_micros, to_micros

_Held = dict[str, list[OnCall]]
_Line = tuple[str, PersonId | None, Source | None]


def users_at(schedule: Schedule, at: datetime) -> tuple[OnCall, ...]:
    """Return everybody on call at `at`, by role, primary before secondary.

    Raises ScheduleError when `at` is naive.
    """
    moment = require_moment(at, "at")
    instant = to_micros(moment)
    acting = [
        override
        for override in schedule.overrides_as_created
        # The datetimes first: most overrides are long over and need no span.
        if override.start <= moment < override.end and instant < override.span[1]
    ]
    return _resolve(schedule, instant, acting)


def timeline(schedule: Schedule, start: datetime, end: datetime) -> list[Segment]:
    """Return what `users_at` says over start <= t < end, as the longest segments.

    A role that is expected and that nobody holds has a segment with user None, so
    each expected role tiles the whole interval. Sorted by start, then role.
    Raises ScheduleError when a bound is naive.
    """
    first = to_micros(require_moment(start, "start"))
    last = to_micros(require_moment(end, "end"))
    if last <= first:
        return []
    lines = _Lines()
    for cut, acting in _stops(schedule, first, last):
        lines.advance(cut, _with_gaps(schedule, _resolve(schedule, cut, acting)))
    lines.advance(last, ())
    rank = {role: place for place, role in enumerate(schedule.expected_roles)}
    lines.done.sort(key=lambda row: (row[0], rank.get(row[2][0], len(rank))))
    return [
        Segment(from_micros(begin), from_micros(stop), *line)
        for begin, stop, line in lines.done
    ]


class _Lines:
    """The open ends of a timeline, merged while nothing changes."""

    def __init__(self) -> None:
        self.done: list[tuple[int, int, _Line]] = []
        self._open: list[tuple[int, _Line]] = []
        self._previous: tuple[_Line, ...] = ()

    def advance(self, cut: int, current: tuple[_Line, ...]) -> None:
        if current == self._previous:
            return
        kept = []
        for start, line in self._open:
            if line in current:
                kept.append((start, line))
            else:
                self.done.append((start, cut, line))
        kept += [(cut, line) for line in current if line not in self._previous]
        self._open, self._previous = kept, current


def _with_gaps(schedule: Schedule, found: tuple[OnCall, ...]) -> tuple[_Line, ...]:
    held = {line.role for line in found}
    gaps = [(role, None, None) for role in schedule.expected_roles if role not in held]
    return (*found, *gaps) if gaps else found


def _resolve(
    schedule: Schedule, at: int, acting: Iterable[Override]
) -> tuple[OnCall, ...]:
    held = _held_by_rotations(schedule, at)
    for override in acting:
        _apply(override, held)
    return tuple(line for lines in held.values() for line in lines)


def _held_by_rotations(schedule: Schedule, at: int) -> _Held:
    held: _Held = {role: [] for role in schedule.expected_roles}
    levels: dict[str, int] = {}
    # The highest reading so far, not the present one: where autumn repeats an hour,
    # a turn that has begun must not begin again.
    reach = schedule.clock.reach(at)
    for rotation in schedule.layers:
        for line in rotation.duty_at(at, reach, schedule.holiday_numbers):
            level = levels.setdefault(line.role, rotation.priority)
            if level == rotation.priority:
                _add(held, line)
    return held


def _add(held: _Held, line: OnCall) -> None:
    lines = held.setdefault(line.role, [])
    if all(other.user != line.user for other in lines):
        lines.append(line)


def _apply(override: Override, held: _Held) -> None:
    adds, removes = override.add_user, override.remove_user
    for role in [*held] if override.role is None else [override.role]:
        lines = held.setdefault(role, [])
        place = next((n for n, line in enumerate(lines) if line.user == removes), None)
        if override.takes_role:
            lines.clear()
        elif removes is not None and place is None:
            continue
        elif place is not None:
            del lines[place]
        if adds is not None and all(line.user != adds for line in lines):
            where = len(lines) if place is None else place
            lines.insert(where, OnCall(role, adds, override.source))


def _stops(
    schedule: Schedule, first: int, last: int
) -> Iterator[tuple[int, list[Override]]]:
    """Yield each moment where the answer can change, with the overrides acting then."""
    cuts = {first, *_rotation_cuts(schedule, first, last)}
    ordered = schedule.overrides_as_created
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, override in enumerate(ordered):
        start, end = max(override.span[0], first), min(override.span[1], last)
        if start < end:
            begins.setdefault(start, []).append(number)
            ends.setdefault(end, []).append(number)
    cuts.update(begins, ends)
    acting: list[int] = []
    for cut in sorted(cut for cut in cuts if first <= cut < last):
        for number in ends.get(cut, ()):
            acting.remove(number)
        for number in begins.get(cut, ()):
            insort(acting, number)
        yield cut, [ordered[number] for number in acting]


def _rotation_cuts(schedule: Schedule, first: int, last: int) -> Iterator[int]:
    clock = schedule.clock
    for rotation in schedule.rotations:
        for start, end, version in rotation.eras:
            low, high = max(start, first), min(end, last)
            if low >= high:
                continue
            yield low
            walls = _wall_cuts(schedule, version, clock.reach(low), clock.reach(high))
            yield from map(clock.instant, walls)


def _wall_cuts(
    schedule: Schedule, version: RotationVersion, low: int, high: int
) -> Iterator[int]:
    yield from version.pace.starts_between(low, high)
    yield from version.hours.edges_between(low, high)
    if version.holiday_policy is not HolidayPolicy.IGNORE:
        for number in schedule.holiday_numbers:
            for edge in (number * DAY, (number + 1) * DAY):
                if low < edge <= high:
                    yield edge
