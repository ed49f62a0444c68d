"""How often a checklist is due: the rule, its JSON, and its sense.

A rule says on which local dates (or at which hours) a period falls. It knows
no time zone, no due time and no instant: ``checklists.domain.cadence`` adds
those.

JSON, one object a kind (weekdays are ``mon`` to ``sun``)::

    {"kind": "daily"}                       {"kind": "weekdays"}
    {"kind": "weekly", "days": ["mon", "fri"]}
    {"kind": "weekly", "days": ["mon"], "every": 2, "starts_on": "2025-11-03"}
    {"kind": "hourly", "hours": 4}          {"kind": "on_demand"}
    {"kind": "handoff"}                     {"kind": "floating", "days_after": 30}
    {"kind": "on_demand", "starts_from": "02:00", "starts_until": "04:00"}
    {"kind": "monthly", "on": "day", "day": 31}
    {"kind": "monthly", "on": "last_day"}
    {"kind": "monthly", "on": "weekday", "nth": 1, "weekday": "mon"}
    {"kind": "monthly", "on": "business_day", "nth": -1}
    {"kind": "quarterly", "on": "last_day", "month": 3}
    {"kind": "yearly", "on": "day", "month": 3, "day": 15}

``nth`` -1 is the last one. ``month`` of a quarterly rule is 1 to 3; left out, it
is 3 for what counts from the end and 1 for the rest.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Final, Literal, get_args

from checklists.domain.field_error import FieldError

# Monday first.
DayWord = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY_WORDS: Final[tuple[DayWord, ...]] = get_args(DayWord)
HOURS = (1, 2, 3, 4, 6, 8, 12)
MOST_DAYS_AFTER = 1_000


class RuleError(FieldError):
    """A rule or timing that cannot be used."""


class CadenceKind(StrEnum):
    """The families of rules."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    HOURLY = "hourly"
    ON_DEMAND = "on_demand"
    # At the moments at which a rotation hands over; which one, the cadence says.
    HANDOFF = "handoff"
    # So many days after the last completion, for maintenance.
    FLOATING = "floating"


class DayPick(StrEnum):
    """How a monthly, quarterly or yearly rule picks its day in the month."""

    DAY = "day"
    LAST_DAY = "last_day"
    WEEKDAY = "weekday"
    BUSINESS_DAY = "business_day"


MONTHS_IN = {
    CadenceKind.MONTHLY: 1,
    CadenceKind.QUARTERLY: 3,
    CadenceKind.YEARLY: 12,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceRule:
    """A checked rule: one that exists can be used.

    Weekdays are ISO numbers (Monday 1 to Sunday 7), ``days`` is sorted, and a
    field that the kind does not use keeps its default, so that equal rules
    compare equal. Raises RuleError naming the field.
    """

    kind: CadenceKind
    days: tuple[int, ...] = ()
    every: int = 1
    starts_on: date | None = None
    hours: int = 0
    on: DayPick | None = None
    day: int = 0
    nth: int = 0
    weekday: int = 0
    month: int = 0
    days_after: int = 0
    starts_from: time | None = None
    starts_until: time | None = None

    def __post_init__(self) -> None:
        """Refuse what no calendar can answer."""
        if self.kind in MONTHS_IN and self.on is None:
            raise RuleError("on", f"use one of {_words(DayPick)}")
        _check_unused(self)
        if self.kind is CadenceKind.WEEKLY:
            _check_weekly(self)
        elif self.kind is CadenceKind.HOURLY:
            _check_hours(self)
        elif self.kind is CadenceKind.FLOATING:
            _check_days_after(self)
        elif self.kind is CadenceKind.ON_DEMAND:
            _check_window(self)
        elif self.kind in MONTHS_IN:
            _check_month(self)
            _check_pick(self)


_USED: dict[CadenceKind, frozenset[str]] = {
    CadenceKind.DAILY: frozenset(),
    CadenceKind.WEEKDAYS: frozenset(),
    CadenceKind.ON_DEMAND: frozenset({"starts_from", "starts_until"}),
    CadenceKind.HANDOFF: frozenset(),
    CadenceKind.FLOATING: frozenset({"days_after"}),
    CadenceKind.WEEKLY: frozenset({"days", "every", "starts_on"}),
    CadenceKind.HOURLY: frozenset({"hours"}),
    CadenceKind.MONTHLY: frozenset({"on"}),
    CadenceKind.QUARTERLY: frozenset({"on", "month"}),
    CadenceKind.YEARLY: frozenset({"on", "month"}),
}
_USED_BY_PICK: dict[DayPick, frozenset[str]] = {
    DayPick.DAY: frozenset({"day"}),
    DayPick.LAST_DAY: frozenset(),
    DayPick.WEEKDAY: frozenset({"nth", "weekday"}),
    DayPick.BUSINESS_DAY: frozenset({"nth"}),
}
_DEFAULTS: dict[str, object] = {
    "days": (),
    "every": 1,
    "starts_on": None,
    "hours": 0,
    "on": None,
    "day": 0,
    "nth": 0,
    "weekday": 0,
    "month": 0,
    "days_after": 0,
    "starts_from": None,
    "starts_until": None,
}


def used_fields(kind: CadenceKind, on: DayPick | None) -> frozenset[str]:
    """Return the names of the fields that a rule of this kind may carry."""
    picked = _USED_BY_PICK[on] if on and kind in MONTHS_IN else frozenset()
    return _USED[kind] | picked


def _check_unused(rule: CadenceRule) -> None:
    used = used_fields(rule.kind, rule.on)
    for field, default in _DEFAULTS.items():
        if field not in used and getattr(rule, field) != default:
            raise RuleError(field, f"does not belong to a {rule.kind} rule; remove it")


def _check_weekly(rule: CadenceRule) -> None:
    if not rule.days:
        raise RuleError("days", "choose at least one day of the week")
    if any(day not in range(1, 8) for day in rule.days):
        raise RuleError("days", "use the days mon to sun")
    if list(rule.days) != sorted(set(rule.days)):
        raise RuleError("days", "name each day once, Monday first")
    if rule.every not in range(1, 53):
        raise RuleError("every", "use a number of weeks from 1 to 52")
    if rule.every > 1 and rule.starts_on is None:
        raise RuleError("starts_on", "give a date in a week that counts")
    if rule.every == 1 and rule.starts_on is not None:
        raise RuleError("starts_on", "only every 2 or more weeks need it; remove it")


def _check_hours(rule: CadenceRule) -> None:
    if rule.hours not in HOURS:
        known = ", ".join(map(str, HOURS))
        raise RuleError("hours", f"must divide a day; use one of {known}")


def _check_days_after(rule: CadenceRule) -> None:
    if rule.days_after not in range(1, MOST_DAYS_AFTER + 1):
        words = f"use a number of days from 1 to {MOST_DAYS_AFTER}"
        raise RuleError("days_after", words)


def _check_window(rule: CadenceRule) -> None:
    first, last = rule.starts_from, rule.starts_until
    for field, given, other in (
        ("starts_from", first, last),
        ("starts_until", last, first),
    ):
        if given is None and other is not None:
            raise RuleError(field, "a window needs both of its ends")
        if given is not None and given.tzinfo is not None:
            raise RuleError(field, "give a local time without an offset")
    if first is not None and first == last:
        raise RuleError("starts_until", "use another time than the beginning")


def _check_month(rule: CadenceRule) -> None:
    if rule.kind is CadenceKind.QUARTERLY and rule.month not in (1, 2, 3):
        raise RuleError("month", "use the month of the quarter: 1, 2 or 3")
    if rule.kind is CadenceKind.YEARLY and rule.month not in range(1, 13):
        raise RuleError("month", "use the month of the year: 1 to 12")


def _check_pick(rule: CadenceRule) -> None:
    if rule.on is DayPick.DAY:
        _check_day(rule)
    elif rule.on is DayPick.WEEKDAY:
        _check_nth_weekday(rule)
    elif rule.on is DayPick.BUSINESS_DAY:
        _check_business_day(rule)


def _check_day(rule: CadenceRule) -> None:
    if rule.day not in range(1, 32):
        raise RuleError("day", "use a day from 1 to 31; 31 is always the last day")
    if rule.kind is CadenceKind.YEARLY:
        # 2024 is a leap year: 29 February may be asked, 30 February may not.
        longest = calendar.monthrange(2024, rule.month)[1]
        if rule.day > longest:
            name = calendar.month_name[rule.month]
            raise RuleError("day", f"{name} has {longest} days; use that or less")


def _check_nth_weekday(rule: CadenceRule) -> None:
    if rule.weekday not in range(1, 8):
        raise RuleError("weekday", "use a day from mon to sun")
    # A fifth one is missing in most months, and a period must never be lost.
    if rule.nth not in (1, 2, 3, 4, -1):
        raise RuleError("nth", "use 1, 2, 3, 4, or -1 for the last one")


def _check_business_day(rule: CadenceRule) -> None:
    if rule.nth not in range(1, 16) and rule.nth not in range(-15, 0):
        raise RuleError("nth", "use 1 to 15, or -1 to -15 to count from the end")


# JSON


def rule_to_json(rule: CadenceRule) -> dict[str, object]:
    """Return the rule as plain JSON values; ``rule_from_json`` reads it back."""
    written: dict[str, object] = {"kind": rule.kind.value}
    for field, default in _DEFAULTS.items():
        value = getattr(rule, field)
        if value != default:
            written[field] = _to_plain(field, value)
    return written


def _to_plain(field: str, value: object) -> object:
    if isinstance(value, tuple):
        return [DAY_WORDS[day - 1] for day in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, DayPick):
        return value.value
    if field == "weekday" and isinstance(value, int):
        return DAY_WORDS[value - 1]
    return value


def rule_from_json(raw: Mapping[str, object]) -> CadenceRule:
    """Read a rule; raises RuleError that names the field and the remedy."""
    if not isinstance(raw, Mapping):
        raise RuleError("kind", "the rule must be an object with a kind")
    kind = _read_kind(raw.get("kind"))
    on = _read_on(raw.get("on")) if kind in MONTHS_IN else None
    used = used_fields(kind, on)
    for field in raw:
        if field != "kind" and field not in used:
            raise RuleError(str(field), f"does not belong to a {kind} rule; remove it")
    nth = _read_number("nth", raw.get("nth", 0))
    month = _read_number("month", raw.get("month", 0))
    if kind is CadenceKind.QUARTERLY and "month" not in raw:
        month = 3 if on is DayPick.LAST_DAY or nth < 0 else 1
    return CadenceRule(
        kind=kind,
        on=on,
        nth=nth,
        month=month,
        days=_read_days(raw.get("days", [])),
        every=_read_number("every", raw.get("every", 1)),
        starts_on=_read_date("starts_on", raw.get("starts_on")),
        hours=_read_number("hours", raw.get("hours", 0)),
        day=_read_number("day", raw.get("day", 0)),
        weekday=_read_weekday("weekday", raw["weekday"]) if "weekday" in raw else 0,
        days_after=_read_number("days_after", raw.get("days_after", 0)),
        starts_from=_read_time("starts_from", raw.get("starts_from")),
        starts_until=_read_time("starts_until", raw.get("starts_until")),
    )


def _read_kind(value: object) -> CadenceKind:
    if isinstance(value, str) and value in set(CadenceKind):
        return CadenceKind(value)
    raise RuleError("kind", f"use one of {_words(CadenceKind)}")


def _read_on(value: object) -> DayPick:
    if isinstance(value, str) and value in set(DayPick):
        return DayPick(value)
    raise RuleError("on", f"use one of {_words(DayPick)}")


def _read_number(field: str, value: object) -> int:
    # True is an int to Python, and never a day to a person.
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RuleError(field, "use a whole number")


def _read_weekday(field: str, value: object) -> int:
    if isinstance(value, str) and value in DAY_WORDS:
        return DAY_WORDS.index(value) + 1
    raise RuleError(field, f"use one of {', '.join(DAY_WORDS)}")


def _read_days(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise RuleError("days", 'use a list of days, such as ["mon", "thu"]')
    return tuple(sorted({_read_weekday("days", word) for word in value}))


def _read_date(field: str, value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RuleError(field, "use a date such as 2025-11-03") from None


def _read_time(field: str, value: object) -> time | None:
    if value is None:
        return None
    try:
        return time.fromisoformat(str(value)).replace(second=0, microsecond=0)
    except ValueError:
        raise RuleError(field, "use a time such as 02:00") from None


def _words(words: type[StrEnum]) -> str:
    return ", ".join(word.value for word in words)
