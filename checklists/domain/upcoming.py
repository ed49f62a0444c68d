"""The periods that a cadence will have next, for people to look at before they save."""

from __future__ import annotations

from datetime import datetime, timedelta

from checklists.domain.cadence import TICK, Slot, Timetable, slots
from checklists.domain.cadence_rule import CadenceKind

SHOWN = 10
# A cadence by the hour is answered by the first, one by the year by the last.
_HORIZONS = tuple(timedelta(days=days) for days in (3, 40, 400, 4000))
# No rotation is planned further ahead.
_HANDOFF_HORIZONS = _HORIZONS[:3]


def next_slots(timetable: Timetable, after: datetime, most: int = SHOWN) -> list[Slot]:
    """Return the next slots that open strictly after ``after``, at most ``most``.

    There are fewer where holidays skip them for years, where a rotation hands over
    seldom, and none on demand.
    """
    kind = timetable.rule.kind
    if kind is CadenceKind.ON_DEMAND:
        return []
    found: list[Slot] = []
    for horizon in _HANDOFF_HORIZONS if kind is CadenceKind.HANDOFF else _HORIZONS:
        found = slots(timetable, after + TICK, after + horizon)
        if len(found) >= most:
            break
    return found[:most]
