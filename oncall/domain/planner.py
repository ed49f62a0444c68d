"""A fair order of duty over many weeks: equal hours, weekends and holidays, no absences.

People take whole weeks in turn. Weeks that do not divide among them are cut into
blocks of days, one for each person, so that nobody serves much more than others; so
are weeks that hold more holidays than one person's share. Then people change places
as long as that makes the plan better. The same wish always gives the same plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby, pairwise
from typing import NamedTuple

from oncall.domain.fairness import HALF_A_DAY
from oncall.domain.pace import Unit
from oncall.domain.plan_blocks import FINEST, WEEK, Block, Days, cut_blocks, keep_weeks
from oncall.domain.plan_search import Ground, find_order
from oncall.domain.schedule import PersonId, ScheduleError
from oncall.domain.walltime import to_utc

MOST_PEOPLE, MOST_WEEKS = 30, 104
FAIR_SPREAD = 0.05
_DAY = timedelta(days=1)
_SATURDAY = 5


class Leave(NamedTuple):
    """A time start <= t < end in which a person is away."""

    person: PersonId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PlanWish:
    """Who is to share the duty, for how long, and what to respect.

    `first` is the wall time of the first handoff; handoffs keep its time of the day.
    `holidays` are each person's own. With `has_secondary` whoever comes next in the
    order is secondary. With `whole_weeks` no week is cut, whatever that costs.
    """

    people: tuple[PersonId, ...]
    first: datetime
    weeks: int
    zone: tzinfo
    absences: tuple[Leave, ...] = ()
    holidays: Mapping[PersonId, frozenset[date]] = field(default_factory=dict)
    has_secondary: bool = False
    whole_weeks: bool = False


class Stretch(NamedTuple):
    """Days start <= t < end that one person serves."""

    person: PersonId
    start: datetime
    end: datetime


class Clash(NamedTuple):
    """Days of a plan on which the person who serves is away."""

    person: PersonId
    start: datetime
    end: datetime
    is_secondary: bool


class Share(NamedTuple):
    """What one person gets of a plan as primary, and the time as secondary."""

    person: PersonId
    time: timedelta
    weekends: int
    holidays: int
    secondary: timedelta


@dataclass(frozen=True, slots=True)
class DutyPlan:
    """Who serves when: `members` take one `unit` each, in order."""

    unit: Unit
    members: tuple[PersonId, ...]
    stretches: tuple[Stretch, ...]
    shares: tuple[Share, ...]
    clashes: tuple[Clash, ...]

    @property
    def spread(self) -> float:
        """The greatest difference of times, as a share of their mean."""
        times = [share.time for share in self.shares]
        return (max(times) - min(times)) / (sum(times, timedelta()) / len(times))


def make_plan(wish: PlanWish) -> DutyPlan:
    """Return the fairest plan found for a wish.

    Raises ScheduleError when there are too few or too many people or weeks.
    """
    if not 2 <= len(set(wish.people)) == len(wish.people) <= MOST_PEOPLE:
        raise ScheduleError(
            "people", f"must be 2 to {MOST_PEOPLE} different ones. Choose them."
        )
    if not 1 <= wish.weeks <= MOST_WEEKS:
        raise ScheduleError("weeks", f"must be 1 to {MOST_WEEKS}.")
    calendar = _Calendar(wish)
    plans = (calendar.deal(blocks) for blocks in calendar.cuts())
    return _first_fair(plans)


def _first_fair(plans: Iterator[DutyPlan]) -> DutyPlan:
    """Return the first plan without a fault, or the one with the least of them."""
    best = next(plans)
    for plan in plans:
        if not any(_faults_of(best)):
            break
        best = min(best, plan, key=_faults_of)
    return best


def _faults_of(plan: DutyPlan) -> tuple[timedelta, int, bool]:
    clashes = sum((each.end - each.start for each in plan.clashes), timedelta())
    weekends = [share.weekends for share in plan.shares]
    holidays = [share.holidays for share in plan.shares]
    apart = sum(max(0, max(each) - min(each) - 1) for each in (weekends, holidays))
    return clashes, apart, plan.spread > FAIR_SPREAD


class _Calendar:
    """The days of a plan: day n begins with the n-th handoff."""

    def __init__(self, wish: PlanWish) -> None:
        self.wish = wish
        walls = [wish.first + _DAY * day for day in range(wish.weeks * WEEK + 1)]
        self.edges = [to_utc(wall, wish.zone) for wall in walls]
        # A day of duty stands for the date on which most of it falls.
        self.dates = [(wall + HALF_A_DAY).date() for wall in walls[:-1]]
        self.away = {person: self._days_away(person) for person in wish.people}

    def _days_away(self, person: PersonId) -> frozenset[int]:
        leaves = [each for each in self.wish.absences if each.person == person]
        return frozenset(
            day
            for day, (start, end) in enumerate(pairwise(self.edges))
            if any(leave.start < end and start < leave.end for leave in leaves)
        )

    def _holidays_of(self, person: PersonId) -> frozenset[date]:
        return self.wish.holidays.get(person, frozenset())

    def _is_weekend(self, day: int) -> bool:
        return self.dates[day].weekday() >= _SATURDAY

    def _count_weekends(self, days: Sequence[int]) -> int:
        mondays = {
            self.dates[day] - _DAY * self.dates[day].weekday()
            for day in days
            if self._is_weekend(day)
        }
        return len(mondays)

    def _count_holidays(self, days: Sequence[int], person: PersonId) -> int:
        dates = {self.dates[day] for day in days}
        return len(dates & self._holidays_of(person))

    def cuts(self) -> Iterator[list[Block]]:
        """Yield the blocks to deal out, finer and finer."""
        anybodys = frozenset[date]().union(*map(self._holidays_of, self.wish.people))
        days = Days(
            holidays=[day in anybodys for day in self.dates],
            is_weekend=[self._is_weekend(day) for day in range(len(self.dates))],
            is_blocked=[
                self._is_blocked(day // WEEK) for day in range(len(self.dates))
            ],
        )
        if self.wish.whole_weeks:
            yield keep_weeks(days)
            return
        for fineness in range(FINEST + 1):
            yield cut_blocks(days, len(self.wish.people), fineness)

    def _is_blocked(self, week: int) -> bool:
        days = range(week * WEEK, week * WEEK + WEEK)
        return all(self.away[person].intersection(days) for person in self.wish.people)

    def deal(self, blocks: list[Block]) -> DutyPlan:
        """Return the best plan found with these blocks."""
        days: dict[int, PersonId] = {}
        for block, person in zip(blocks, find_order(self.weigh(blocks)), strict=True):
            days |= dict.fromkeys(block.days, self.wish.people[person])
        return self.describe([days[day] for day in range(len(days))])

    def weigh(self, blocks: list[Block]) -> Ground:
        """Return what each block means for each person."""
        people = self.wish.people
        runs = sorted(
            (run, number) for number, block in enumerate(blocks) for run in block.runs()
        )
        duty = [set(block.days) for block in blocks]
        if self.wish.has_secondary:
            # After the last run the order begins anew.
            for (before, _), (_, number) in pairwise((runs[-1], *runs)):
                duty[number] |= set(range(*before))
        return Ground(
            people=len(people),
            clashes=[[len(days & self.away[who]) for who in people] for days in duty],
            holidays=[
                [self._count_holidays(block.days, who) for who in people]
                for block in blocks
            ],
            weekends=[self._count_weekends(block.days) for block in blocks],
            days=[len(block.days) for block in blocks],
            is_week=[block.is_week for block in blocks],
            line=[number for _, number in runs],
        )

    def describe(self, days: list[PersonId]) -> DutyPlan:
        """Return the plan in which person n serves the n-th day."""
        weeks = [days[at : at + WEEK] for at in range(0, len(days), WEEK)]
        is_weekly = all(len(set(week)) == 1 for week in weeks)
        seconds = _seconds_of(days) if self.wish.has_secondary else [None] * len(days)
        return DutyPlan(
            unit=Unit.WEEK if is_weekly else Unit.DAY,
            members=tuple(week[0] for week in weeks) if is_weekly else tuple(days),
            stretches=tuple(
                Stretch(who, self.edges[low], self.edges[high])
                for who, low, high in _runs(days)
            ),
            shares=tuple(self._share(who, days, seconds) for who in self.wish.people),
            clashes=(
                *self._clashes(days, is_secondary=False),
                *self._clashes(seconds, is_secondary=True),
            ),
        )

    def _share(
        self, who: PersonId, days: list[PersonId], seconds: Sequence[PersonId | None]
    ) -> Share:
        own = [day for day, person in enumerate(days) if person == who]
        backing = [day for day, person in enumerate(seconds) if person == who]
        return Share(
            who,
            self._time_of(own),
            self._count_weekends(own),
            self._count_holidays(own, who),
            self._time_of(backing),
        )

    def _time_of(self, days: Sequence[int]) -> timedelta:
        return sum((self.edges[n + 1] - self.edges[n] for n in days), timedelta())

    def _clashes(
        self, days: Sequence[PersonId | None], *, is_secondary: bool
    ) -> Iterator[Clash]:
        clashing = [
            who if who is not None and day in self.away[who] else None
            for day, who in enumerate(days)
        ]
        for who, low, high in _runs(clashing):
            yield Clash(who, self.edges[low], self.edges[high], is_secondary)


def _seconds_of(days: list[PersonId]) -> list[PersonId | None]:
    """Return who comes next in the order on each day: the next other person."""
    seconds: list[PersonId | None] = [None] * len(days)
    following = next((who for who in days if who != days[-1]), None)
    for day in range(len(days) - 1, -1, -1):
        if day + 1 < len(days) and days[day + 1] != days[day]:
            following = days[day + 1]
        seconds[day] = following
    return seconds


def _runs(days: Sequence[PersonId | None]) -> Iterator[tuple[PersonId, int, int]]:
    """Yield each unbroken run of a person: who, the first day, the day after it."""
    at = 0
    for who, run in groupby(days):
        length = sum(1 for _ in run)
        if who is not None:
            yield who, at, at + length
        at += length
