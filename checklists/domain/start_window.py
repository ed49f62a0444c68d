"""When on the clock a person may start a run: load tests at night, and no other time.

A rule on demand may carry ``starts_from`` and ``starts_until``, local times of its
cadence, the latter not included. A window past midnight ends on the next day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checklists.domain.cadence import Slot, Timetable, ad_hoc_slot, to_utc

_DAY = timedelta(days=1)


def may_start(timetable: Timetable, now: datetime) -> bool:
    """Say whether a run may be started at ``now``; always without a window."""
    first, last = timetable.rule.starts_from, timetable.rule.starts_until
    if first is None or last is None:
        return True
    at = now.astimezone(timetable.zone).time()
    return first <= at < last if first < last else at >= first or at < last


def start_slot(timetable: Timetable, now: datetime) -> Slot:
    """Return the slot of a run started at ``now``, due when its window ends at last.

    ``now`` must be a moment at which it may be started.
    """
    slot = ad_hoc_slot(timetable, now)
    timing, end = timetable.timing, _end_after(timetable, now)
    if end is None or slot.due_at <= end:
        return slot
    return replace(
        slot,
        due_at=end,
        grace_until=end + timing.grace,
        closes_at=end + timing.closes_after,
    )


def next_start(timetable: Timetable, now: datetime) -> datetime:
    """Return the first moment from ``now`` on at which a run may be started.

    A clock change can leave a day without any.
    """
    first = timetable.rule.starts_from
    if first is None or may_start(timetable, now):
        return now
    day = now.astimezone(timetable.zone).date()
    while True:
        opening = to_utc(day, first, timetable.zone)
        if opening > now and may_start(timetable, opening):
            return opening
        day += _DAY


def _end_after(timetable: Timetable, now: datetime) -> datetime | None:
    first, last = timetable.rule.starts_from, timetable.rule.starts_until
    if first is None or last is None:
        return None
    local = now.astimezone(timetable.zone)
    day = local.date() + (_DAY if last <= first <= local.time() else timedelta())
    end = to_utc(day, last, timetable.zone)
    if end > now:
        return end
    # The hour that autumn repeats: the window ends at the second of the two.
    second = datetime.combine(day, last, timetable.zone).replace(fold=1)
    return second.astimezone(UTC)
