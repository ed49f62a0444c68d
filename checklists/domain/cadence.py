"""When a checklist opens, falls due and closes.

A ``Timetable`` is a rule with its timing, time zone, holidays and holiday
policy. ``slots`` turns it into moments. The identity of a slot is its local
period key, never its instant, so a clock change can neither make nor lose one:

====================  =====================  ==================================
rule                  key                    period
====================  =====================  ==================================
daily, weekdays       ``2025-11-02``         that day
weekly                ``2025-W45-1``         its ISO week, Monday to Sunday
monthly               ``2025-11``            the month
quarterly             ``2025-Q4``            the quarter
yearly                ``2025``               the year
every N hours         ``2025-11-02/3``       that day; the fourth of its slots
handoff               ``2025-11-03T09:00``   the day on which it is due
floating              ``2025-12-03#7``       the day on which it is due; the seventh
====================  =====================  ==================================

Local time becomes UTC as RFC 5545 3.3.5 says: a time that a clock change skips
takes the offset before the gap (02:30 becomes 03:30), and one that happens
twice is the first of the two.

The moments of a handoff rule are not computed here: the timetable is given a
function that knows them. No holiday moves or skips them, and a local time that
happens twice has ``/2`` behind the key of its second time.

A floating rule knows its next period alone, counted from ``floats_from``: there is
none while a run is open. A holiday that would skip it moves it on instead.

A moved run (holiday policy ``next`` or ``previous``) keeps the key and the
period of its own date, so two runs may share a day but never a key.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from checklists.domain.cadence_rule import (
    MONTHS_IN,
    CadenceKind,
    CadenceRule,
    DayPick,
    RuleError,
)
from checklists.domain.holiday import (
    LONGEST_MOVE,
    HolidayPolicy,
    Holidays,
    move_date,
    nth_business_day,
)

# The smallest step between two moments, as databases and datetime keep them.
TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_ZERO = timedelta()
# How far ahead to look for the next opening, in growing steps: a daily rule is
# answered by the first, a yearly one whose date is often a holiday by the last.
_HORIZONS = tuple(timedelta(days=days) for days in (3, 40, 400, 4000))
# No rotation is planned further ahead; each change of its team looks again.
_HANDOFF_HORIZONS = _HORIZONS[:3]

# The moments (aware UTC) in start <= t < end at which a rotation hands over.
Handoffs = Callable[[datetime, datetime], Iterable[datetime]]


def no_handoffs(_start: datetime, _end: datetime) -> Iterable[datetime]:
    """Know no moments: for rules that need none, and rotations that are gone."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The moments around a due time.

    ``opens_before`` is the length from opening to due. Dated rules pin the due
    end to the wall clock (``due_time``, local) and open that much earlier;
    every-N-hours rules pin the opening (00:00, 04:00, ...) and are due that much
    later, and do not use ``due_time``. ``grace`` and ``closes_after`` count from
    due. All lengths are elapsed time. Raises RuleError naming the field.
    """

    due_time: time
    opens_before: timedelta
    grace: timedelta
    closes_after: timedelta

    def __post_init__(self) -> None:
        """Refuse windows that end before they begin."""
        if self.due_time.tzinfo is not None:
            raise RuleError("due_time", "give a local time without an offset")
        if self.opens_before <= _ZERO:
            raise RuleError("opens_before", "must be longer than zero")
        if self.grace < _ZERO:
            raise RuleError("grace", "must not be negative")
        if self.closes_after < self.grace:
            raise RuleError("closes_after", "must be at least as long as the grace")


@dataclass(frozen=True, slots=True)
class Completion:
    """When the last run of a floating cadence ended, and the number of the next."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """All that decides when the runs of one cadence open."""

    rule: CadenceRule
    timing: Timing
    zone: ZoneInfo
    holidays: Holidays = frozenset()
    policy: HolidayPolicy = HolidayPolicy.RUN
    handoffs: Handoffs = no_handoffs
    floats_from: Completion | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One period of a cadence and its moments (aware UTC).

    ``period_end_on`` is the period's last day, included. A run may be completed
    on time until ``grace_until``, included, and late until ``closes_at``.
    """

    period_key: str
    period_start_on: date
    period_end_on: date
    opens_at: datetime
    due_at: datetime
    grace_until: datetime
    closes_at: datetime


class _Period(NamedTuple):
    key: str
    on: date
    starts_on: date
    ends_on: date
    hour: int = 0


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a local wall time, by RFC 5545 3.3.5."""
    # fold=0 is exactly that rule: the offset before a gap, the first of a pair.
    return datetime.combine(day, at, zone).astimezone(UTC)


def slots(timetable: Timetable, start: datetime, end: datetime) -> list[Slot]:
    """Return every slot that opens in [start, end), in order of opening.

    Slots that open at one instant stand in order of their own dates, so any
    partition of an interval gives the same list.
    """
    if start >= end:
        return []
    if timetable.rule.kind is CadenceKind.HANDOFF:
        lead = timetable.timing.opens_before
        moments = sorted(set(timetable.handoffs(start + lead, end + lead)))
        return [_handoff_slot(timetable, moment) for moment in moments]
    if timetable.rule.kind is CadenceKind.FLOATING:
        slot = floating_slot(timetable)
        return [slot] if slot and start <= slot.opens_at < end else []
    first, last = _dates_around(timetable, start, end)
    found = [
        (slot.opens_at, period.on, period.hour, slot)
        for period in _periods(timetable, first, last)
        if (slot := _make_slot(timetable, period)) is not None
        and start <= slot.opens_at < end
    ]
    found.sort(key=lambda row: row[:3])
    return [row[3] for row in found]


def next_opening(timetable: Timetable, after: datetime) -> datetime | None:
    """Return the first opening strictly after ``after``.

    None for an on-demand rule, when holidays skip the next ten years, and when a
    rotation hands over to nobody else in more than a year.
    """
    if timetable.rule.kind is CadenceKind.ON_DEMAND:
        return None
    start = after + TICK
    is_handoff = timetable.rule.kind is CadenceKind.HANDOFF
    for horizon in _HANDOFF_HORIZONS if is_handoff else _HORIZONS:
        found = slots(timetable, start, after + horizon)
        if found:
            return found[0].opens_at
    return None


def open_slots(timetable: Timetable, now: datetime) -> list[Slot]:
    """Return the slots that are open and not yet past grace at ``now``.

    For a cadence that is new, or whose timing, zone or holidays changed: its
    slots may now open before the watermark, where no sweep looks again. The
    unique key drops those that already have a run.
    """
    timing = timetable.timing
    start = now - timing.opens_before - timing.grace
    return slots(timetable, start, now + TICK)


def ad_hoc_slot(timetable: Timetable, now: datetime) -> Slot:
    """Return the slot of a run that a person starts at ``now``, outside the rule.

    It opens at once and is due ``opens_before`` later. Its key
    (``adhoc-20251102T093000000000Z``) can never be that of a period.
    """
    today = now.astimezone(timetable.zone).date()
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    due_at = now + timetable.timing.opens_before
    return _slot_at(_Period(f"adhoc-{stamp}", today, today, today), timetable, due_at)


def floating_slot(timetable: Timetable) -> Slot | None:
    """Return the next slot of a floating rule, None while nothing ended.

    It is due so many days after the local date of the end, never at or before the
    end, and opens strictly after it, so that no watermark can hide it.
    """
    last = timetable.floats_from
    if last is None:
        return None
    zone, due_time = timetable.zone, timetable.timing.due_time
    on = last.at.astimezone(zone).date() + timetable.rule.days_after * _DAY
    moved = _move_on(on, timetable)
    due_at = to_utc(moved, due_time, zone)
    if due_at <= last.at:
        due_at = to_utc(on, due_time, zone)
    period = _Period(f"{on}#{last.number}", on, on, on)
    slot = _slot_at(period, timetable, due_at)
    return replace(slot, opens_at=max(slot.opens_at, last.at + TICK))


def _move_on(on: date, timetable: Timetable) -> date:
    """Return where the policy moves a date; one that is skipped goes to the next."""
    moved = move_date(on, timetable.policy, timetable.holidays)
    while moved is None:
        on += _DAY
        moved = move_date(on, timetable.policy, timetable.holidays)
    return moved


def _handoff_slot(timetable: Timetable, moment: datetime) -> Slot:
    local = moment.astimezone(timetable.zone)
    # Turns begin at whole minutes, new versions at any moment.
    key = local.replace(tzinfo=None).isoformat().removesuffix(":00")
    on = local.date()
    period = _Period(f"{key}/2" if local.fold else key, on, on, on)
    return _slot_at(period, timetable, moment.astimezone(UTC))


def _dates_around(
    timetable: Timetable, start: datetime, end: datetime
) -> tuple[date, date]:
    """Return the local dates whose slots can open in [start, end).

    Two days to each side cover every offset and a gap of a whole day (Apia,
    2011); moved runs need the length of the longest move as well.
    """
    margin = 2 * _DAY
    if timetable.holidays and timetable.policy in (
        HolidayPolicy.NEXT,
        HolidayPolicy.PREVIOUS,
    ):
        margin += LONGEST_MOVE
    lead = timetable.timing.opens_before
    return start.date() - margin, (end + lead).date() + margin


def _make_slot(timetable: Timetable, period: _Period) -> Slot | None:
    on = move_date(period.on, timetable.policy, timetable.holidays)
    if on is None:
        return None
    timing = timetable.timing
    if timetable.rule.kind is CadenceKind.HOURLY:
        opens_at = to_utc(on, time(period.hour), timetable.zone)
        return _slot_at(period, timetable, opens_at + timing.opens_before)
    return _slot_at(period, timetable, to_utc(on, timing.due_time, timetable.zone))


def _slot_at(period: _Period, timetable: Timetable, due_at: datetime) -> Slot:
    timing = timetable.timing
    return Slot(
        period_key=period.key,
        period_start_on=period.starts_on,
        period_end_on=period.ends_on,
        opens_at=due_at - timing.opens_before,
        due_at=due_at,
        grace_until=due_at + timing.grace,
        closes_at=due_at + timing.closes_after,
    )


def _periods(timetable: Timetable, first: date, last: date) -> Iterator[_Period]:
    rule = timetable.rule
    if rule.kind in MONTHS_IN:
        yield from _month_periods(rule, timetable.holidays, first, last)
    elif rule.kind is CadenceKind.WEEKLY:
        yield from _week_periods(rule, first, last)
    elif rule.kind is not CadenceKind.ON_DEMAND:
        yield from _day_periods(rule, first, last)


def _day_periods(rule: CadenceRule, first: date, last: date) -> Iterator[_Period]:
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        if rule.kind is CadenceKind.HOURLY:
            for index, hour in enumerate(range(0, 24, rule.hours)):
                yield _Period(f"{day}/{index}", day, day, day, hour)
        elif rule.kind is CadenceKind.DAILY or day.weekday() < 5:
            yield _Period(day.isoformat(), day, day, day)


def _week_periods(rule: CadenceRule, first: date, last: date) -> Iterator[_Period]:
    anchor = _monday_of(rule.starts_on or first)
    monday = _monday_of(first)
    while monday <= last:
        if (monday - anchor).days // 7 % rule.every == 0:
            year, week, _ = monday.isocalendar()
            for day in rule.days:
                key = f"{year}-W{week:02d}-{day}"
                on = monday + (day - 1) * _DAY
                yield _Period(key, on, monday, monday + 6 * _DAY)
        monday += _WEEK


def _month_periods(
    rule: CadenceRule, holidays: Holidays, first: date, last: date
) -> Iterator[_Period]:
    span = MONTHS_IN[rule.kind]
    begin = (first.year * 12 + first.month - 1) // span * span
    end = last.year * 12 + last.month - 1
    for index in range(begin, end + 1, span):
        year, month = divmod(index, 12)
        # A rule by the month has no month of its own: its only one is the first.
        picked_month = month + (rule.month or 1)
        last_month = month + span
        yield _Period(
            _month_key(rule.kind, year, month),
            _pick_day(rule, year, picked_month, holidays),
            date(year, month + 1, 1),
            date(year, last_month, calendar.monthrange(year, last_month)[1]),
        )


def _month_key(kind: CadenceKind, year: int, month: int) -> str:
    """Return the key of the period that begins in ``month`` (0 to 11)."""
    if kind is CadenceKind.MONTHLY:
        return f"{year:04d}-{month + 1:02d}"
    if kind is CadenceKind.QUARTERLY:
        return f"{year:04d}-Q{month // 3 + 1}"
    return f"{year:04d}"


def _pick_day(rule: CadenceRule, year: int, month: int, holidays: Holidays) -> date:
    weekday_of_first, length = calendar.monthrange(year, month)
    if rule.on is DayPick.BUSINESS_DAY:
        return nth_business_day(year, month, rule.nth, holidays)
    if rule.on is DayPick.DAY:
        return date(year, month, min(rule.day, length))
    if rule.on is DayPick.LAST_DAY:
        return date(year, month, length)
    day = 1 + (rule.weekday - 1 - weekday_of_first) % 7
    weeks = rule.nth - 1 if rule.nth > 0 else (length - day) // 7
    return date(year, month, day + 7 * weeks)


def _monday_of(day: date) -> date:
    return day - day.weekday() * _DAY
