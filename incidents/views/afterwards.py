"""What follows from an incident, as its page and the lists show it."""

from datetime import datetime
from typing import Any

from incidents.models import Incident
from incidents.queries.actions import ActionRow, actions_of
from incidents.queries.postmortems import find_postmortem
from incidents.services.postmortem_duty import is_needed


def say_due(row: ActionRow, now: datetime) -> tuple[str, str]:
    """Return when an action item is due, and in which tone."""
    if not row.is_open:
        return row.state_word.lower(), "ok" if row.state == "done" else ""
    return row.due_words(now), "crit" if row.is_overdue(now) else ""


def show_afterwards(incident: Incident, now: datetime) -> dict[str, Any]:
    """Return what the incident's page shows of action items and the postmortem."""
    rows = actions_of(incident.pk)
    return {
        "action_lines": [(row, *say_due(row, now)) for row in rows],
        "postmortem": find_postmortem(incident.pk),
        "postmortem_needed": is_needed(incident),
    }
