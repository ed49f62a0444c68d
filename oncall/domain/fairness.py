"""How the load of being on call is shared: by person, and how evenly.

A night counts for whoever was on call for half of it, a weekend and a holiday for
whoever had half a day of it. The balance of several people is

    100 x (1 - standard deviation of their hours / mean of their hours)

rounded, and never below 0: 100 when all have the same, 0 when one of two has all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev
from typing import NamedTuple

from oncall.domain.duty_time import DAY, DayRules, split_time
from oncall.domain.schedule import PersonId

HALF_A_DAY = timedelta(hours=12)
_SATURDAY = 5

_Spans = list[tuple[datetime, datetime]]


class Served(NamedTuple):
    """A stretch start <= t < end in which a person was on call."""

    person: PersonId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carried; `time` counts each place held, the rest count once."""

    person: PersonId
    time: timedelta
    nights: int
    weekends: int
    holidays: int
    pages: int = 0

    @property
    def hours(self) -> float:
        """The time in hours."""
        return self.time / timedelta(hours=1)


def measure_loads(
    served: Iterable[Served],
    rules_of: Callable[[PersonId], DayRules],
    *,
    people: Sequence[PersonId] = (),
    pages: Mapping[PersonId, int] | None = None,
) -> list[Load]:
    """Return the load of each of `people`, then of whoever else served, in order.

    `rules_of` tells a person's nights and holidays; `pages` how often each was paged.
    """
    spans: dict[PersonId, _Spans] = {person: [] for person in people}
    for stretch in served:
        spans.setdefault(stretch.person, []).append((stretch.start, stretch.end))
    return [
        _measure(person, own, rules_of(person), (pages or {}).get(person, 0))
        for person, own in spans.items()
    ]


def find_balance(times: Iterable[timedelta]) -> int:
    """Return how evenly times are shared, 0 to 100; 100 when there is nothing."""
    hours = [each / timedelta(hours=1) for each in times]
    mean = fmean(hours) if hours else 0.0
    if not mean:
        return 100
    return max(0, round(100 * (1 - pstdev(hours) / mean)))


def _measure(person: PersonId, spans: _Spans, rules: DayRules, pages: int) -> Load:
    nights: Counter[date] = Counter()
    weekends: Counter[date] = Counter()
    holidays: Counter[date] = Counter()
    for start, end in _merge(spans):
        for piece in split_time(start, end, rules):
            seconds = round((piece.end - piece.start).total_seconds())
            if piece.on.weekday() >= _SATURDAY:
                saturday = piece.on - DAY * (piece.on.weekday() - _SATURDAY)
                weekends[saturday] += seconds
            if piece.on in rules.holidays:
                holidays[piece.on] += seconds
            at = piece.start.astimezone(rules.zone)
            if rules.is_night(at.time()):
                is_morning = at.time() < rules.night_ends
                nights[piece.on - DAY if is_morning else piece.on] += seconds
    night = _length_of_night(rules)
    return Load(
        person,
        sum((end - start for start, end in spans), timedelta()),
        _count(nights, night / 2),
        _count(weekends, HALF_A_DAY),
        _count(holidays, HALF_A_DAY),
        pages,
    )


def _count(seconds: Counter[date], least: timedelta) -> int:
    return sum(each >= least.total_seconds() for each in seconds.values())


def _length_of_night(rules: DayRules) -> timedelta:
    starts, ends = (
        timedelta(hours=at.hour, minutes=at.minute)
        for at in (rules.night_starts, rules.night_ends)
    )
    return (ends - starts) % DAY


def _merge(spans: _Spans) -> _Spans:
    """Return the time covered by spans that may overlap, in order."""
    merged: _Spans = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
