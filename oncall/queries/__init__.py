"""What pages, sweeps and the API read of oncall: flat rows, few queries."""

from oncall.queries.escalation import escalation_contacts, escalation_ladder
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.schedules import (
    coverage_gaps,
    on_call_board,
    on_call_in,
    people_on_call,
    users_on_call,
)

__all__ = [
    "coverage_gaps",
    "escalation_contacts",
    "escalation_ladder",
    "load_schedule",
    "load_schedules",
    "on_call_board",
    "on_call_in",
    "people_on_call",
    "users_on_call",
]
