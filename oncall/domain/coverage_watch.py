"""Which gaps nobody has planned, and when to warn of what lies ahead."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oncall.domain.coverage import find_gaps
from oncall.domain.schedule import HolidayPolicy, Rotation, Schedule, Segment

# How long before a gap people are told of it, the last time first.
RUNGS = tuple(timedelta(days=days) for days in (1, 2, 7, 14))

_Spans = list[tuple[datetime, datetime]]


def find_rung(starts_at: datetime, now: datetime) -> timedelta | None:
    """Return the rung that `starts_at` has come down to; None above the first.

    After a silence it is the lowest alone: those passed over are not made up for.
    """
    left = starts_at - now
    return next((rung for rung in RUNGS if left <= rung), None)


def find_unplanned_gaps(
    schedule: Schedule, start: datetime, end: datetime
) -> list[Segment]:
    """Return the gaps of start <= t < end that are not empty by design.

    A role is empty by design where rotations fill it but each of them keeps hours
    or leaves out holidays, and none of them acts. What no rotation fills at all, an
    empty slot, and somebody taken out by an override are gaps.
    """
    gaps = find_gaps(schedule, start, end)
    if not gaps or not any(map(_keeps_hours, schedule.rotations)):
        return gaps
    idle = _idle_spans(schedule, start, end)
    return [part for gap in gaps for part in _without(gap, idle.get(gap.role, []))]


def _keeps_hours(rotation: Rotation) -> bool:
    return any(
        version.windows or version.holiday_policy is not HolidayPolicy.IGNORE
        for version in rotation.versions
    )


def _idle_spans(
    schedule: Schedule, start: datetime, end: datetime
) -> dict[str, _Spans]:
    """Return by role when its rotations rest, although it has some."""
    unfilled = _spans_by_role(find_gaps(_filled(schedule), start, end))
    resting = find_gaps(_filled(schedule, in_hours=True), start, end)
    return _spans_by_role(
        part for gap in resting for part in _without(gap, unfilled.get(gap.role, []))
    )


def _filled(schedule: Schedule, *, in_hours: bool = False) -> Schedule:
    """Return the schedule as if every place of it were taken, in its hours or always."""
    always: dict[str, Any] = {"windows": (), "holiday_policy": HolidayPolicy.IGNORE}
    change = {} if in_hours else always
    return replace(
        schedule,
        overrides=(),
        required_roles=schedule.expected_roles,
        rotations=tuple(
            replace(
                rotation,
                versions=tuple(
                    replace(
                        version, members=tuple(range(version.concurrency)), **change
                    )
                    for version in rotation.versions
                ),
            )
            for rotation in schedule.rotations
        ),
    )


def _spans_by_role(gaps: Iterable[Segment]) -> dict[str, _Spans]:
    found: dict[str, _Spans] = {}
    for gap in gaps:
        found.setdefault(gap.role, []).append((gap.start, gap.end))
    return found


def _without(gap: Segment, spans: _Spans) -> list[Segment]:
    """Return what is left of a gap outside the spans, which are in order."""
    left, edge = [], gap.start
    for start, end in spans:
        if end <= edge or start >= gap.end:
            continue
        if start > edge:
            left.append(gap._replace(start=edge, end=start))
        edge = end
    if edge < gap.end:
        left.append(gap._replace(start=edge))
    return left
