"""The stretch of time that a schedule page shows: weeks, a month, a quarter."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Self

from oncall.domain.walltime import to_utc, to_wall

WEEKS, MONTH, QUARTER = "weeks", "month", "quarter"
RANGES = ((WEEKS, "2 weeks"), (MONTH, "Month"), (QUARTER, "Quarter"))
_MONTHS = {MONTH: 1, QUARTER: 3}
_TWO = 2
# A drag chooses whole hours; where hours are too narrow to hit, quarters of days.
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch that is drawn, on the clock of ``zone``."""

    starts_at: datetime
    ends_at: datetime
    zone: tzinfo
    now: datetime
    kind: str = WEEKS

    def place(self, at: datetime) -> float:
        """Return where ``at`` stands, in percent of the width."""
        inside = min(max(at, self.starts_at), self.ends_at) - self.starts_at
        return round(100 * (inside / (self.ends_at - self.starts_at)), 3)

    def midnights(self) -> list[datetime]:
        """Return the beginning of each day on the wall clock."""
        wall = to_wall(self.starts_at, self.zone)
        found = []
        while (at := to_utc(wall, self.zone)) < self.ends_at:
            found.append(at)
            wall += timedelta(days=1)
        return found

    @property
    def has_now(self) -> bool:
        """Whether the present is in it."""
        return self.starts_at <= self.now < self.ends_at

    @property
    def first(self) -> date:
        """Its first day."""
        return to_wall(self.starts_at, self.zone).date()

    @property
    def last(self) -> date:
        """Its last day."""
        return to_wall(self.ends_at, self.zone).date() - timedelta(days=1)

    @property
    def earlier(self) -> date:
        """The first day of the frame before."""
        if self.kind == WEEKS:
            return self.first - (self.last - self.first) - timedelta(days=1)
        return _add_months(self.first, -_MONTHS[self.kind])

    @property
    def later(self) -> date:
        """The first day of the frame after."""
        return self.last + timedelta(days=1)

    @property
    def step(self) -> int:
        """How many seconds a drag moves by."""
        return 6 * _HOUR if self.kind == QUARTER else _HOUR

    @property
    def title(self) -> str:
        """What it shows: "16 to 29 November 2026", "November 2026"."""
        first, last = self.first, self.last
        year = f" {first.year}" if first.year != last.year else ""
        if self.kind == MONTH:
            return f"{first:%B} {first.year}"
        if self.kind == QUARTER:
            return f"{first:%B}{year} to {last:%B} {last.year}"
        month = f" {first:%B}" if first.month != last.month else ""
        return f"{first.day}{month}{year} to {last.day} {last:%B} {last.year}"

    @classmethod
    def of_days(
        cls, days: tuple[date, date], zone: tzinfo, *, now: datetime, kind: str
    ) -> Self:
        """Return the frame from the first day until before the second."""
        start, end = (
            to_utc(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 -- wall
            for day in days
        )
        return cls(start, end, zone, now, kind)


def frame_weeks(start: datetime, zone: tzinfo, *, now: datetime, weeks: int) -> Frame:
    """Return whole weeks beginning with the Monday before ``start``."""
    day = to_wall(start, zone).date()
    monday = day - timedelta(days=day.weekday())
    days = (monday, monday + timedelta(weeks=weeks))
    return Frame.of_days(days, zone, now=now, kind=WEEKS)


def frame_from(kind: str, day: date, zone: tzinfo, *, now: datetime) -> Frame:
    """Return two weeks, the month or three months with ``day`` in their beginning.

    Raises ValueError or OverflowError at the ends of the calendar.
    """
    if kind not in _MONTHS:
        monday = day - timedelta(days=day.weekday())
        days = (monday, monday + timedelta(weeks=_TWO))
        return Frame.of_days(days, zone, now=now, kind=WEEKS)
    first = day.replace(day=1)
    days = (first, _add_months(first, _MONTHS[kind]))
    return Frame.of_days(days, zone, now=now, kind=kind)


def _add_months(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    return date(first.year + years, month + 1, 1)
