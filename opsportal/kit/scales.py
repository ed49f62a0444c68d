"""The scales beside drawings: where they begin and end, and what their marks say."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from opsportal.kit.moments import say_moment
from opsportal.kit.quantities import say_number

_WEEK = timedelta(days=7)
# Enough for an objective of nine nines.
_MOST_PLACES = 9


def find_bounds(known: Sequence[float], threshold: float | None) -> tuple[float, float]:
    """The lowest and highest place of a scale, with some room.

    It begins at zero where that leaves the values their shape, and never below for
    values that are not below.
    """
    seen = [*known] if threshold is None else [*known, threshold]
    low, high = min(seen), max(seen)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    if 0 <= low <= high / 2:
        return 0.0, high + room
    return max(low - room, 0.0) if low >= 0 else low - room, high + room


def round_bounds(low: float, high: float) -> tuple[float, float]:
    """Widen to two equal steps that are round numbers, so the scale reads well."""
    power = 10.0 ** math.floor(math.log10((high - low) / 2))
    steps = (factor * power for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 20))
    step = next(s for s in steps if math.floor(low / s) * s + 2 * s >= high)
    bottom = math.floor(low / step) * step
    return bottom, bottom + 2 * step


def fit_scale(
    known: Sequence[float], threshold: float | None, unit: str
) -> tuple[float, float]:
    """The ends of a scale in round steps; shares of a whole end at 100 %."""
    low, high = find_bounds(known, threshold)
    most = max(known) if threshold is None else max(*known, threshold)
    if unit == "%" and 0 < most <= 100 < high:
        return 100 - round_bounds(0.0, 100 - low)[1], 100.0
    return round_bounds(low, high)


def say_marks(low: float, high: float, unit: str) -> list[str]:
    """The two ends and the middle, from the top, told apart by their last places."""
    marks = (high, (low + high) / 2, low)
    said = [say_number(mark) for mark in marks]
    if len(set(said)) < len(marks):
        near = (high - low) / 100
        exact = (
            places
            for places in range(_MOST_PLACES)
            if all(abs(round(mark, places) - mark) < near for mark in marks)
        )
        places = next(exact, _MOST_PLACES)
        said = [f"{mark:,.{places}f}" for mark in marks]
    return [f"{mark} {unit}".rstrip() for mark in said]


def spread_moments(first: datetime, last: datetime) -> list[datetime]:
    """Four moments for a scale of time."""
    return [first + (last - first) * part / 3 for part in range(4)]


def say_tick(at: datetime, zone: tzinfo, *, first: datetime, last: datetime) -> str:
    """A moment of a scale of time: over weeks, its hour says nothing."""
    if last - first < _WEEK:
        return say_moment(at, zone, now=last)
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}"
