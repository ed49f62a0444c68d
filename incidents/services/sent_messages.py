"""Messages about an alert that stand in a channel and change with the alert."""

from collections.abc import Iterable
from datetime import datetime

from incidents.models import Alert
from oncall.models import Notification, TransportKind, User
from oncall.services.notifications import cancel_revisions, enqueue

State = Notification.State


def update_messages(alerts: Iterable[Alert], *, by: User | None, now: datetime) -> None:
    """Let the messages that a Slack app posted say what became of these alerts.

    Through the outbox; of several changes in a row only the newest is sent. What went
    with others as one message stays as it is.
    """
    about = {f"alert:{alert.pk}": alert for alert in alerts}
    sent = Notification.objects.filter(
        topic__in=about,
        channel__kind=TransportKind.SLACK_APP,
        channel__is_enabled=True,
        state=State.SENT,
        replaces=None,
        bundle=None,
    )
    for row in sent.select_related("channel").order_by("pk"):
        cancel_revisions(row, reason="it changed again", now=now)
        enqueue(
            team_id=row.team_id,
            topic=row.topic,
            dedupe_key=f"{row.topic}:shows:{row.pk}:{now.timestamp():.3f}",
            channel=row.channel,
            subject=row.subject,
            text=f"{_say_state(about[row.topic], by, now)}\n{row.text}",
            url=row.url,
            urgency=row.urgency,
            replaces=row,
            now=now,
        )


def _say_state(alert: Alert, by: User | None, now: datetime) -> str:
    who = f" by {by.display_name}" if by else ""
    if alert.status == Alert.Status.FIRING:
        return f"Firing again since {now:%H:%M} UTC: nobody has it."
    return f"{alert.get_status_display()}{who} at {now:%H:%M} UTC."
