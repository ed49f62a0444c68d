"""A cadence in words, for people."""

from __future__ import annotations

import calendar
from datetime import time

from checklists.domain.cadence_rule import CadenceKind, CadenceRule, DayPick

_FIXED = {
    CadenceKind.ON_DEMAND: "on demand",
    CadenceKind.HANDOFF: "at each handoff of its rotation",
}
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


def describe(rule: CadenceRule, at: time) -> str:
    """Return the rule in words, ``at`` being the local due time.

    "every weekday at 10:00", "first Monday of the month at 09:00",
    "quarterly, last day, 17:00", "every 4 hours", "on demand",
    "on demand, from 02:00 to 04:00", "at each handoff of its rotation".
    """
    clock = at.strftime("%H:%M")
    if rule.kind in _FIXED:
        return f"{_FIXED[rule.kind]}{_describe_window(rule)}"
    if rule.kind is CadenceKind.HOURLY:
        return "every hour" if rule.hours == 1 else f"every {rule.hours} hours"
    if rule.kind is CadenceKind.MONTHLY:
        return f"{_describe_month_day(rule)} at {clock}"
    if rule.kind is CadenceKind.QUARTERLY:
        return f"quarterly, {_describe_quarter_day(rule)}, {clock}"
    if rule.kind is CadenceKind.YEARLY:
        return f"yearly, {_describe_year_day(rule)}, {clock}"
    return f"{_describe_days(rule)} at {clock}"


def _describe_window(rule: CadenceRule) -> str:
    first, last = rule.starts_from, rule.starts_until
    return f", from {first:%H:%M} to {last:%H:%M}" if first and last else ""


def _describe_days(rule: CadenceRule) -> str:
    if rule.kind is CadenceKind.DAILY:
        return "every day"
    if rule.kind is CadenceKind.WEEKDAYS:
        return "every weekday"
    if rule.kind is CadenceKind.FLOATING:
        days = "the day" if rule.days_after == 1 else f"{rule.days_after} days"
        return f"{days} after the last completion,"
    days = _join_words([calendar.day_name[day - 1] for day in rule.days])
    return f"every {days}" if rule.every == 1 else f"every {rule.every} weeks on {days}"


def _describe_month_day(rule: CadenceRule) -> str:
    if rule.on is DayPick.DAY:
        # 31 stands for "the last day", so people should read that.
        if rule.day == 31:
            return "last day of the month"
        shorter = " (or its last day)" if rule.day > 28 else ""
        return f"day {rule.day} of the month{shorter}"
    return f"{_describe_pick(rule)} of the month"


def _describe_quarter_day(rule: CadenceRule) -> str:
    if rule.month == 3 and rule.on is DayPick.LAST_DAY:
        return "last day"
    if rule.month == 1 and rule.on is DayPick.DAY and rule.day == 1:
        return "first day"
    return f"{_describe_pick(rule)} of the {_NTH[rule.month]} month"


def _describe_year_day(rule: CadenceRule) -> str:
    month = calendar.month_name[rule.month]
    if rule.on is DayPick.DAY:
        return f"{rule.day} {month}"
    return f"{_describe_pick(rule)} of {month}"


def _describe_pick(rule: CadenceRule) -> str:
    if rule.on is DayPick.DAY:
        return f"day {rule.day}"
    if rule.on is DayPick.LAST_DAY:
        return "last day"
    if rule.on is DayPick.WEEKDAY:
        return f"{_NTH[rule.nth]} {calendar.day_name[rule.weekday - 1]}"
    return _describe_business_day(rule.nth)


def _describe_business_day(nth: int) -> str:
    if nth == -1:
        return "last business day"
    if nth < 0:
        return f"{_ordinal(-nth)} to last business day"
    return f"{_ordinal(nth)} business day"


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
    return f"{number}{suffix}"


def _join_words(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
