"""Holidays: what a day off does to a run, and which days are business days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum

Holidays = frozenset[date]

# A run moves at most this far. It also tells the slot search how far beside
# its interval it has to look, so the two must stay one number.
LONGEST_MOVE = timedelta(days=31)
_DAY = timedelta(days=1)


class HolidayPolicy(StrEnum):
    """What happens to a period whose date is a holiday."""

    RUN = "run"
    SKIP = "skip"
    NEXT = "next"
    PREVIOUS = "previous"


def is_business_day(day: date, holidays: Holidays) -> bool:
    """Say whether ``day`` is Monday to Friday and no holiday."""
    return day.weekday() < 5 and day not in holidays


def move_date(day: date, policy: HolidayPolicy, holidays: Holidays) -> date | None:
    """Return the date on which the period of ``day`` runs, or None to skip it.

    Only a holiday moves a run; a plain weekend does not. ``next`` and
    ``previous`` go to the nearest business day. Where a month has none, the run
    stays on its own date: a period is never lost to a long list of holidays.
    """
    if day not in holidays or policy is HolidayPolicy.RUN:
        return day
    if policy is HolidayPolicy.SKIP:
        return None
    step = _DAY if policy is HolidayPolicy.NEXT else -_DAY
    for count in range(1, LONGEST_MOVE.days + 1):
        if is_business_day(day + count * step, holidays):
            return day + count * step
    return day


def nth_business_day(year: int, month: int, nth: int, holidays: Holidays) -> date:
    """Return the nth business day of a month; ``nth`` -1 is its last one.

    A month with fewer business days gives the one nearest to the count (the
    last from the start, the first from the end); a month with none at all gives
    its last day. So every month has exactly one date.
    """
    length = calendar.monthrange(year, month)[1]
    days = [date(year, month, number) for number in range(1, length + 1)]
    open_days = [day for day in days if is_business_day(day, holidays)] or days[-1:]
    if nth > 0:
        return open_days[min(nth, len(open_days)) - 1]
    return open_days[max(nth, -len(open_days))]
