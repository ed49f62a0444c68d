"""Whom an alert paged, in the timeline of its incident."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from incidents.models import Alert, EscalationEvent
from incidents.services.timeline import append_entry

# The events that tell somebody; the others say why nobody was told.
_TOLD: Final = ("tell", "last_resort", "page")


def note_told(alert: Alert, events: Sequence[EscalationEvent], now: datetime) -> None:
    """Write one move of the ladder, or pages by hand, down as one entry.

    ``events`` are those of the move. Nothing is written for an alert without an
    incident, where nobody was told, and nothing twice.
    """
    if alert.incident is None or not events:
        return
    first = events[0]
    source_ref = f"told:{first.pk}"
    if alert.incident.timeline.filter(source_ref=source_ref).exists():
        return
    append_entry(
        alert.incident,
        "told",
        by=first.actor,
        now=now,
        text=first.text if first.kind == "page" else first.step_name,
        occurred_at=first.at,
        data={
            "alert": alert.pk,
            "act": first.kind,
            "step": first.step,
            "names": [each.name for each in events],
            "keys": [each.key for each in events],
        },
        source_ref=source_ref,
    )


def note_what_was_before(alert: Alert, now: datetime) -> None:
    """Write down whom the alert paged, and who had it, before it was linked."""
    told = EscalationEvent.objects.filter(alert=alert, kind__in=_TOLD)
    moves = groupby(
        told.select_related("actor").order_by("at", "pk"),
        key=lambda each: (each.at, each.kind, each.loop, each.step, each.actor_id),
    )
    for _, events in moves:
        note_told(alert, list(events), now)
    _note_who_had_it(alert, now)


def _note_who_had_it(alert: Alert, now: datetime) -> None:
    if alert.acknowledged_at is None or alert.incident is None:
        return
    kind, at = "alert_acknowledged", alert.acknowledged_at
    known = alert.incident.timeline.filter(kind=kind, occurred_at=at)
    if not known.filter(data__alert=alert.pk).exists():
        append_entry(
            alert.incident,
            kind,
            by=alert.acknowledged_by,
            now=now,
            text=alert.summary,
            occurred_at=at,
            data={"alert": alert.pk},
        )
