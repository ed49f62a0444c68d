"""A cadence's row as the domain reads it."""

from zoneinfo import ZoneInfo

from checklists.domain.cadence import Timetable, no_handoffs
from checklists.domain.cadence_rule import CadenceKind, rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.holiday import HolidayPolicy
from checklists.models import Cadence
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
    )
