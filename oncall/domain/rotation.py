"""Who is on call: at an instant, and over an interval. One kernel answers both.

`timeline` asks the same function as `users_at`, once at each moment where the answer
can change. Every page, pager, feed and report asks one of these two.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter

from oncall.domain.schedule import (
    NOBODY,
    HolidayPolicy,
    OnCall,
    Override,
    PersonId,
    Rotation,
    RotationVersion,
    Schedule,
    Segment,
    Source,
    require_moment,
)
from oncall.domain.walltime import DAY, from_micros, to_micros

Lines = Sequence[OnCall]
_Line = tuple[str, PersonId | None, Source | None]
_Spans = Sequence[tuple[int, int]]


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
    # The highest reading so far, not the present one: where autumn repeats an hour,
    # a turn that has begun must not begin again.
    reach = schedule.clock.reach(instant)
    away = schedule.away_at(instant)
    found: list[OnCall] = []
    for role in schedule.roles:
        found += _hold(schedule, role, instant, reach, away, acting)
    return tuple(found)


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
    found = []
    for rank, role in enumerate(schedule.roles):
        for begin, segment in _segments(schedule, role, first, last):
            found.append((begin, rank, segment))
    found.sort(key=itemgetter(0, 1))
    return [segment for _, _, segment in found]


def _hold(
    schedule: Schedule,
    role: str,
    at: int,
    reach: int,
    away: frozenset[PersonId],
    acting: Iterable[Override],
) -> Lines:
    """Return who holds one role at an instant: no role depends on another."""
    lines: Lines = ()
    level = None
    for rotation in schedule.layers_by_role[role]:
        if lines and rotation.priority != level:
            break
        duty = rotation.duty_at(at, reach, schedule.holiday_numbers, away)
        if role in duty:
            lines = _join(lines, duty[role]) if lines else duty[role]
            level = rotation.priority
    for override in acting:
        if override.role is None or override.role == role:
            lines = _correct(lines, override, role)
    return lines


def _join(lines: Lines, more: Lines) -> Lines:
    held = {line.user for line in lines}
    return [*lines, *(line for line in more if line.user not in held)]


def _correct(lines: Lines, override: Override, role: str) -> Lines:
    kept = [] if override.takes_role else list(lines)
    place = len(kept)
    if override.remove_user is not None and not override.takes_role:
        place = _place_of(override.remove_user, kept)
        if place == len(kept):
            return lines
        del kept[place]
    adds = override.add_user
    if adds is not None and _place_of(adds, kept) == len(kept):
        kept.insert(place, OnCall(role, adds, override.source))
    return kept


def _place_of(user: PersonId, lines: Lines) -> int:
    for place, line in enumerate(lines):
        if line.user == user:
            return place
    return len(lines)


def _segments(
    schedule: Schedule, role: str, first: int, last: int
) -> Iterator[tuple[int, Segment]]:
    """Yield the segments of one role with the microsecond each begins at."""
    nobody = [(role, None, None)] if role in schedule.expected_roles else []
    opened: list[tuple[int, datetime, _Line]] = []
    previous: Sequence[_Line] = ()
    for cut, away, acting in _stops(schedule, role, first, last):
        reach = schedule.clock.reach(cut)
        lines = _hold(schedule, role, cut, reach, away, acting) or nobody
        if lines == previous:
            continue
        at = from_micros(cut)
        kept = []
        for begin, since, line in opened:
            if line in lines:
                kept.append((begin, since, line))
            else:
                yield begin, Segment(since, at, *line)
        kept += [(cut, at, line) for line in lines if line not in previous]
        opened, previous = kept, lines
    end = from_micros(last)
    for begin, since, line in opened:
        yield begin, Segment(since, end, *line)


def _stops(
    schedule: Schedule, role: str, first: int, last: int
) -> Iterator[tuple[int, frozenset[PersonId], list[Override]]]:
    """Yield each moment where a role can change: who is away, which overrides act."""
    overrides = [
        each for each in schedule.overrides_as_created if each.role in (None, role)
    ]
    absences = schedule.heeded_absences
    corrections = _changes([each.span for each in overrides], first, last)
    leaves = _changes([each.span for each in absences], first, last)
    cuts = {first, *corrections, *leaves}
    for rotation in schedule.layers_by_role[role]:
        cuts.update(_rotation_cuts(schedule, rotation, first, last))
    away: frozenset[PersonId] = NOBODY
    acting: list[Override] = []
    for cut in sorted(cut for cut in cuts if first <= cut < last):
        if cut in leaves:
            away = frozenset(absences[number].person for number in leaves[cut])
        if cut in corrections:
            acting = [overrides[number] for number in corrections[cut]]
        yield cut, away, acting


def _changes(spans: _Spans, first: int, last: int) -> dict[int, list[int]]:
    """Return at each edge within first to last which spans, by number, act from it."""
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(spans):
        low, high = max(start, first), min(end, last)
        if low < high:
            begins.setdefault(low, []).append(number)
            ends.setdefault(high, []).append(number)
    acting: list[int] = []
    found = {}
    for cut in sorted({*begins, *ends}):
        for number in ends.get(cut, ()):
            acting.remove(number)
        for number in begins.get(cut, ()):
            insort(acting, number)
        found[cut] = [*acting]
    return found


def _rotation_cuts(
    schedule: Schedule, rotation: Rotation, first: int, last: int
) -> Iterator[int]:
    for start, end, version in rotation.eras:
        low, high = max(start, first), min(end, last)
        if low >= high:
            continue
        yield low
        clock = version.clock or schedule.clock
        walls = _wall_cuts(schedule, version, clock.reach(low), clock.reach(high))
        yield from map(clock.instant, walls)


def _wall_cuts(
    schedule: Schedule, version: RotationVersion, low: int, high: int
) -> Iterator[int]:
    yield from version.pace.starts_between(low, high)
    yield from version.hours.edges_between(low, high)
    if version.holiday_policy is not HolidayPolicy.IGNORE:
        own = version.holiday_numbers
        for number in schedule.holiday_numbers if own is None else own:
            for edge in (number * DAY, (number + 1) * DAY):
                if low < edge <= high:
                    yield edge
