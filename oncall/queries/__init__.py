"""What pages, sweeps and the API read of oncall: flat rows, few queries."""

from oncall.queries.contact_lists import escalation_contacts, team_contacts
from oncall.queries.escalation import escalation_ladder
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.people import people_of
from oncall.queries.schedules import (
    AHEAD,
    BoardRow,
    coverage_gaps,
    gaps_of,
    next_handoff_row,
    next_shifts,
    on_call_board,
    on_call_in,
    people_on_call,
    schedule_lanes,
    users_on_call,
)

__all__ = [
    "AHEAD",
    "BoardRow",
    "coverage_gaps",
    "escalation_contacts",
    "escalation_ladder",
    "gaps_of",
    "load_schedule",
    "load_schedules",
    "next_handoff_row",
    "next_shifts",
    "on_call_board",
    "on_call_in",
    "people_of",
    "people_on_call",
    "schedule_lanes",
    "team_contacts",
    "users_on_call",
]
