"""Handoffs of the demo: accepted ones with their notes, and what is being written."""

from datetime import datetime, timedelta
from typing import Any

from oncall.domain.changeover import Changeover, find_changeovers
from oncall.handoff_sections import Line, Section, sections_to_json
from oncall.models import Handoff, Schedule
from oncall.queries.loading import load_schedule
from oncall.services.handing_over import write_notes
from oncall.services.handoffs import advance_handoffs
from opsportal.demo.seed_teams import Teams

WEEKS = timedelta(weeks=8)
_PAST_NOTES = (
    "Replication was slow on Thursday night; it recovered by itself. Nothing is open.",
    "Quiet week. The disk of `db-2` is at 71 %: **grow it before the month ends**.",
    "Two alerts about the cache are noise since the upgrade; the threshold is wrong.",
    "The deploy of Wednesday was rolled back. The next try is planned for Tuesday.",
)
_NOTES_NOW = {
    "platform": "Renewal ticket is with the network team; ping them Tuesday.\n\n"
    "- The error rate of Architect API comes in waves, see the incident.\n"
    "- Capacity planning review is waiting for the figures of October.",
    "energy": "The device gateway was moved; watch its queue until Thursday.",
}
_QUIET = (
    ("Open incidents", "None."),
    ("Open alerts", "Nothing fires."),
    ("Failing checks", "None."),
)


def seed_handoffs(rows: Teams, now: datetime) -> None:
    """Write the past handoffs and let the portal draft the next ones."""
    for schedule in rows.schedules.values():
        past = find_changeovers(load_schedule(schedule.pk), now - WEEKS, now)
        Handoff.objects.bulk_create(
            _past(schedule, change, number) for number, change in enumerate(past)
        )
    advance_handoffs(now=now)
    for slug, notes in _NOTES_NOW.items():
        draft = Handoff.objects.filter(
            schedule=rows.schedules[slug], at__gt=now, outgoing__isnull=False
        ).first()
        if draft is not None and draft.outgoing is not None:
            write_notes(draft.pk, notes, revision=0, by=draft.outgoing, now=now)


def _past(schedule: Schedule, change: Changeover, number: int) -> Handoff:
    # Keys of the domain are any; ours are integers.
    people: dict[str, Any] = {
        "rotation_id": change.rotation,
        "outgoing_id": change.outgoing,
        "incoming_id": change.incoming,
        "notes_by_id": change.outgoing,
        "accepted_by_id": change.incoming,
    }
    notes = _PAST_NOTES[(number + schedule.pk) % len(_PAST_NOTES)]
    accepted_at = change.at + timedelta(minutes=4 + 5 * (number % 4))
    fired = Line(f"{9 + number * 5 % 11} fired, {4 + number % 4} acknowledged")
    sections = [Section(title, [], empty) for title, empty in _QUIET]
    sections.insert(1, Section("Alerts this shift", [fired], "None fired."))
    return Handoff(
        schedule=schedule,
        at=change.at,
        notes=notes,
        notes_at=change.at - timedelta(hours=2),
        revision=1,
        brief={
            "sections": sections_to_json(sections),
            "notes": notes,
            "at": accepted_at.isoformat(),
        },
        reminded_at=change.at - timedelta(hours=16),
        asked_at=change.at,
        accepted_at=accepted_at,
        created_at=change.at - timedelta(days=7),
        **people,
    )
