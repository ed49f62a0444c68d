"""When the pager really changes hands at the turn of a rotation.

A rotation's rhythm (`oncall.domain.handoff`) says when it should. Overrides and swaps
can give the pager earlier or later, to somebody else, or to nobody new at all.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from oncall.domain.handoff import Handoff, find_handoffs
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import PersonId, Rotation, Schedule, Segment

# Overrides that last longer than this around a turn move nothing.
SIGHT = timedelta(days=35)
_TICK = timedelta(microseconds=1)


class Changeover(NamedTuple):
    """One person passes the pager of a rotation's first role on to another.

    None is nobody: the role was, or falls, empty.
    """

    at: datetime
    rotation: Hashable
    outgoing: PersonId | None
    incoming: PersonId | None


def find_changeovers(
    schedule: Schedule, start: datetime, end: datetime
) -> list[Changeover]:
    """Return the changeovers of all rotations in start <= t < end, by moment.

    A turn at which the same person goes on is none. One that an override covers
    happens when the override begins or ends, if that is before the next turn. The
    very first turn of a rotation has nobody to take over from and is left out.
    """
    found = [
        change
        for rotation in schedule.rotations
        for change in _changes_of(schedule, rotation, start, end)
        if start <= change.at < end
    ]
    return sorted(found, key=lambda change: change.at)


def shift_bounds(
    schedule: Schedule, rotation: Hashable, at: datetime
) -> tuple[datetime, datetime]:
    """Return when the turn before a handoff began and when the one after it ends.

    A turn that reaches further than `SIGHT` is cut there; so is one of a rotation
    that the schedule does not have.
    """
    low, high = at - SIGHT, at + SIGHT
    if all(each.key != rotation for each in schedule.rotations):
        return low, high
    turns = [each.at for each in find_handoffs(schedule, low, high, rotation=rotation)]
    return (
        max((turn for turn in turns if turn < at), default=low),
        min((turn for turn in turns if turn > at), default=high),
    )


def _changes_of(
    schedule: Schedule, rotation: Rotation, start: datetime, end: datetime
) -> Iterator[Changeover]:
    # Alone, so that another layer's hours do not stand between two of its people.
    alone = replace(schedule, rotations=(rotation,), required_roles=())
    turns = find_handoffs(alone, start - 2 * SIGHT, end + SIGHT)
    edges = [start - 3 * SIGHT, *(turn.at for turn in turns), end + 2 * SIGHT]
    begin = min(version.effective_from for version in rotation.versions)
    for turn, before, after in zip(turns, edges, edges[2:], strict=False):
        if turn.at == begin or not start - SIGHT <= turn.at < end + SIGHT:
            continue
        change = _change_at(alone, rotation, turn, (before, after))
        if change is not None:
            yield change


def _change_at(
    alone: Schedule,
    rotation: Rotation,
    turn: Handoff,
    between: tuple[datetime, datetime],
) -> Changeover | None:
    role = rotation.roles[0]
    before = _holders(alone, role, turn.at - _TICK)
    after = _holders(alone, role, turn.at)
    if before and after and before != after:
        outgoing = next((one for one in before if one not in after), before[0])
        incoming = next((one for one in after if one not in before), after[0])
        return Changeover(turn.at, rotation.key, outgoing, incoming)
    low = max(between[0], turn.at - SIGHT)
    high = min(between[1], turn.at + SIGHT)
    parts = [part for part in timeline(alone, low, high) if part.role == role]
    if not before or not after:
        return _across_a_gap(rotation, turn, parts)
    return _moved(rotation, turn, parts, before[0])


def _holders(alone: Schedule, role: str, at: datetime) -> tuple[PersonId, ...]:
    return tuple(line.user for line in users_at(alone, at) if line.role == role)


def _across_a_gap(
    rotation: Rotation, turn: Handoff, parts: Sequence[Segment]
) -> Changeover | None:
    """Look past hours in which the rotation rests, but not past an empty turn."""
    held = [part for part in parts if part.user is not None]
    earlier = [part for part in held if part.start < turn.at]
    later = [part for part in held if part.end > turn.at]
    last = max(earlier, key=lambda part: part.end, default=None)
    first = min(later, key=lambda part: part.start, default=None)
    outgoing = last.user if last is not None and turn.outgoing else None
    incoming = first.user if first is not None and turn.incoming else None
    if outgoing == incoming:
        return None
    return Changeover(turn.at, rotation.key, outgoing, incoming)


def _moved(
    rotation: Rotation, turn: Handoff, parts: Sequence[Segment], holder: PersonId
) -> Changeover | None:
    """Return when the pager of somebody who keeps it over the turn changes hands."""
    stretch = _unbroken(parts, holder, turn.at)
    is_early = holder in turn.incoming and holder not in turn.outgoing
    at = stretch[0] if is_early else stretch[1]
    others = [part for part in parts if part.user not in {None, holder}]
    if is_early:
        given = next((part.user for part in others if part.end == at), None)
        change = Changeover(at, rotation.key, given, holder)
    else:
        given = next((part.user for part in others if part.start == at), None)
        change = Changeover(at, rotation.key, holder, given)
    return change if given is not None else None


def _unbroken(
    parts: Sequence[Segment], holder: PersonId, at: datetime
) -> tuple[datetime, datetime]:
    own = [part for part in parts if part.user == holder]
    start = next(part.start for part in own if part.start <= at <= part.end)
    end = next(part.end for part in reversed(own) if part.start <= at <= part.end)
    for one, other in reversed(list(pairwise(own))):
        if other.start == start and one.end == start:
            start = one.start
    for one, other in pairwise(own):
        if one.end == end and other.start == end:
            end = other.end
    return start, end
