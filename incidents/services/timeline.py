"""The one place that writes into timelines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from incidents.models import Incident, TimelineEntry
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

CORRECTABLE: Final = frozenset({"note", "decision", "status", "declared"})
# What somebody wrote down, perhaps later than it happened.
NOTES: Final = frozenset({"note", "decision"})


def append_entry(
    incident: Incident,
    kind: str,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    occurred_at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
    source_ref: str | None = None,
    supersedes: TimelineEntry | None = None,
) -> TimelineEntry:
    """Write down what happened; call it inside the transaction of the change.

    ``occurred_at`` may be earlier than ``now``, which is when it is recorded.
    ``data`` holds JSON values.
    """
    return TimelineEntry.objects.create(
        incident=incident,
        kind=kind,
        actor=by,
        occurred_at=occurred_at or now,
        recorded_at=now,
        text=text,
        data=dict(data or {}),
        source_ref=source_ref,
        supersedes=supersedes,
    )


def hold_incident(incident_pk: int) -> Incident:
    """Move the version of the incident's team, which holds it; then read it."""
    team_id = Incident.objects.values_list("team_id", flat=True).get(pk=incident_pk)
    touch_team(team_id)
    return Incident.objects.select_related("severity__service").get(pk=incident_pk)


def audit_incident(
    action: str,
    incident: Incident,
    *,
    by: User | None,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append to the audit log, last in the transaction of the change."""
    record_change(
        action,
        incident,
        by=by,
        now=now,
        team_id=incident.team_id,
        before=before,
        after=after,
    )


def add_note(
    incident_pk: int,
    text: str,
    *,
    by: User | None,
    now: datetime,
    occurred_at: datetime | None = None,
    source_ref: str | None = None,
    is_decision: bool = False,
) -> TimelineEntry:
    """Write a note; what happened earlier carries its own ``occurred_at``.

    A decision, such as the approval of a rollback, is told apart from other notes.

    With a ``source_ref`` a second call returns the first one's entry. Raises
    PortalError when the text is empty or the time in the future.
    """
    _check_text(text, occurred_at, now)
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if source_ref is not None:
            known = incident.timeline.filter(source_ref=source_ref).first()
            if known is not None:
                return known
        entry = append_entry(
            incident,
            "decision" if is_decision else "note",
            by=by,
            now=now,
            text=text.strip(),
            occurred_at=occurred_at,
            source_ref=source_ref,
        )
        audit_incident(
            "incident.note", incident, by=by, now=now, after={"entry": entry.pk}
        )
    return entry


def correct_entry(
    entry_pk: int,
    text: str,
    *,
    by: User,
    now: datetime,
    occurred_at: datetime | None = None,
) -> TimelineEntry:
    """Supersede a note or a message with a better one; the first one stays.

    Only a note's time can be corrected. Raises Conflict with the entry that stands
    there now when somebody corrected it before, Refused for entries that hold no words
    of people.
    """
    _check_text(text, occurred_at, now)
    with transaction.atomic():
        entry = TimelineEntry.objects.select_related("incident").get(pk=entry_pk)
        incident = hold_incident(entry.incident_id)
        if newest := _newest_over(entry):
            raise Conflict("Somebody corrected this already.", current=newest)
        if not entry.text or entry.kind not in CORRECTABLE:
            raise Refused("Only what somebody wrote can be corrected.")
        at = occurred_at if entry.kind in NOTES else None
        corrected = append_entry(
            incident,
            entry.kind,
            by=by,
            now=now,
            text=text.strip(),
            occurred_at=at or entry.occurred_at,
            data=entry.data,
            supersedes=entry,
        )
        audit_incident(
            "incident.correct",
            incident,
            by=by,
            now=now,
            before={"entry": entry.pk},
            after={"entry": corrected.pk},
        )
    return corrected


def _newest_over(entry: TimelineEntry) -> TimelineEntry | None:
    """Return what stands in the place of an entry by now, None where itself does."""
    newest = None
    rows = TimelineEntry.objects.select_related("actor")
    while found := rows.filter(supersedes=newest or entry).first():
        newest = found
    return newest


def _check_text(text: str, occurred_at: datetime | None, now: datetime) -> None:
    if not text.strip():
        raise PortalError("Write a few words first.", field="text")
    if occurred_at is not None and occurred_at > now:
        raise PortalError(
            "That is in the future; give a time that has passed.", field="occurred_at"
        )
