"""A cadence's row as the domain reads it."""

from zoneinfo import ZoneInfo

from checklists.domain.cadence import Timetable
from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.holiday import HolidayPolicy
from checklists.models import Cadence


def timetable_of(cadence: Cadence) -> Timetable:
    """Return the cadence as the domain reads it."""
    calendar = cadence.calendar or cadence.checklist.team.calendar
    holidays = calendar.holidays.values_list("on", flat=True) if calendar else ()
    return Timetable(
        rule=rule_from_json(cadence.rule),
        timing=timing_from_json(cadence.timing),
        zone=ZoneInfo(cadence.time_zone),
        holidays=frozenset(holidays),
        policy=HolidayPolicy(cadence.holidays),
    )
