"""Which runs a sweep creates, in ordinary times and after downtime.

The watermark ``generated_through`` means: every slot that opened at or before
it has been decided. A sweep decides those in (generated_through, now].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checklists.domain.cadence import TICK, Slot, Timetable, next_opening, slots

# So that one sweep after a long silence stays one short transaction.
MOST_RUNS = 400
CAUSE_SYSTEM = "system"
_STRIDE = timedelta(days=92)


class CatchUp(StrEnum):
    """What becomes of the periods that opened while nothing was running."""

    ALL = "all"
    LATEST = "latest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run to create.

    ``is_missed`` says that its grace passed before anybody could see it; its
    ``cause`` is then ``system`` (the scheduler was down) and else empty.
    """

    slot: Slot
    is_missed: bool
    cause: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """The decision of one sweep for one cadence.

    ``next_open_at`` is when to look again: at or before ``now`` when the cap
    left slots for the next sweep, and None when nothing will ever open.
    """

    runs: tuple[PlannedRun, ...]
    generated_through: datetime
    next_open_at: datetime | None


def plan_sweep(
    timetable: Timetable,
    *,
    generated_through: datetime,
    now: datetime,
    catch_up: CatchUp,
) -> Sweep:
    """Decide the runs to create now and where the watermark goes.

    At most ``MOST_RUNS`` slots are decided, in order of opening; slots that open
    at one instant stay together, since the watermark cannot stand between them.
    A watermark ahead of ``now`` (a clock that went back) stays where it is.
    """
    opened, through = _opened_slots(timetable, generated_through, now, catch_up)
    return Sweep(
        runs=tuple(plan_runs(opened, now=now, catch_up=catch_up)),
        generated_through=through,
        next_open_at=next_opening(timetable, through),
    )


def plan_runs(
    opened: list[Slot], *, now: datetime, catch_up: CatchUp
) -> list[PlannedRun]:
    """Decide the runs for slots that opened since the watermark, oldest first.

    ``all``: every slot gets a run. ``latest``: only the newest does. ``none``:
    only the newest does, and only while it is inside its window. Slots that
    share the newest opening count as the newest together.
    """
    if catch_up is not CatchUp.ALL and opened:
        opened = [slot for slot in opened if slot.opens_at == opened[-1].opens_at]
    runs = [_plan_run(slot, now) for slot in opened]
    if catch_up is CatchUp.NONE:
        return [run for run in runs if not run.is_missed]
    return runs


def _plan_run(slot: Slot, now: datetime) -> PlannedRun:
    is_missed = now > slot.grace_until
    return PlannedRun(slot, is_missed, CAUSE_SYSTEM if is_missed else "")


def _opened_slots(
    timetable: Timetable, since: datetime, now: datetime, catch_up: CatchUp
) -> tuple[list[Slot], datetime]:
    """Return the slots to decide and the watermark after them.

    ``latest`` and ``none`` have to see them all to know the newest; ``all``
    stops at the cap.
    """
    found: list[Slot] = []
    start, end = since + TICK, now + TICK
    while start < end:
        stop = min(start + _STRIDE, end)
        found += slots(timetable, start, stop)
        if catch_up is CatchUp.ALL and len(found) > MOST_RUNS:
            return _cut_at_cap(found)
        start = stop
    return found, max(since, now)


def _cut_at_cap(found: list[Slot]) -> tuple[list[Slot], datetime]:
    cut_at = found[MOST_RUNS - 1].opens_at
    return [slot for slot in found if slot.opens_at <= cut_at], cut_at
