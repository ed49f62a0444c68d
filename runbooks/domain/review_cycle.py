"""How often a runbook asks to be reviewed, and when people are reminded of it."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MONTHS: Final = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}
REMINDED_AT: Final = time(9)
WEEK: Final = timedelta(days=7)
_WORDS: Final = (
    ("semiannual", r"semi-?annual(?:ly)?|half-?yearly|twice a year|bi-?annual(?:ly)?"),
    ("semiannual", r"every (?:6|six) months|every 180 days"),
    ("quarterly", r"quarterly|every quarter|every (?:3|three) months|every 90 days"),
    ("yearly", r"yearly|annual(?:ly)?|every year|once a year|every 12 months"),
    ("monthly", r"monthly|every month|once a month|every 30 days"),
)
_TEXT: Final = r"(?:run|play)book|document(?:ation)?|guide|handbook|page"
# What is said of the text itself; work on anything else is a checklist's.
_SAID: Final = re.compile(
    rf"\b(?:this|the) (?:{_TEXT})\b[^.]*\breview(?:ed)?\b(?P<a>[^.]*)"
    rf"|\breview (?:this|the) (?:{_TEXT})\b(?P<b>[^.]*)"
    r"|\breview (?:cycle|interval|frequency|cadence)\W*(?P<c>[^.]*)"
    r"|(?:^|\. )reviewed (?P<d>[^.]*)",
    re.IGNORECASE,
)
_TASK: Final = re.compile(r"[ >]*(?:[-*+]|\d+[.)]) \[.\]")
_MARKUP: Final = re.compile(r"^[ >#]+|[*_`]")


def read_review_interval(text: str) -> str:
    """Return a key of ``MONTHS`` when the runbook says how often to review it, or ""."""
    for line in text.split("\n"):
        if "review" not in line.casefold() or _TASK.match(line):
            continue
        said = _SAID.search(_MARKUP.sub("", line))
        found = _find_interval(next(filter(None, said.groups()), "")) if said else ""
        if found:
            return found
    return ""


def _find_interval(words: str) -> str:
    for interval, pattern in _WORDS:
        if re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE):
            return interval
    return ""


def find_due_on(reviewed_on: date, interval: str) -> date:
    """Return the day on which the next review is due; a shorter month ends earlier."""
    months = reviewed_on.year * 12 + reviewed_on.month - 1 + MONTHS[interval]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(reviewed_on.day, last))


def plan_reminder(due_on: date, zone: ZoneInfo) -> datetime:
    """Return when people are told that a review is due: that morning, as UTC."""
    return datetime.combine(due_on, REMINDED_AT, zone).astimezone(UTC)


def plan_next_reminder(at: datetime, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return the first morning after ``now`` that is whole weeks after ``at``, as UTC."""
    first = at.astimezone(zone).date()
    passed = (now.astimezone(zone).date() - first) // WEEK
    following = plan_reminder(first + max(passed, 1) * WEEK, zone)
    return (
        following
        if following > now
        else plan_reminder(first + (passed + 1) * WEEK, zone)
    )
