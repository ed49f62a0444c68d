"""Many alerts that begin or end in one moment, with few statements for all of them.

Call these inside a transaction that holds the team's row.
"""

from collections.abc import Sequence
from datetime import datetime

from incidents.domain.holding import find_clears_at
from incidents.models import Alert, AlertEvent
from incidents.services.alert_groups import gather_groups
from incidents.services.alert_notices import tell_channels_of, tell_resolved_of
from incidents.services.escalations import end_escalations, start_escalations
from incidents.services.flapping import note_opened, note_resolved
from incidents.services.muting import end_mutes, review_mates, settle_mutes
from incidents.services.sent_messages import update_messages
from incidents.services.storms import gather_storm
from incidents.services.timeline import append_entry
from oncall.models import User


def open_alerts(alerts: Sequence[Alert], *, now: datetime) -> None:
    """Store new alerts of one team, with their services and series; tell and page.

    What opens in one moment is settled as one: of a ladder only the worst tells.
    """
    for alert in alerts:
        alert.opened_at = now
    gather_groups(alerts, now=now)
    Alert.objects.bulk_create(alerts)
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, kind="opened", at=now, text=_reading(alert))
        for alert in alerts
    )
    gather_storm(alerts, now=now)
    note_opened(alerts, now=now)
    settle_mutes(alerts, now=now)
    review_mates(alerts, now=now)
    tell_channels_of(alerts, "opened", now=now)
    start_escalations(alerts, now=now)


def end_from_source(alerts: Sequence[Alert], *, now: datetime) -> list[Alert]:
    """End open alerts of which their senders say that they are over.

    Where an end has to last, it only begins to; those are returned. The first time
    that it is said counts, until the alert fires again.
    """
    waiting = []
    for alert in alerts:
        clear_for = alert.series.integration.clear_for
        if until := find_clears_at(clear_for, alert.held_at, now):
            waiting.append(alert)
            _begin_to_clear(alert, until, now)
    over = [alert for alert in alerts if alert not in waiting]
    if over:
        resolve_alerts(over, how="source", by=None, now=now)
    return waiting


def _begin_to_clear(alert: Alert, until: datetime, now: datetime) -> None:
    if alert.clears_at is not None:
        return
    alert.clears_at = until
    alert.save(update_fields=["clears_at"])
    AlertEvent.objects.create(
        alert=alert,
        kind="clearing",
        at=now,
        text=f"unless it fires by {until:%H:%M} UTC",
    )


def resolve_alerts(
    alerts: Sequence[Alert], *, how: str, by: User | None, now: datetime, via: str = ""
) -> None:
    """End open alerts of one team, with their services, series and incidents."""
    for alert in alerts:
        alert.status = Alert.Status.RESOLVED
        alert.resolved_at, alert.resolved_by, alert.resolved_how = now, by, how
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(
        status=Alert.Status.RESOLVED, resolved_at=now, resolved_by=by, resolved_how=how
    )
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, kind="resolved", actor=by, at=now, text=via)
        for alert in alerts
    )
    end_escalations(alerts, now=now)
    update_messages(alerts, by=by, now=now)
    for alert in alerts:
        note_in_incident(alert, "alert_resolved", by=by, now=now)
    tell_resolved_of(alerts, now=now)
    note_resolved(alerts, now=now)
    end_mutes(alerts, now=now)
    review_mates(alerts, now=now)


def note_in_incident(
    alert: Alert, kind: str, *, by: User | None, now: datetime
) -> None:
    """Write what became of an alert into the timeline of its incident, if it has one."""
    if alert.incident is not None:
        append_entry(
            alert.incident,
            kind,
            by=by,
            now=now,
            text=alert.summary,
            data={"alert": alert.pk},
        )


def _reading(alert: Alert) -> str:
    return " ".join(filter(None, (alert.metric, alert.value, alert.threshold)))
