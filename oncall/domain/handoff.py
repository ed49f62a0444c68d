"""When a rotation hands over by its own rhythm."""

from collections.abc import Hashable
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from oncall.domain.schedule import (
    PersonId,
    Rotation,
    Schedule,
    ScheduleError,
    require_moment,
)
from oncall.domain.walltime import WallClock, from_micros, to_micros


class Handoff(NamedTuple):
    """The moment at which a rotation goes on, with its people before and after."""

    at: datetime
    rotation: Hashable
    outgoing: tuple[PersonId, ...]
    incoming: tuple[PersonId, ...]


def find_handoffs(
    schedule: Schedule,
    start: datetime,
    end: datetime,
    *,
    rotation: Hashable = None,
) -> list[Handoff]:
    """Return the handoffs of the rotations (or of one, by key) in start <= t < end.

    A handoff is the start of a turn, also when the same person goes on, or a new
    version that changes the people. Overrides move no handoff; people are those of
    the rotation in order of position.
    Raises ScheduleError when a bound is naive or no rotation has the key.
    """
    first = to_micros(require_moment(start, "start"))
    last = to_micros(require_moment(end, "end"))
    chosen = [
        each for each in schedule.rotations if rotation is None or each.key == rotation
    ]
    if rotation is not None and not chosen:
        raise ScheduleError("rotation", "is not in this schedule. Choose one that is.")
    found = chain.from_iterable(
        _handoffs_of(each, schedule.clock, first, last) for each in chosen
    )
    return sorted(found, key=lambda handoff: handoff.at)


def _handoffs_of(
    rotation: Rotation, clock: WallClock, first: int, last: int
) -> list[Handoff]:
    found = []
    for start, end, version in rotation.eras:
        low, high = max(start, first) - 1, min(end, last) - 1
        if low >= high:
            continue
        walls = version.pace.starts_between(clock.reach(low), clock.reach(high))
        turns = {clock.instant(wall) for wall in walls}
        moments = turns | {start} if start >= first else turns
        for at in sorted(moments):
            outgoing = _people(rotation, clock, at - 1)
            incoming = _people(rotation, clock, at)
            if at in turns or outgoing != incoming:
                found.append(Handoff(from_micros(at), rotation.key, outgoing, incoming))
    return found


def _people(rotation: Rotation, clock: WallClock, at: int) -> tuple[PersonId, ...]:
    return tuple(line.user for line in rotation.turn_at(at, clock.reach(at)))
