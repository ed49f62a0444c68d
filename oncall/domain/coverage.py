"""What a timeline leaves open, who cannot be reached, and what an edit changes."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import (
    OnCall,
    PersonId,
    Schedule,
    Segment,
    require_moment,
)

HORIZON = timedelta(days=400)

_Spans = list[tuple[datetime, datetime]]


class Change(NamedTuple):
    """The moment at which who is on call changes, and the people on both sides."""

    at: datetime
    before: tuple[OnCall, ...]
    after: tuple[OnCall, ...]


class Shift(NamedTuple):
    """One person's unbroken time in one role; None where it has no end in sight."""

    role: str
    user: PersonId
    start: datetime | None
    end: datetime | None


class HoursChange(NamedTuple):
    """What an edit gives one person in one role, and what it takes away."""

    user: PersonId
    role: str
    gained: timedelta
    lost: timedelta


def find_gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Segment]:
    """Return the stretches of start <= t < end in which an expected role is empty."""
    return [part for part in timeline(schedule, start, end) if part.user is None]


def unreachable(
    segments: Iterable[Segment], has_verified_method: Callable[[PersonId], bool]
) -> list[Segment]:
    """Return the segments whose person has no verified way to be reached.

    Asks `has_verified_method` once for each person.
    """
    known: dict[PersonId, bool] = {}
    found = []
    for part in segments:
        if part.user is None:
            continue
        if part.user not in known:
            known[part.user] = has_verified_method(part.user)
        if not known[part.user]:
            found.append(part)
    return found


def next_handoff(
    schedule: Schedule, at: datetime, *, horizon: timedelta = HORIZON
) -> Change | None:
    """Return the next change of who is on call after `at`, or None in `horizon`.

    A person who stays on for another reason (an override that names them) is no
    change; a role that falls empty is one.
    """
    low = require_moment(at, "at")
    limit, step = low + horizon, timedelta(days=1)
    before = users_at(schedule, low)
    people = _people(before)
    while low < limit:
        high = min(low + step, limit)
        parts = timeline(schedule, low, high)
        edges = {part.start for part in parts} | {part.end for part in parts} | {high}
        for edge in sorted(edges):
            after = users_at(schedule, edge)
            if _people(after) != people:
                return Change(edge, before, after)
        low, step = high, step * 4
    return None


def _people(lines: tuple[OnCall, ...]) -> set[tuple[str, PersonId]]:
    return {(line.role, line.user) for line in lines}


def shift_of(
    schedule: Schedule,
    user: PersonId,
    at: datetime,
    *,
    role: str | None = None,
    horizon: timedelta = HORIZON,
) -> Shift | None:
    """Return the shift that `user` is in at `at`, or None when not on call.

    Without `role`, the first role they hold. A start or end further away than
    `horizon` is None.
    """
    moment = require_moment(at, "at")
    held = [
        line.role
        for line in users_at(schedule, moment)
        if line.user == user and role in (None, line.role)
    ]
    if not held:
        return None

    def spans(low: datetime, high: datetime) -> _Spans:
        parts = timeline(schedule, low, high)
        return [
            (part.start, part.end)
            for part in parts
            if part.user == user and part.role == held[0]
        ]

    start = _unbroken_since(spans, moment, horizon)
    return Shift(held[0], user, start, _unbroken_until(spans, moment, horizon))


def _unbroken_until(
    spans: Callable[[datetime, datetime], _Spans], at: datetime, horizon: timedelta
) -> datetime | None:
    low, limit, step = at, at + horizon, timedelta(days=8)
    while low < limit:
        high = min(low + step, limit)
        edge = low
        for start, end in spans(low, high):
            if start != edge:
                break
            edge = end
        if edge < high:
            return edge
        low, step = high, step * 4
    return None


def _unbroken_since(
    spans: Callable[[datetime, datetime], _Spans], at: datetime, horizon: timedelta
) -> datetime | None:
    high, limit, step = at, at - horizon, timedelta(days=8)
    while high > limit:
        low = max(high - step, limit)
        edge = high
        for start, end in reversed(spans(low, high)):
            if end != edge:
                break
            edge = start
        if edge > low:
            return edge
        high, step = low, step * 4
    return None


def diff(before: Iterable[Segment], after: Iterable[Segment]) -> list[HoursChange]:
    """Return what each person gains and loses in each role from one timeline to another.

    Both timelines cover the same interval. Whoever keeps the same time is left out.
    """
    old, new = _spans_by_line(before), _spans_by_line(after)
    changes = []
    for line in dict.fromkeys([*old, *new]):
        was, will = old.get(line, []), new.get(line, [])
        kept = _common(was, will)
        gained, lost = _total(will) - kept, _total(was) - kept
        if gained or lost:
            changes.append(HoursChange(line[1], line[0], gained, lost))
    return changes


def _spans_by_line(
    segments: Iterable[Segment],
) -> dict[tuple[str, PersonId], _Spans]:
    found: dict[tuple[str, PersonId], _Spans] = {}
    for part in segments:
        if part.user is not None:
            found.setdefault((part.role, part.user), []).append((part.start, part.end))
    return found


def _total(spans: _Spans) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())


def _common(ones: _Spans, others: _Spans) -> timedelta:
    total, one, other = timedelta(), 0, 0
    while one < len(ones) and other < len(others):
        (start, end), (begin, stop) = ones[one], others[other]
        total += max(min(end, stop) - max(start, begin), timedelta())
        if end < stop:
            one += 1
        else:
            other += 1
    return total
