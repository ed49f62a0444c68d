"""Telling a team's channels of its alerts, through the outbox."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse

from incidents.domain import severity
from incidents.domain.correlation import say_correlation
from incidents.domain.told_groups import say_speaker
from incidents.models import Alert, AlertEvent
from incidents.queries.escalations import is_only_logged
from oncall.models import Channel, Notification
from oncall.services.notifications import ChannelMessage, enqueue_to_channels


def tell_channels(alert: Alert, what: str, *, now: datetime) -> None:
    """Tell every channel that takes alerts; once for each ``what`` of an alert.

    What is mute tells nobody: when that ends, whoever ends it tells. A level that no
    step of the service's policy serves is only logged.
    """
    tell_channels_of([alert], what, now=now)


def tell_channels_of(alerts: Iterable[Alert], what: str, *, now: datetime) -> None:
    """Do as ``tell_channels`` does for each of these, with few statements for all."""
    telling = [alert for alert in alerts if alert.muted_at is None]
    if not telling:
        return
    logged = _find_only_logged(telling)
    channels = _channels_of({alert.service.team_id for alert in telling})
    messages, notes = [], []
    for alert in telling:
        places = channels[alert.service.team_id]
        if (alert.service_id, alert.level) in logged:
            kind, said = "logged", "No step of the policy is for this level."
        elif places:
            messages += [_message(alert, each, what) for each in places]
            kind, said = "told", ", ".join(each.name for each in places)
        else:
            kind, said = "untold", "No channel of the team takes alerts."
        notes.append(AlertEvent(alert=alert, kind=kind, at=now, text=said))
    enqueue_to_channels(messages, now=now)
    AlertEvent.objects.bulk_create(notes)


def tell_resolved_of(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Tell those channels that heard of an alert that it is over, unless it is mute."""
    telling = {_topic(alert): alert for alert in alerts if alert.muted_at is None}
    heard = Notification.objects.filter(topic__in=telling, channel__is_enabled=True)
    pairs = set(heard.values_list("topic", "channel"))
    places = Channel.objects.in_bulk({channel for _, channel in pairs})
    messages = [
        _message(telling[topic], places[channel], "resolved")
        for topic, channel in sorted(pairs)
    ]
    enqueue_to_channels(messages, now=now)


def say_group(alert: Alert) -> str:
    """Return for how many others an alert speaks now, "" for itself alone."""
    if alert.speaks_at is None or alert.group is None:
        return ""
    return say_speaker(alert.group.shared, alert.group.alert_count)


def was_told(alert: Alert) -> bool:
    """Say whether it had its turn to tell."""
    return AlertEvent.objects.filter(alert=alert, kind__in=AlertEvent.TELLING).exists()


def _find_only_logged(alerts: Iterable[Alert]) -> set[tuple[int, int]]:
    """Return those pairs of a service and a level that are only logged."""
    kinds = {(alert.service_id, alert.level): alert.service for alert in alerts}
    return {key for key, service in kinds.items() if is_only_logged(service, key[1])}


def _channels_of(team_ids: Collection[int]) -> dict[int, list[Channel]]:
    found: dict[int, list[Channel]] = {team_id: [] for team_id in team_ids}
    taking = Channel.objects.filter(takes_alerts=True, is_enabled=True)
    for channel in taking.filter(team__in=found):
        found[channel.team_id].append(channel)
    return found


def _message(alert: Alert, channel: Channel, what: str) -> ChannelMessage:
    is_over = what == "resolved"
    word = alert.severity_label or severity.name_level(alert.level)
    is_urgent = alert.level <= 2 and not is_over
    return ChannelMessage(
        team_id=alert.service.team_id,
        topic=_topic(alert),
        dedupe_key=f"{_topic(alert)}:{what}",
        channel=channel,
        subject=f"[{alert.service.name}] {'Resolved' if is_over else word}: "
        f"{alert.summary}",
        text=_describe(alert),
        url=reverse("alert_detail", args=[alert.pk]),
        urgency=Notification.Urgency.HIGH if is_urgent else Notification.Urgency.LOW,
    )


def _topic(alert: Alert) -> str:
    return f"alert:{alert.pk}"


def _describe(alert: Alert) -> str:
    reading = " ".join(filter(None, (alert.metric, alert.value, alert.threshold)))
    since = f"Since {alert.starts_at:%Y-%m-%d %H:%M} UTC."
    trace = say_correlation(alert.labels)
    told = (reading, since, say_group(alert), trace, alert.description)
    return "\n".join(filter(None, told))
