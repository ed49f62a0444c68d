"""Pages about an alert: what they say, and the rows of the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from incidents.domain import severity
from incidents.domain.correlation import say_correlation
from incidents.models import Alert, EscalationEvent
from incidents.services.alert_notices import say_group
from incidents.services.told_entries import note_told
from oncall.models import Notification
from oncall.queries.targets import Recipient
from oncall.services.notifications import enqueue


def topic_of(alert: Alert) -> str:
    """Return what the rows of the outbox about an alert have in common."""
    return f"alert:{alert.pk}"


def page_recipients(
    alert: Alert,
    recipients: Sequence[Recipient],
    *,
    key: str,
    kind: str,
    now: datetime,
    note: str = "",
    channel_key: str = "",
    **fields: Any,
) -> None:
    """Put one message for each person and channel into the outbox, and log each.

    Call it inside the transaction of the move that it follows from: no move without
    rows, no rows without a move. ``key`` names the move, so that twice is once;
    ``channel_key`` the same for channels, where they may have heard already.
    """
    keys = [
        f"{key}:u{each.user.pk}" if each.user else channel_key or f"{key}:c"
        for each in recipients
    ]
    for each, dedupe_key in zip(recipients, keys, strict=True):
        enqueue(
            team_id=alert.service.team_id,
            topic=topic_of(alert),
            dedupe_key=dedupe_key,
            recipient=each.user,
            channel=each.channel,
            subject=_subject(alert),
            text=_text(alert, each, note),
            url=reverse("alert_detail", args=[alert.pk]),
            urgency=Notification.Urgency.HIGH,
            now=now,
        )
    events = EscalationEvent.objects.bulk_create(
        EscalationEvent(
            alert=alert,
            kind=kind,
            at=now,
            recipient=each.user,
            channel=each.channel,
            name=each.name[:120],
            text=(each.via or note)[:500],
            key=dedupe_key,
            **fields,
        )
        for each, dedupe_key in zip(recipients, keys, strict=True)
    )
    note_told(alert, events, now)


def _subject(alert: Alert) -> str:
    word = alert.severity_label or severity.name_level(alert.level)
    return f"[{alert.service.name}] {word}: {alert.summary}"


def _text(alert: Alert, each: Recipient, note: str) -> str:
    reading = " ".join(filter(None, (alert.metric, alert.value, alert.threshold)))
    since = f"Since {alert.starts_at:%Y-%m-%d %H:%M} UTC."
    why = f"You are told as {each.via}." if each.via else ""
    trace = say_correlation(alert.labels)
    told = (reading, since, say_group(alert), note, why, trace, alert.description)
    return "\n".join(filter(None, told))
