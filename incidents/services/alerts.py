"""Alerts: signals come in, people act.

Moving the team's version comes first in every act: it holds the team's row, so
that two acts on the alerts of one team follow each other. The unique constraint
of the open alert stands behind it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from incidents.domain import lifecycle, severity
from incidents.domain.holding import find_held_at
from incidents.domain.muting import make_ladder_key
from incidents.models import Alert, AlertEvent, AlertSeries, Integration
from incidents.services.alert_groups import speak_if_worse
from incidents.services.alert_notices import tell_channels
from incidents.services.episodes import (
    end_from_source,
    note_in_incident,
    open_alerts,
    resolve_alerts,
)
from incidents.services.escalations import (
    look_again,
    pause_escalation,
    resume_escalation,
)
from incidents.services.group_acts import give_companions_back, take_companions
from incidents.services.muting import review_mates, review_mutes
from incidents.services.pages import topic_of
from incidents.services.sent_messages import update_messages
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.notifications import cancel
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused

Status = Alert.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSignal:
    """One message of a sender: this is firing.

    ``level`` is 1 (critical) to 5 (info); ``starts_at`` aware, None for now;
    ``value`` and ``threshold`` as people read them, with their units.
    """

    dedup_key: str
    summary: str
    level: int
    severity_label: str = ""
    metric: str = ""
    value: str = ""
    threshold: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""
    starts_at: datetime | None = None


def checks_integration(service: Service) -> Integration:
    """Return the integration of a service's own checks, making it when missing."""
    return Integration.objects.get_or_create(
        service=service, kind=Integration.Kind.CHECKS, name="Checks"
    )[0]


def ingest_alert(
    integration: Integration, signal: AlertSignal, *, now: datetime
) -> Alert:
    """Open an alert, or count the signal into the open one of its series.

    A worse level than ever before tells the channels again; everything else of a
    duplicate only refreshes what the alert shows. Raises PortalError, naming the
    field, for a signal without a key or a summary, or off the scale of levels.
    """
    _check_signal(signal)
    with transaction.atomic():
        touch_team(integration.service.team_id)
        found = (
            _open_alerts(integration, signal.dedup_key)
            .annotate(was_told=Exists(_told_events()))
            .first()
        )
        if found is None:
            return _open_alert(integration, signal, now)
        return attach_signal(found, signal, now=now, was_told=found.was_told)


def count_repeats(alert_pks: Collection[int], *, now: datetime) -> int:
    """Count one more signal into each open alert whose signal says nothing new.

    One statement for many; returns how many were still open.
    """
    repeated = Alert.objects.filter(pk__in=alert_pks).exclude(status=Status.RESOLVED)
    return repeated.update(event_count=F("event_count") + 1, last_seen_at=now)


def acknowledge_from_source(
    integration: Integration, dedup_key: str, *, now: datetime
) -> Alert | None:
    """Note that the sender says somebody has it; None when nothing is firing."""
    with transaction.atomic():
        touch_team(integration.service.team_id)
        alert: Alert | None = _open_alerts(integration, dedup_key).first()
        if alert is None or alert.status != Status.FIRING:
            return None
        alert.acknowledged_at = now
        _move(alert, Status.ACKNOWLEDGED, "acknowledged_at")
        look_again(alert, now=now)
        cancel(topic=topic_of(alert), reason="acknowledged", now=now, only_people=True)
        _log(alert, "acknowledged", by=None, now=now)
        _tell_incident(alert, "alert_acknowledged", by=None, now=now)
        return alert


def resolve_from_source(
    integration: Integration, dedup_key: str, *, now: datetime, how: str = "source"
) -> Alert | None:
    """End the open alert of a series; None when nothing is open: no harm.

    ``how`` is "source", or "expiry" when the sender fell silent. What a source says
    has to stay so for as long as is asked of that sender.
    """
    with transaction.atomic():
        touch_team(integration.service.team_id)
        alert: Alert | None = _open_alerts(integration, dedup_key).first()
        if alert is None:
            return None
        alert.series.integration = integration
        if how == "expiry":
            resolve_alerts([alert], how=how, by=None, now=now)
        else:
            end_from_source([alert], now=now)
        return alert


def acknowledge_alert(
    alert_pk: int, *, by: User, now: datetime, via: str = ""
) -> Alert:
    """Say that ``by`` has it. Raises Refused unless the alert is firing.

    ``via`` says from where when it was not the portal itself: "by mail link".
    """
    with transaction.atomic():
        alert = _take(alert_pk, Status.ACKNOWLEDGED)
        alert.acknowledged_at, alert.acknowledged_by = now, by
        _move(alert, Status.ACKNOWLEDGED, "acknowledged_at", "acknowledged_by")
        pause_escalation(alert, by=by, now=now)
        take_companions(alert, by=by, now=now)
        _log(alert, "acknowledged", by=by, now=now, text=via)
        _tell_incident(alert, "alert_acknowledged", by=by, now=now)
        _audit("alert.acknowledge", alert, by=by, now=now, via=via)
    return alert


def unacknowledge_alert(alert_pk: int, *, by: User, now: datetime) -> Alert:
    """Take an acknowledgement back. Raises Refused unless it is acknowledged."""
    with transaction.atomic():
        alert = _take(alert_pk, Status.FIRING)
        give_companions_back(alert, alert.acknowledged_at, by=by, now=now)
        alert.acknowledged_at = alert.acknowledged_by = None
        _move(alert, Status.FIRING, "acknowledged_at", "acknowledged_by")
        resume_escalation(alert, by=by, now=now)
        _log(alert, "unacknowledged", by=by, now=now)
        _tell_incident(alert, "alert_unacknowledged", by=by, now=now)
        _audit("alert.unacknowledge", alert, by=by, now=now)
    return alert


def expire_acknowledgement(alert: Alert, *, now: datetime) -> None:
    """Let an acknowledgement end that no resolution followed.

    For the engine, inside the transaction of its move; it has won the escalation.
    """
    give_companions_back(alert, alert.acknowledged_at, by=None, now=now)
    alert.acknowledged_at = alert.acknowledged_by = None
    _move(alert, Status.FIRING, "acknowledged_at", "acknowledged_by")
    _log(alert, "expired", by=None, now=now)
    _tell_incident(alert, "alert_unacknowledged", by=None, now=now)


def resolve_alert(alert_pk: int, *, by: User, now: datetime, via: str = "") -> Alert:
    """End an alert by hand. Raises Refused when it is resolved already."""
    with transaction.atomic():
        alert = _take(alert_pk, Status.RESOLVED)
        resolve_alerts([alert], how="user", by=by, now=now, via=via)
        _audit("alert.resolve", alert, by=by, now=now, via=via)
    return alert


def review_alerts(alert_pks: Collection[int], *, by: User, now: datetime) -> int:
    """Mark alerts as looked at afterwards; returns how many were not yet."""
    with transaction.atomic():
        chosen = Alert.objects.filter(pk__in=alert_pks, reviewed_at=None)
        # In one order, so that two bulk reviews cannot wait for each other.
        teams = chosen.order_by("service__team_id").values_list(
            "service__team_id", flat=True
        )
        for team_id in teams.distinct():
            touch_team(team_id)
        alerts = list(chosen.select_related("service").order_by("pk"))
        chosen.update(reviewed_at=now, reviewed_by=by)
        for alert in alerts:
            _log(alert, "reviewed", by=by, now=now)
            _audit("alert.review", alert, by=by, now=now)
    return len(alerts)


def add_alert_note(alert_pk: int, text: str, *, by: User, now: datetime) -> AlertEvent:
    """Write a note on an alert. Raises PortalError when it is empty."""
    if not text.strip():
        raise PortalError("Write a few words first.", field="text")
    with transaction.atomic():
        alert = _take(alert_pk)
        event = _log(alert, "noted", by=by, now=now, text=text.strip())
        _audit("alert.note", alert, by=by, now=now)
    return event


def _check_signal(signal: AlertSignal) -> None:
    if not 0 < len(signal.dedup_key) <= 255:
        raise PortalError("A dedup key has 1 to 255 characters.", field="dedup_key")
    if not signal.summary.strip():
        raise PortalError("Say in a few words what is wrong.", field="summary")
    if signal.level not in severity.LEVELS:
        raise PortalError("A level is 1 (critical) to 5 (info).", field="level")


def _open_alerts(integration: Integration, dedup_key: str) -> Any:
    return (
        Alert.objects.filter(
            series__integration=integration, series__dedup_key=dedup_key
        )
        .exclude(status=Status.RESOLVED)
        .select_related("service", "incident", "series")
    )


def _told_events() -> Any:
    return AlertEvent.objects.filter(alert=OuterRef("pk"), kind__in=AlertEvent.SETTLED)


def make_alert(series: AlertSeries, signal: AlertSignal, *, now: datetime) -> Alert:
    """Return the alert that a signal opens, not stored; its series knows its sender."""
    starts_at = min(signal.starts_at or now, now)
    return Alert(
        series=series,
        service=series.integration.service,
        peak_level=signal.level,
        starts_at=starts_at,
        held_at=find_held_at(starts_at, series.integration.hold_for, now),
        last_seen_at=now,
        **_payload(signal),
    )


def _open_alert(integration: Integration, signal: AlertSignal, now: datetime) -> Alert:
    series, _ = AlertSeries.objects.get_or_create(
        integration=integration, dedup_key=signal.dedup_key
    )
    series.integration = integration
    alert = make_alert(series, signal, now=now)
    open_alerts([alert], now=now)
    return alert


def attach_signal(
    alert: Alert, signal: AlertSignal, *, now: datetime, was_told: bool
) -> Alert:
    """Count a signal into an open alert, show what it says, tell when it is worse."""
    before, peak, kind_of = alert.level, alert.peak_level, _kind_of(alert)
    raised = severity.is_raise(signal.level, peak)
    changes = _payload(signal)
    changes["peak_level"] = severity.worst_level(peak, signal.level)
    changes["last_seen_at"], changes["clears_at"] = now, None
    Alert.objects.filter(pk=alert.pk).update(
        event_count=F("event_count") + 1, **changes
    )
    for name, value in changes.items():
        setattr(alert, name, value)
    alert.event_count += 1
    if before != alert.level:
        kind = "raised" if alert.level < before else "lowered"
        words = f"{severity.name_level(before)} to {severity.name_level(alert.level)}"
        _log(alert, kind, by=None, now=now, text=words)
    is_other = kind_of != _kind_of(alert)
    _tell_repeat(alert, now, was_told=was_told, raised=raised, is_other=is_other)
    return alert


def _tell_repeat(
    alert: Alert, now: datetime, *, was_told: bool, raised: bool, is_other: bool
) -> None:
    if not is_other and (was_told or stays_mute(alert, now)):
        return
    if is_other:
        speak_if_worse(alert, now=now)
        review_mates([alert], now=now)
    if review_mutes([alert], now=now):
        return
    if not was_told:
        tell_channels(alert, "opened", now=now)
    elif raised:
        tell_channels(alert, f"raised:{alert.level}", now=now)
    look_again(alert, now=now)


def stays_mute(alert: Alert, now: datetime) -> bool:
    """Say whether nothing but an act or another alert can let it tell for now."""
    due = alert.muted_until
    return alert.muted_at is not None and (due is None or now < due)


def _kind_of(alert: Alert) -> tuple[Any, ...]:
    """Return what decides who hears of it, and what mutes it."""
    return alert.level, alert.severity_label, alert.metric, alert.labels


def _payload(signal: AlertSignal) -> dict[str, Any]:
    return {
        "level": signal.level,
        "severity_label": signal.severity_label[:32],
        "summary": signal.summary.strip()[:1024],
        "description": signal.description,
        "metric": signal.metric[:120],
        "value": signal.value[:64],
        "threshold": signal.threshold[:64],
        "labels": dict(signal.labels),
        "ladder_key": make_ladder_key(signal.metric[:120], signal.labels),
        "source_url": signal.source_url[:500],
    }


def _take(alert_pk: int, target: str | None = None) -> Alert:
    """Hold the alert's team, then read the alert; it must be able to become that."""
    team_id = Alert.objects.values_list("service__team_id", flat=True).get(pk=alert_pk)
    touch_team(team_id)
    rows = Alert.objects.select_related("service", "incident", "series")
    alert = rows.get(pk=alert_pk)
    refusal = target and lifecycle.refuse_alert_move(alert.status, target)
    if refusal:
        raise Refused(refusal, code="alert_state")
    return alert


def _move(alert: Alert, status: str, *fields: str) -> None:
    alert.status = status
    alert.save(update_fields=["status", *fields])


def _log(
    alert: Alert, kind: str, *, by: User | None, now: datetime, text: str = ""
) -> AlertEvent:
    return AlertEvent.objects.create(
        alert=alert, kind=kind, actor=by, at=now, text=text
    )


def _tell_incident(alert: Alert, kind: str, *, by: User | None, now: datetime) -> None:
    """Pass a change of its status on: to its incident, and to where it was posted."""
    update_messages([alert], by=by, now=now)
    note_in_incident(alert, kind, by=by, now=now)


def _audit(
    action: str, alert: Alert, *, by: User, now: datetime, via: str = ""
) -> None:
    after = {"via": via} if via else None
    team_id = alert.service.team_id
    record_change(action, alert, by=by, now=now, team_id=team_id, after=after)
