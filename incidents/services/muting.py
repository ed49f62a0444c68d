"""Muting alerts and letting them tell again.

``Alert.muted_at`` is what everybody who tells looks at. It is settled when an alert
opens or changes, when a silence or a window begins, ends or is edited, and by the
sweep for what only the clock does. Call these with the team's row held.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import models, transaction
from django.db.models import Q

from incidents.domain.muting import Mute, find_mutes, find_next_look
from incidents.models import Alert, AlertMute, MaintenanceWindow, Silence
from incidents.queries.silences import (
    find_mates,
    load_grounds,
    open_with_series,
    subject_of,
)
from incidents.services.alert_notices import tell_channels, was_told
from incidents.services.escalations import continue_escalation, suspend_escalations
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each

MOST_ALERTS = 2_000
Row = TypeVar("Row", bound=models.Model)


def settle_mutes(alerts: Sequence[Alert], *, now: datetime) -> list[Alert]:
    """Bring what mutes these open alerts up to date; tells nobody.

    Returns those that are no longer mute.
    """
    grounds = load_grounds(alerts, now)
    begun, released = [], []
    for alert in alerts:
        mutes = {mute.ref: mute for mute in find_mutes(subject_of(alert), grounds, now)}
        if alert.muted_at is not None:
            _rewrite(alert, mutes, now)
            released += [] if mutes else [alert]
        elif mutes:
            begun.append((alert, list(mutes.values())))
    _begin_mutes(begun, now)
    return released


def review_mutes(alerts: Iterable[Alert], *, now: datetime) -> int:
    """Settle these open alerts; what fires and may tell again does, once.

    Returns how many began to tell again.
    """
    released = settle_mutes(list(alerts), now=now)
    for alert in released:
        _tell_again(alert, now)
    return len(released)


def review_mates(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Settle the other rungs of these alerts' ladders, after they changed or ended."""
    rungs = [alert for alert in alerts if alert.ladder_key]
    if rungs:
        keys = {alert.ladder_key for alert in rungs}
        mates = find_mates(keys, {alert.service_id for alert in rungs})
        review_mutes(mates.exclude(pk__in=[alert.pk for alert in rungs]), now=now)


def end_mutes(alerts: Iterable[Alert], *, now: datetime) -> None:
    """They are over: nothing mutes them any more. ``muted_at`` stays as it was."""
    mute = [alert.pk for alert in alerts if alert.muted_at is not None]
    if mute:
        AlertMute.objects.filter(alert__in=mute, ended_at=None).update(ended_at=now)


def apply_silences(*, now: datetime) -> int:
    """Let open alerts feel the silences and windows that have begun."""
    return _begin(
        Silence.objects.filter(starts_at__lte=now, applied_at=None),
        lambda row: (row.team_id, Q(service__team=row.team_id)),
        now,
    ) + _begin(
        MaintenanceWindow.objects.select_related("service").filter(
            starts_at__lte=now, applied_at=None
        ),
        lambda row: (row.service.team_id, Q(service=row.service_id)),
        now,
    )


def settle_due_mutes(*, now: datetime) -> int:
    """Begin and end what only the clock begins and ends; returns how many."""
    begun = apply_silences(now=now)
    due = open_with_series().filter(muted_until__lte=now)
    pks = list(due.values_list("pk", flat=True)[:MOST_ALERTS])
    return begun + sweep_each(pks, lambda pk: _look(pk, now), what="alert")


def _look(pk: int, now: datetime) -> int:
    with transaction.atomic():
        touch_team(Alert.objects.select_related("service").get(pk=pk).service.team_id)
        found = open_with_series().filter(pk=pk, muted_until__lte=now)
        alerts = list(found)
        review_mutes(alerts, now=now)
    return len(alerts)


def _begin(
    rows: models.QuerySet[Row],
    scope_of: Callable[[Row], tuple[int, Q]],
    now: datetime,
) -> int:
    begun = list(rows)
    for row in begun:
        team_id, scope = scope_of(row)
        with transaction.atomic():
            touch_team(team_id)
            won = rows.filter(pk=row.pk).update(applied_at=now)
            review_mutes(open_with_series().filter(scope) if won else (), now=now)
    return len(begun)


def _begin_mutes(begun: Sequence[tuple[Alert, list[Mute]]], now: datetime) -> None:
    """Mute these alerts, which were not, with few statements for all of them."""
    if not begun:
        return
    rows = [_row(alert, mute, now) for alert, mutes in begun for mute in mutes]
    AlertMute.objects.bulk_create(rows)
    looks: dict[datetime | None, list[int]] = defaultdict(list)
    for alert, mutes in begun:
        alert.muted_at, alert.muted_until = now, find_next_look(mutes)
        looks[alert.muted_until].append(alert.pk)
    for until, pks in looks.items():
        Alert.objects.filter(pk__in=pks).update(muted_at=now, muted_until=until)
    suspend_escalations([alert for alert, _ in begun], now=now)


def _rewrite(alert: Alert, mutes: dict[str, Mute], now: datetime) -> None:
    """Write what changed of an alert that is mute."""
    open_rows = AlertMute.objects.filter(alert=alert, ended_at=None)
    kept = {row.ref: row for row in open_rows}
    over = [row.pk for ref, row in kept.items() if ref not in mutes]
    AlertMute.objects.filter(pk__in=over).update(ended_at=now)
    for ref, mute in mutes.items():
        if ref not in kept:
            _row(alert, mute, now).save(force_insert=True)
        elif kept[ref].until != mute.until:
            AlertMute.objects.filter(pk=kept[ref].pk).update(until=mute.until)
    alert.muted_at = alert.muted_at if mutes else None
    alert.muted_until = find_next_look(mutes.values())
    alert.save(update_fields=["muted_at", "muted_until"])


def _row(alert: Alert, mute: Mute, now: datetime) -> AlertMute:
    return AlertMute(
        alert=alert,
        kind=mute.kind,
        ref=mute.ref,
        text=mute.text[:500],
        began_at=now,
        until=mute.until,
    )


def _tell_again(alert: Alert, now: datetime) -> None:
    if alert.status == Alert.Status.FIRING:
        what = f"unmuted:{now:%Y%m%d%H%M%S}" if was_told(alert) else "opened"
        tell_channels(alert, what, now=now)
    continue_escalation(alert, now=now)
