"""Planned work that comes back: which days, and from when to when in UTC.

Times are those of a wall clock in one zone, so that an occurrence begins at the same
reading before and after the clocks change. Its length is elapsed time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from oncall.domain.ladder_words import say_delay
from oncall.domain.walltime import to_utc, to_wall

WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    *("Saturday", "Sunday"),
)
ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
LONGEST: Final = timedelta(days=7)
MOST_EVERY: Final = 12
# No rule skips so many days: past these there is nothing left.
_HORIZON: Final = 366 * 4
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


class Occurrence(NamedTuple):
    """One time that it happens, in aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule. Weekdays count from Monday = 0.

    ``weekly``: on ``weekdays`` of every so many weeks, counted from that of
    ``first_on``. ``monthly``: on ``month_day``, or the last day of a shorter month;
    or, with ``nth`` (1 to 4, or -1 for the last), on that one of the first of
    ``weekdays``. ``last_on`` is the last day that it may begin on, None for no end.
    """

    frequency: Literal["weekly", "monthly"]
    starts: time
    length: timedelta
    zone: str
    first_on: date
    last_on: date | None = None
    every: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    nth: int | None = None


def find_problem(rule: Recurrence) -> tuple[str, str] | None:
    """Return the field that makes no sense and why, or None."""
    if not timedelta() < rule.length <= LONGEST:
        return "length", "It lasts more than nothing and at most a week."
    if not 1 <= rule.every <= MOST_EVERY:
        return "every", f"It comes back every 1 to {MOST_EVERY} times."
    if rule.last_on is not None and rule.last_on < rule.first_on:
        return "last_on", "It has to end after it starts."
    is_dated = rule.frequency == "monthly" and rule.month_day is not None
    if not is_dated and not _has_days(rule):
        return "weekdays", "Choose the days of the week, or a day of the month."
    return None


def _has_days(rule: Recurrence) -> bool:
    if rule.frequency == "weekly":
        return bool(rule.weekdays)
    return rule.nth in ORDINALS and len(rule.weekdays) == 1


def find_occurrences(rule: Recurrence, after: datetime) -> Iterator[Occurrence]:
    """Yield those that end after the aware moment ``after``, the earliest first."""
    zone = ZoneInfo(rule.zone)
    day = max(to_wall(after - rule.length, zone).date() - _DAY, rule.first_on)
    for _ in range(_HORIZON):
        if rule.last_on is not None and day > rule.last_on:
            return
        if _falls_on(rule, day):
            starts_at = to_utc(datetime.combine(day, rule.starts), zone)
            if starts_at + rule.length > after:
                yield Occurrence(starts_at, starts_at + rule.length)
        day += _DAY


def next_occurrences(rule: Recurrence, after: datetime, most: int) -> list[Occurrence]:
    """Return at most so many of those that end after ``after``."""
    return list(islice(find_occurrences(rule, after), most))


def say_recurrence(rule: Recurrence) -> str:
    """Return the rule as one sentence."""
    ends = (datetime.combine(rule.first_on, rule.starts) + rule.length).time()
    city = rule.zone.split("/")[-1].replace("_", " ")
    when = f"from {rule.starts:%H:%M} to {ends:%H:%M}"
    if rule.length >= _DAY:
        when = f"from {rule.starts:%H:%M} for {say_delay(rule.length)}"
    until = f", until {rule.last_on:%-d %B %Y}" if rule.last_on else ""
    return f"{_say_days(rule)} {when} on the clock of {city}{until}."


def _say_days(rule: Recurrence) -> str:
    if rule.frequency == "weekly":
        days = _join([WEEKDAYS[day] for day in sorted(rule.weekdays)])
        if len(rule.weekdays) == _WEEK:
            return "Every day" if rule.every == 1 else f"{_every(rule, 'week')}, daily"
        return (
            f"Every {days}" if rule.every == 1 else f"{_every(rule, 'week')} on {days}"
        )
    if rule.month_day is not None:
        return f"{_every(rule, 'month')} on day {rule.month_day}"
    which = f"{ORDINALS[rule.nth or 1]} {WEEKDAYS[rule.weekdays[0]]}"
    return f"{_every(rule, 'month')} on the {which}"


def _every(rule: Recurrence, unit: str) -> str:
    return f"Every {unit}" if rule.every == 1 else f"Every {rule.every} {unit}s"


def _join(words: list[str]) -> str:
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def _falls_on(rule: Recurrence, day: date) -> bool:
    if rule.frequency == "weekly":
        weeks = (_monday(day) - _monday(rule.first_on)) // _WEEK
        return day.weekday() in rule.weekdays and weeks % rule.every == 0
    first = rule.first_on
    months = (day.year - first.year) * 12 + day.month - first.month
    if months % rule.every:
        return False
    if rule.month_day is not None:
        is_last = (day + _DAY).month != day.month
        return day.day == rule.month_day or (is_last and day.day < rule.month_day)
    return day.weekday() == rule.weekdays[0] and _is_nth(day, rule.nth or 1)


def _is_nth(day: date, nth: int) -> bool:
    if nth == -1:
        return (day + _WEEK * _DAY).month != day.month
    return (day.day - 1) // _WEEK + 1 == nth


def _monday(day: date) -> int:
    return day.toordinal() - day.weekday()
