"""What kind of time a stretch on call is: weekday, night, weekend or holiday."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from oncall.domain.walltime import to_utc, to_wall

DAY = timedelta(days=1)
_SATURDAY = 5
_MIDNIGHT = time()


class Kind(StrEnum):
    """The kinds of time on call; of two that hold at once the later one counts."""

    WEEKDAY = "weekday"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Piece(NamedTuple):
    """A stretch start <= t < end of one kind, on the day `on` of the wall clock."""

    start: datetime
    end: datetime
    kind: Kind
    on: date


@dataclass(frozen=True, slots=True)
class DayRules:
    """Which time is night, and which days are holidays, on the clock of `zone`.

    The night passes midnight when it starts after it ends; with equal ends there is
    none.
    """

    zone: tzinfo
    holidays: frozenset[date] = frozenset()
    night_starts: time = time(22)
    night_ends: time = time(6)

    def kind_at(self, wall: datetime) -> Kind:
        """Return the kind of time that a wall reading falls in."""
        if wall.date() in self.holidays:
            return Kind.HOLIDAY
        if wall.weekday() >= _SATURDAY:
            return Kind.WEEKEND
        return Kind.NIGHT if self.is_night(wall.time()) else Kind.WEEKDAY

    def is_night(self, at: time) -> bool:
        """Say whether a time of the day is night."""
        if self.night_starts <= self.night_ends:
            return self.night_starts <= at < self.night_ends
        return at >= self.night_starts or at < self.night_ends


def split_time(start: datetime, end: datetime, rules: DayRules) -> Iterator[Piece]:
    """Yield the pieces of start <= t < end, each of one kind, in order.

    They tile it exactly, also where the clock jumps or repeats an hour.
    """
    edges = sorted({_MIDNIGHT, rules.night_ends, rules.night_starts})
    day = to_wall(start, rules.zone).date() - DAY
    low, kind, on = start, Kind.WEEKDAY, day
    while low < end:
        for at in edges:
            wall = datetime.combine(day, at)
            high = min(to_utc(wall, rules.zone), end)
            if high > low:
                yield Piece(low, high, kind, on)
                low = high
            kind, on = rules.kind_at(wall), day
        day += DAY


def add_minutes(pieces: Iterable[Piece]) -> dict[Kind, int]:
    """Return the whole minutes of each kind; bounds must be on whole minutes."""
    found = dict.fromkeys(Kind, 0)
    for piece in pieces:
        found[piece.kind] += (piece.end - piece.start) // timedelta(minutes=1)
    return found
