"""Unbroken stretches of one person in one role, whatever puts them there."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from oncall.domain.rotation import timeline
from oncall.domain.schedule import PersonId, Schedule, Segment
from oncall.domain.walltime import to_wall

_SATURDAY = 5


class Stretch(NamedTuple):
    """start <= t < end of one role: a person, or nobody (`user` None)."""

    start: datetime
    end: datetime
    role: str
    user: PersonId | None


class Marks(NamedTuple):
    """What of a stretch falls on days off, on its zone's wall clock."""

    weekend_days: int
    holidays: tuple[date, ...]


def join_segments(parts: Iterable[Segment]) -> list[Stretch]:
    """Return the stretches of a timeline, in the order in which they begin.

    Who goes on for another reason, as an override that names them, goes on.
    """
    found: list[Stretch] = []
    last: dict[tuple[str, PersonId | None], int] = {}
    for part in parts:
        line = (part.role, part.user)
        place = last.get(line)
        if place is not None and found[place].end == part.start:
            found[place] = found[place]._replace(end=part.end)
            continue
        last[line] = len(found)
        found.append(Stretch(part.start, part.end, part.role, part.user))
    return found


def end_of_turn(
    schedule: Schedule, role: str, at: datetime, limit: datetime
) -> datetime:
    """Return when it next changes after `at` who holds the role, `limit` at last."""
    edges = (
        edge
        for each in join_segments(timeline(schedule, at, limit))
        if each.role == role
        for edge in (each.start, each.end)
        if edge > at
    )
    return min(edges, default=limit)


def mark_days(
    start: datetime, end: datetime, zone: tzinfo, holidays: frozenset[date]
) -> Marks:
    """Count the weekend days and name the holidays that start <= t < end touches."""
    day = to_wall(start, zone).date()
    last = to_wall(end - timedelta(microseconds=1), zone).date()
    days = [day + timedelta(days=number) for number in range((last - day).days + 1)]
    return Marks(
        sum(day.weekday() >= _SATURDAY for day in days),
        tuple(day for day in days if day in holidays),
    )
