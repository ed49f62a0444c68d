"""Who takes the alert that speaks for a group takes those that it speaks for."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from incidents.models import Alert, AlertEvent
from incidents.services.episodes import note_in_incident
from oncall.models import User

Status = Alert.Status


def take_companions(alert: Alert, *, by: User, now: datetime) -> None:
    """Acknowledge the mute alerts of the group for which this one speaks.

    Inside the transaction of its acknowledgement, with the team's row held.
    """
    taken = _companions(alert).filter(status=Status.FIRING, speaks_at=None)
    rows = list(taken.select_related("incident"))
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Status.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=by
    )
    _note(rows, "acknowledged", by=by, now=now)


def give_companions_back(
    alert: Alert, taken_at: datetime | None, *, by: User | None, now: datetime
) -> None:
    """Let those fire again that were acknowledged with this one, at ``taken_at``."""
    given = _companions(alert).filter(
        status=Status.ACKNOWLEDGED, speaks_at=None, acknowledged_at=taken_at
    )
    rows = list(given.select_related("incident"))
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Status.FIRING, acknowledged_at=None, acknowledged_by=None
    )
    _note(rows, "unacknowledged" if by else "expired", by=by, now=now)


def _companions(alert: Alert) -> QuerySet[Alert]:
    if alert.speaks_at is None:
        return Alert.objects.none()
    return Alert.objects.filter(group=alert.group_id).exclude(pk=alert.pk)


def _note(rows: Sequence[Alert], kind: str, *, by: User | None, now: datetime) -> None:
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=row, kind=kind, actor=by, at=now, text="with its group")
        for row in rows
    )
    entry = "alert_acknowledged" if kind == "acknowledged" else "alert_unacknowledged"
    for row in rows:
        note_in_incident(row, entry, by=by, now=now)
