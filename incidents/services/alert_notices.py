"""Telling a team's channels of its alerts, through the outbox."""

from datetime import datetime

from django.urls import reverse

from incidents.domain import severity
from incidents.models import Alert, AlertEvent
from incidents.queries.escalations import is_only_logged
from oncall.models import Channel, Notification
from oncall.services.notifications import enqueue


def tell_channels(alert: Alert, what: str, *, now: datetime) -> None:
    """Tell every channel that takes alerts; once for each ``what`` of an alert.

    What is mute tells nobody: when that ends, whoever ends it tells. A level that no
    step of the service's policy serves is only logged.
    """
    if alert.muted_at is not None:
        return
    if is_only_logged(alert.service, alert.level):
        _note(alert, "Only logged: no step of the policy is for this level.", now)
        return
    channels = list(
        Channel.objects.filter(
            team_id=alert.service.team_id, takes_alerts=True, is_enabled=True
        )
    )
    word = alert.severity_label or severity.name_level(alert.level)
    for channel in channels:
        _send(alert, channel, what, f"{word}: {alert.summary}", now)
    names = ", ".join(channel.name for channel in channels)
    _note(alert, names or "No channel of the team takes alerts.", now)


def tell_resolved(alert: Alert, *, now: datetime) -> None:
    """Tell those channels that heard of the alert that it is over, unless it is mute."""
    if alert.muted_at is not None:
        return
    told = Channel.objects.filter(
        notification__topic=_topic(alert), is_enabled=True
    ).distinct()
    for channel in told:
        _send(alert, channel, "resolved", f"Resolved: {alert.summary}", now)


def was_told(alert: Alert) -> bool:
    """Say whether the channels heard of it."""
    return AlertEvent.objects.filter(alert=alert, kind="told").exists()


def _send(
    alert: Alert, channel: Channel, what: str, subject: str, now: datetime
) -> None:
    is_urgent = alert.level <= 2 and what != "resolved"
    enqueue(
        team_id=alert.service.team_id,
        topic=_topic(alert),
        dedupe_key=f"{_topic(alert)}:{what}",
        channel=channel,
        subject=f"[{alert.service.name}] {subject}",
        text=_describe(alert),
        url=reverse("alert_detail", args=[alert.pk]),
        urgency=Notification.Urgency.HIGH if is_urgent else Notification.Urgency.LOW,
        now=now,
    )


def _note(alert: Alert, text: str, now: datetime) -> None:
    AlertEvent.objects.create(alert=alert, kind="told", at=now, text=text)


def _topic(alert: Alert) -> str:
    return f"alert:{alert.pk}"


def _describe(alert: Alert) -> str:
    reading = " ".join(filter(None, (alert.metric, alert.value, alert.threshold)))
    since = f"Since {alert.starts_at:%Y-%m-%d %H:%M} UTC."
    return "\n".join(filter(None, (reading, since, alert.description)))
