"""How a rotation counts: which turn a wall reading falls in, and where turns begin.

Everything here is arithmetic on wall readings in microseconds since 1970; turns are
numbered from the anchor, which begins turn 0, and go on before it with negative ones.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oncall.domain.walltime import DAY, HOUR, MINUTE, WEEK, from_wall_micros

# 1970 began on a Thursday; weeks here begin on Monday.
_EPOCH_WEEKDAY = 3 * DAY
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Unit(StrEnum):
    """The unit of a rotation's turns, counted on the wall clock."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Count(StrEnum):
    """What advances a rotation: every unit, or only units with active time."""

    CALENDAR = "calendar"
    ACTIVE = "active"


UNIT_LENGTHS = {Unit.HOUR: HOUR, Unit.DAY: DAY, Unit.WEEK: WEEK}


@dataclass(frozen=True, slots=True)
class ActiveWindow:
    """A stretch of each week, in minutes of the wall clock from a weekday's midnight.

    `weekday` counts from Monday = 0; `end_minute` may pass 1440 into the next days.
    """

    weekday: int
    start_minute: int
    end_minute: int


class Pace(ABC):
    """Turns of a rotation, numbered from the anchor."""

    @abstractmethod
    def turn_at(self, wall: int) -> int:
        """Return the number of the turn that the wall reading falls in."""

    @abstractmethod
    def start_of(self, turn: int) -> int:
        """Return the wall reading at which the turn begins."""

    def starts_between(self, low: int, high: int) -> Iterator[int]:
        """Yield the starts s of turns with low < s <= high, in order."""
        for turn in range(self.turn_at(low) + 1, self.turn_at(high) + 1):
            yield self.start_of(turn)


class EvenPace(Pace):
    """Turns of one length on the wall clock: hours, days or weeks."""

    def __init__(self, anchor: int, length: int) -> None:
        self._anchor = anchor
        self._length = length

    def turn_at(self, wall: int) -> int:
        return (wall - self._anchor) // self._length

    def start_of(self, turn: int) -> int:
        return self._anchor + turn * self._length


class MonthPace(Pace):
    """Turns of calendar months on the anchor's day, or a shorter month's last day.

    Each start is counted from the anchor, so the 31st comes back after February.
    """

    def __init__(self, anchor: int, every: int) -> None:
        moment = from_wall_micros(anchor)
        self._month = moment.year * 12 + moment.month - 1
        self._day = moment.day
        self._time = anchor % DAY
        self._every = every
        self._starts: dict[int, int] = {}

    def turn_at(self, wall: int) -> int:
        day = date.fromordinal(wall // DAY + _EPOCH_ORDINAL)
        months = day.year * 12 + day.month - 1 - self._month
        turn = months // self._every
        return turn if self.start_of(turn) <= wall else turn - 1

    def start_of(self, turn: int) -> int:
        found = self._starts.get(turn)
        if found is None:
            found = self._starts[turn] = self._find_start(turn)
        return found

    def _find_start(self, turn: int) -> int:
        year, month = divmod(self._month + turn * self._every, 12)
        day = min(self._day, monthrange(year, month + 1)[1])
        ordinal = date(year, month + 1, day).toordinal()
        return (ordinal - _EPOCH_ORDINAL) * DAY + self._time


class ActivePace(Pace):
    """Turns of so many hours or days that have active time in them.

    A day without active time belongs to the turn before it. The weekly windows alone
    decide, never the holidays: a new holiday must not reshuffle the days around it.
    """

    def __init__(self, anchor: int, unit: int, every: int, hours: "WeekHours") -> None:
        self._anchor = anchor
        self._unit = unit
        self._every = every
        self._slices = WEEK // unit
        self._active = [
            number
            for number in range(self._slices)
            if hours.is_open_between(
                anchor + number * unit, anchor + number * unit + unit
            )
        ]

    def turn_at(self, wall: int) -> int:
        weeks, number = divmod((wall - self._anchor) // self._unit, self._slices)
        passed = weeks * len(self._active) + bisect_right(self._active, number)
        return (passed - 1) // self._every

    def start_of(self, turn: int) -> int:
        weeks, place = divmod(turn * self._every, len(self._active))
        return self._anchor + weeks * WEEK + self._active[place] * self._unit


class WeekHours:
    """The weekly open hours that a set of windows makes; no windows is always open."""

    def __init__(self, windows: tuple[ActiveWindow, ...]) -> None:
        # Opening and closing edges in turn, as microseconds from Monday's midnight.
        self._edges: list[int] = []
        for start, end in sorted(_weekly_spans(windows)):
            if self._edges and start <= self._edges[-1]:
                self._edges[-1] = max(self._edges[-1], end)
            else:
                self._edges += [start, end]
        self._always = not windows

    def is_open(self, wall: int) -> bool:
        """Say whether the wall reading falls in a window (start in, end out)."""
        if self._always:
            return True
        return bisect_right(self._edges, (wall + _EPOCH_WEEKDAY) % WEEK) % 2 == 1

    def is_open_between(self, low: int, high: int) -> bool:
        """Say whether any reading of low <= wall < high falls in a window."""
        return self.is_open(low) or any(
            self.is_open(edge) for edge in self.edges_between(low, high - 1)
        )

    def edges_between(self, low: int, high: int) -> Iterator[int]:
        """Yield the edges e of windows with low < e <= high, in order."""
        if not self._edges:
            return
        monday = (low + _EPOCH_WEEKDAY) // WEEK * WEEK - _EPOCH_WEEKDAY
        while monday <= high:
            for edge in self._edges:
                if low < monday + edge <= high:
                    yield monday + edge
            monday += WEEK


def _weekly_spans(windows: tuple[ActiveWindow, ...]) -> Iterator[tuple[int, int]]:
    for window in windows:
        start = window.weekday * DAY + window.start_minute * MINUTE
        end = window.weekday * DAY + window.end_minute * MINUTE
        yield start, min(end, WEEK)
        if end > WEEK:
            # Past Sunday's midnight the window goes on in the week's first days.
            yield 0, end - WEEK


def find_pace(anchor: int, unit: Unit, every: int, hours: WeekHours | None) -> Pace:
    """Return the pace of a rotation; `hours` is given when only active time counts.

    A week or a month always has active time if any week has, so both count the same.
    """
    if unit is Unit.MONTH:
        return MonthPace(anchor, every)
    length = UNIT_LENGTHS[unit]
    if hours is None or unit is Unit.WEEK:
        return EvenPace(anchor, length * every)
    return ActivePace(anchor, length, every, hours)
