"""The words of a cadence as a rule that the portal's calendar can keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Final

from checklists.domain.cadence_rule import DAY_WORDS, HOURS
from runbooks.domain.findings import ON_DEMAND, Checklist

# A week that counts, for what is due every second one: a Monday.
ANCHOR: Final = "2024-01-01"
MORNING, EVENING = "10:00", "17:00"
_EVERY: Final = re.compile(r"every-(\d+)(min|h|d|w|mo|y)")
_NTH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_MIDDLE: Final = 15
# Due at the end of the window in which the work may be done.
_WINDOWS: Final = {
    "hourly": ("30m", "30m", "1h"),
    "weekly": ("4d 9h", "2h", "2d 7h"),
    "monthly": ("5d", "1d", "5d"),
    "quarterly": ("14d", "2d", "14d"),
    "yearly": ("30d", "7d", "30d"),
    "on_demand": ("1h", "1h", "1d"),
}
Rule = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a list of a runbook is due: the rule's JSON and a local time "10:00".

    ``note`` says what the runbook left open, or what the calendar cannot keep.
    """

    rule: Rule
    due_time: str
    note: str = ""


def plan_schedule(found: Checklist) -> Schedule:
    """Return the rule for a list; what no calendar keeps is started by hand."""
    rule = _read_rule(found)
    notes = []
    if rule is None:
        rule = {"kind": "on_demand"}
        is_said = found.cadence == ON_DEMAND
        why = "by no calendar" if is_said else f"no calendar keeps “{found.cadence}”"
        notes.append(f"{why}: people start it")
    due_time = _read_time(found.time_of_day)
    if not due_time:
        due_time = MORNING if rule["kind"] in {"daily", "weekdays"} else EVENING
        if rule["kind"] not in {"on_demand", "hourly"}:
            notes.append(f"the runbook names no time of day: {due_time}")
    return Schedule(rule=rule, due_time=due_time, note="; ".join(notes))


def plan_timing(rule: Rule, due_time: str) -> dict[str, str]:
    """Return the JSON of the timing that suits a rule, due at a local "10:00".

    The work of one day is there from midnight to midnight.
    """
    kind = str(rule["kind"])
    opens, grace, closes = _WINDOWS.get(kind, ("", "30m", ""))
    if kind == "weekly" and rule.get("days") != ["fri"]:
        opens, grace, closes = "", "1h", "2d"
    if not opens:
        hour, minute = int(due_time[:2]), int(due_time[3:])
        opens = f"{hour}h {minute}m" if hour or minute else "1h"
    if not closes:
        left = max(24 * 60 - 60 * int(due_time[:2]) - int(due_time[3:]), 30)
        closes = f"{left // 60}h {left % 60}m"
    return {
        "due_time": due_time,
        "opens_before": opens,
        "grace": grace,
        "closes_after": closes,
    }


def _read_time(text: str) -> str:
    try:
        return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        return ""


def _read_days(found: Checklist) -> list[str]:
    named = [word.strip()[:3].lower() for word in found.weekday.split(",")]
    return [day for day in DAY_WORDS if day in named]


def _read_rule(found: Checklist) -> Rule | None:
    if every := _EVERY.fullmatch(found.cadence):
        return _read_every(int(every[1]), every[2], found)
    read = _READERS.get(found.cadence)
    return read(found) if read else None


def _read_every(count: int, unit: str, found: Checklist) -> Rule | None:
    if unit == "h" and count in HOURS:
        return {"kind": "hourly", "hours": count}
    if unit == "w" and 1 <= count <= 52:
        return _weekly(found, count)
    if (count, unit) in {(1, "d"), (24, "h")}:
        return {"kind": "daily"}
    names = {(1, "mo"): "monthly", (3, "mo"): "quarterly", (1, "y"): "yearly"}
    name = names.get((count, unit))
    return _READERS[name](found) if name else None


def _daily(_found: Checklist) -> Rule:
    return {"kind": "daily"}


def _weekdays(_found: Checklist) -> Rule:
    return {"kind": "weekdays"}


def _hourly(_found: Checklist) -> Rule:
    return {"kind": "hourly", "hours": 1}


def _weekly(found: Checklist, every: int = 1) -> Rule:
    rule: Rule = {"kind": "weekly", "days": _read_days(found) or ["fri"]}
    return rule | {"every": every, "starts_on": ANCHOR} if every > 1 else rule


def _biweekly(found: Checklist) -> Rule:
    return _weekly(found, 2)


def _monthly(found: Checklist) -> Rule:
    return {"kind": "monthly", **_pick_day(found)}


def _quarterly(found: Checklist) -> Rule:
    picked = _pick_day(found)
    from_end = picked["on"] == "last_day" or picked.get("nth") == -1
    return {"kind": "quarterly", **picked, "month": 3 if from_end else 1}


def _yearly(found: Checklist) -> Rule:
    return {"kind": "yearly", **_pick_day(found), "month": 1}


def _pick_day(found: Checklist) -> Rule:
    """Where a month is meant: a weekday, a date, its middle, or else its last day."""
    days, ordinal = _read_days(found), found.ordinal
    if days:
        return {"on": "weekday", "nth": _NTH.get(ordinal, 1), "weekday": days[0]}
    if ordinal.isdecimal() and 1 <= int(ordinal) <= 31:
        return {"on": "day", "day": int(ordinal)}
    if ordinal == "mid":
        return {"on": "day", "day": _MIDDLE}
    return {"on": "day", "day": 1} if ordinal == "first" else {"on": "last_day"}


_READERS: Final[dict[str, Callable[[Checklist], Rule]]] = {
    "hourly": _hourly,
    "daily": _daily,
    "weekdays": _weekdays,
    "weekly": _weekly,
    "biweekly": _biweekly,
    "monthly": _monthly,
    "quarterly": _quarterly,
    "yearly": _yearly,
}
