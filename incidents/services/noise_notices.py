"""Telling a team's channels in one message of what many alerts would have said."""

from datetime import datetime

from oncall.models import Channel, Notification, Service
from oncall.services.notifications import ChannelMessage, enqueue_to_channels


def tell_team(
    service: Service,
    topic: str,
    what: str,
    *,
    subject: str,
    text: str,
    url: str,
    now: datetime,
    is_urgent: bool = False,
) -> None:
    """Tell every channel that takes alerts, once for each ``what`` of a topic."""
    taking = Channel.objects.filter(
        team_id=service.team_id, takes_alerts=True, is_enabled=True
    )
    urgency = Notification.Urgency.HIGH if is_urgent else Notification.Urgency.LOW
    messages = [
        ChannelMessage(
            team_id=service.team_id,
            topic=topic,
            dedupe_key=f"{topic}:{what}",
            channel=channel,
            subject=f"[{service.name}] {subject}",
            text=text,
            url=url,
            urgency=urgency,
        )
        for channel in taking
    ]
    enqueue_to_channels(messages, now=now)
