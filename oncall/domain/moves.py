"""Whose hours a change of a schedule moves: which stretches each person gains or loses."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall.domain.rotation import timeline
from oncall.domain.schedule import PersonId, Schedule, Segment

LEAST = timedelta(weeks=8)
BEYOND = timedelta(weeks=4)
# Further ahead nobody plans, and timelines would grow without end.
MOST = timedelta(days=2 * 366)


class Span(NamedTuple):
    """A stretch start <= t < end."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


class Move(NamedTuple):
    """What one person gains and loses in one role; `user` None stands for a gap."""

    user: PersonId | None
    role: str
    gained: tuple[Span, ...]
    lost: tuple[Span, ...]


def find_moves(before: Iterable[Segment], after: Iterable[Segment]) -> list[Move]:
    """Return what differs between two timelines of the same interval.

    A person who goes on for another reason gains and loses nothing.
    """
    old, new = _spans_of(before), _spans_of(after)
    moves = []
    for line in dict.fromkeys([*old, *new]):
        was, will = old.get(line, []), new.get(line, [])
        gained, lost = _without(will, was), _without(was, will)
        if gained or lost:
            role, user = line
            moves.append(Move(user, role, tuple(gained), tuple(lost)))
    return moves


def compare(before: Schedule, after: Schedule, start: datetime) -> list[Move]:
    """Return the moves from `start` until `find_end` of the two schedules."""
    end = find_end(before, after, start)
    return find_moves(timeline(before, start, end), timeline(after, start, end))


def find_end(before: Schedule, after: Schedule, start: datetime) -> datetime:
    """Return until when a comparison tells all.

    That is eight weeks, or four weeks after the last moment at which the two differ;
    two years at most.
    """
    marks = _marks(before) ^ _marks(after)
    last = max((at for _, at in marks), default=start)
    return min(max(start + LEAST, last + BEYOND), start + MOST)


def _marks(schedule: Schedule) -> set[tuple[object, datetime]]:
    versions = {
        ((rotation.key, version), version.effective_from)
        for rotation in schedule.rotations
        for version in rotation.versions
    }
    return versions | {(each, each.end) for each in schedule.overrides}


def _spans_of(
    parts: Iterable[Segment],
) -> dict[tuple[str, PersonId | None], list[Span]]:
    found: dict[tuple[str, PersonId | None], list[Span]] = {}
    for part in parts:
        spans = found.setdefault((part.role, part.user), [])
        if spans and spans[-1].end == part.start:
            spans[-1] = Span(spans[-1].start, part.end)
        else:
            spans.append(Span(part.start, part.end))
    return found


def _without(spans: list[Span], others: list[Span]) -> list[Span]:
    """What of `spans` lies in none of the `others`; both sorted and disjoint."""
    left = []
    for start, end in spans:
        begin = start
        for other in others:
            if other.end <= begin or other.start >= end:
                continue
            if begin < other.start:
                left.append(Span(begin, other.start))
            begin = other.end
        if begin < end:
            left.append(Span(begin, end))
    return left
