"""What a team owes for time on call, exact to the minute.

Every moment is cut down to its minute, so that shifts which follow one another share
one edge: no minute is paid twice and none is lost.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from oncall.domain.duty_time import DayRules, Kind, add_minutes, split_time
from oncall.domain.schedule import PersonId

_CENT = Decimal("0.01")


class Duty(NamedTuple):
    """Time that a person was on call in one place; `end` None goes on."""

    person: PersonId
    place: Hashable
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Rates:
    """What an hour of each kind is worth, and the percent of time given back."""

    by_kind: Mapping[Kind, Decimal]
    lieu_percent: int = 0

    def price(self, minutes: Mapping[Kind, int]) -> Decimal:
        """Return the sum for minutes of each kind, rounded once, half a cent up."""
        exact = sum(
            (self.by_kind.get(kind, Decimal(0)) * minutes[kind] for kind in minutes),
            Decimal(0),
        )
        return (exact / 60).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class StipendLine:
    """One person in one place: minutes of each kind, the sum, and time off in lieu."""

    person: PersonId
    place: Hashable
    minutes: Mapping[Kind, int]
    amount: Decimal
    lieu_minutes: int

    @property
    def total_minutes(self) -> int:
        """All minutes."""
        return sum(self.minutes.values())


def report_stipends(
    duties: Iterable[Duty],
    start: datetime,
    end: datetime,
    *,
    rules_of: Callable[[PersonId], DayRules],
    rates: Rates,
) -> list[StipendLine]:
    """Return a line for each person and place with time in start <= t < end.

    Lines stand in the order in which people and places first appear. The minutes of
    all lines are the covered minutes, once for each person on call.
    """
    low, high = _minute_of(start), _minute_of(end)
    found: dict[tuple[PersonId, Hashable], dict[Kind, int]] = {}
    for duty in duties:
        begin = max(_minute_of(duty.start), low)
        stop = high if duty.end is None else min(_minute_of(duty.end), high)
        if begin >= stop:
            continue
        own = found.setdefault((duty.person, duty.place), dict.fromkeys(Kind, 0))
        more = add_minutes(split_time(begin, stop, rules_of(duty.person)))
        for kind, minutes in more.items():
            own[kind] += minutes
    return [
        StipendLine(
            person,
            place,
            minutes,
            rates.price(minutes),
            sum(minutes.values()) * rates.lieu_percent // 100,
        )
        for (person, place), minutes in found.items()
    ]


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
