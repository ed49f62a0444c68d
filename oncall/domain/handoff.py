"""When a rotation hands over by its own rhythm."""

from collections.abc import Hashable, Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from oncall.domain.schedule import (
    PersonId,
    Rotation,
    RotationVersion,
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
    version or an absence that changes the people. Turns in a row of one member are
    one turn, unless there is no other. Overrides move no handoff; people are those
    of the rotation, absences heeded, in order of position.
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
        _handoffs_of(schedule, each, first, last) for each in chosen
    )
    return sorted(found, key=lambda handoff: handoff.at)


def _handoffs_of(
    schedule: Schedule, rotation: Rotation, first: int, last: int
) -> Iterator[Handoff]:
    for start, end, version in rotation.eras:
        low, high = max(start, first) - 1, min(end, last) - 1
        if low >= high:
            continue
        clock = version.clock or schedule.clock
        turns = set(_turns_between(clock, version, low, high))
        leaves = {edge for leave in schedule.heeded_absences for edge in leave.span}
        moments = turns | {edge for edge in {*leaves, start} if low < edge <= high}
        for at in sorted(moments):
            outgoing = _people(schedule, rotation, at - 1)
            incoming = _people(schedule, rotation, at)
            if at in turns or outgoing != incoming:
                yield Handoff(from_micros(at), rotation.key, outgoing, incoming)


def _turns_between(
    clock: WallClock, version: RotationVersion, low: int, high: int
) -> Iterator[int]:
    reach, until = clock.reach(low), clock.reach(high)
    is_lone = len(set(version.members)) == 1
    turn = version.pace.turn_at(reach)
    for wall in version.pace.starts_between(reach, until):
        turn += 1
        if is_lone or version.slot(turn) != version.slot(turn - 1):
            yield clock.instant(wall)


def _people(schedule: Schedule, rotation: Rotation, at: int) -> tuple[PersonId, ...]:
    return rotation.people_at(at, schedule.clock.reach(at), schedule.away_at(at))
