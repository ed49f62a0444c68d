"""What the delivery log of the demo remembers: pages that arrived, one that did not."""

from datetime import datetime, timedelta

from django.urls import reverse

from incidents.models import Alert
from oncall.models import Channel, ContactMethod, Notification, NotificationAttempt

_PAST = timedelta(days=28)
_SECOND = timedelta(seconds=1)
State = Notification.State


def seed_deliveries(now: datetime) -> int:
    """Write the pages behind past acknowledgements; returns how many messages."""
    paged = Alert.objects.filter(
        starts_at__gt=now - _PAST, acknowledged_by__isnull=False, level__lte=2
    ).select_related("service", "acknowledged_by")
    verified = ContactMethod.objects.filter(kind="email", verified_at__isnull=False)
    mails = {row.user_id: row for row in verified}
    rows = [
        _make_page(alert, mails.get(alert.acknowledged_by_id or 0))
        for alert in paged.order_by("starts_at", "pk")
    ]
    made = Notification.objects.bulk_create(rows)
    made.append(_make_dead_letter(now))
    NotificationAttempt.objects.bulk_create(
        attempt for row in made for attempt in _tries(row)
    )
    return len(made)


def _make_page(alert: Alert, mail: ContactMethod | None) -> Notification:
    user_pk = alert.acknowledged_by_id
    way = f"m{mail.pk}" if mail else f"u{user_pk}"
    return Notification(
        team_id=alert.service.team_id,
        topic=f"alert:{alert.pk}",
        dedupe_key=f"alert:{alert.pk}:0:0:u{user_pk}:{way}",
        urgency=Notification.Urgency.HIGH,
        recipient_id=user_pk,
        contact_method=mail,
        subject=f"[{alert.service.name}] {alert.severity_label}: {alert.summary}"[:250],
        text=alert.summary,
        url=reverse("alert_detail", args=[alert.pk]),
        created_at=alert.starts_at,
        first_attempt_at=alert.starts_at + _SECOND,
        sent_at=alert.starts_at + 2 * _SECOND,
        state=State.SENT,
        attempts=1,
    )


def _make_dead_letter(now: datetime) -> Notification:
    channel = Channel.objects.select_related("team").order_by("team__slug", "pk")[0]
    began = now - timedelta(hours=5)
    return Notification.objects.create(
        team=channel.team,
        topic=f"channel:{channel.pk}",
        dedupe_key=f"channel:{channel.pk}:demo:c{channel.pk}",
        channel=channel,
        subject="Test from opsportal",
        text="Somebody looked whether messages arrive here.",
        created_at=began,
        first_attempt_at=began,
        state=State.FAILED,
        attempts=4,
        last_error="The server answered 503.",
    )


def _tries(row: Notification) -> list[NotificationAttempt]:
    began = row.first_attempt_at or row.created_at
    if row.state == State.FAILED:
        waits = (0, 1, 5, 21)
        return [
            _try(
                row,
                number,
                began + wait * _SECOND,
                "failed",
                "The server answered 503.",
            )
            for number, wait in enumerate(waits, start=1)
        ]
    return [_try(row, 1, began, "sent", "The mail server took it.")]


def _try(
    row: Notification, number: int, at: datetime, outcome: str, detail: str
) -> NotificationAttempt:
    return NotificationAttempt(
        notification=row,
        number=number,
        started_at=at,
        ended_at=at + _SECOND,
        outcome=outcome,
        detail=detail,
    )
