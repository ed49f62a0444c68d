"""A cadence's row as the domain reads it."""

from zoneinfo import ZoneInfo

from checklists.domain.cadence import (
    Completion,
    Timetable,
    next_opening,
    no_handoffs,
)
from checklists.domain.cadence_rule import CadenceKind, rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.holiday import HolidayPolicy
from checklists.models import Cadence, Run
from checklists.queries.rosters import handoffs_of


def timetable_of(cadence: Cadence) -> Timetable:
    """Return the cadence as the domain reads it."""
    calendar = cadence.calendar or cadence.checklist.team.calendar
    holidays = calendar.holidays.values_list("on", flat=True) if calendar else ()
    rule = rule_from_json(cadence.rule)
    is_handoff = rule.kind is CadenceKind.HANDOFF
    return Timetable(
        rule=rule,
        timing=timing_from_json(cadence.timing),
        zone=ZoneInfo(cadence.time_zone),
        holidays=frozenset(holidays),
        policy=HolidayPolicy(cadence.holidays),
        handoffs=handoffs_of(cadence.rotation) if is_handoff else no_handoffs,
        floats_from=_last_end(cadence) if is_floating(cadence) else None,
    )


def is_floating(cadence: Cadence) -> bool:
    """Say whether its next run is counted from the end of the last one."""
    return bool(cadence.rule.get("kind") == CadenceKind.FLOATING)


def plan_next(cadence: Cadence) -> None:
    """Note when a floating cadence opens next; call it when one of its runs ended."""
    fresh = Cadence.objects.select_related("checklist__team__calendar", "calendar")
    row = fresh.get(pk=cadence.pk)
    opening = next_opening(timetable_of(row), row.generated_through)
    Cadence.objects.filter(pk=row.pk, is_enabled=True).update(next_open_at=opening)


def _last_end(cadence: Cadence) -> Completion | None:
    """Return from when the next run is counted; None while one is open.

    A run that was started by hand counts too. What never ran, or was paused, counts
    from its watermark.
    """
    runs = Run.objects.filter(cadence=cadence) if cadence.pk else Run.objects.none()
    if runs.exclude(state=Run.State.CLOSED).exists():
        return None
    newest = runs.order_by("-closed_at").values_list("closed_at", flat=True).first()
    numbered = runs.filter(period_key__contains="#").order_by("-opens_at", "-pk")
    key = numbered.values_list("period_key", flat=True).first() or "#0"
    return Completion(
        at=max(newest or cadence.generated_through, cadence.generated_through),
        number=int(key.partition("#")[2]) + 1,
    )
