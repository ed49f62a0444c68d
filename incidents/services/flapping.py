"""Series that come and go: told once, then by a digest, until they are stable.

A change is that an alert opened or was resolved. Changes are kept with the series when
an alert ends, so that what opens costs nothing more.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from incidents.domain import noise
from incidents.models import Alert, AlertMute, AlertSeries
from incidents.queries.silences import open_with_series
from incidents.services.muting import review_mutes
from incidents.services.noise_notices import tell_team
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.nudge import nudge

TASK = "incidents.watch_flapping"
MOST_SERIES = 500
# These hide it altogether: then nobody is told that it flaps either.
_HIDING = ("silence", "maintenance", "storm", "group")


def note_opened(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Find out whether series of alerts that have just opened are flapping.

    Inside the transaction that opens them, before they are settled; no query where
    none begins to flap. The alerts need their series.
    """
    for alert in alerts:
        _judge(alert.series, [*_read(alert.series), now], now)


def note_resolved(alerts: Collection[Alert], *, now: datetime) -> None:
    """Remember the changes of alerts that are over, inside the transaction of it."""
    for alert in alerts:
        series = alert.series
        changes = noise.remember_changes(
            _read(series), alert.opened_at or alert.starts_at, now
        )
        series.changes = [at.isoformat() for at in changes]
        _judge(series, changes, now)
    AlertSeries.objects.bulk_update([alert.series for alert in alerts], ["changes"])


def watch_flapping(*, now: datetime) -> int:
    """Tell that series flap, once and then by digests; release those that are stable."""
    due = AlertSeries.objects.filter(flapping_look_at__lte=now)
    pks = list(due.order_by("flapping_look_at").values_list("pk", flat=True))
    return sweep_each(pks[:MOST_SERIES], lambda pk: _look(pk, now), what="series")


def _judge(series: AlertSeries, changes: Collection[datetime], now: datetime) -> None:
    if series.flapping_at is not None or not noise.is_flapping([*changes], now):
        return
    series.flapping_at = series.flapping_look_at = series.digest_at = now
    series.save(update_fields=["flapping_at", "flapping_look_at", "digest_at"])
    nudge(TASK)


def _read(series: AlertSeries) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in series.changes]


def _look(pk: int, now: datetime) -> int:
    with transaction.atomic():
        rows = AlertSeries.objects.select_related("integration__service")
        touch_team(rows.get(pk=pk).integration.service.team_id)
        series = rows.filter(pk=pk, flapping_look_at__lte=now).first()
        if series is None or series.digest_at is None:
            return 0
        last = Alert.objects.filter(series=series).order_by("-pk")[0]
        changed_at = last.resolved_at or last.opened_at or last.starts_at
        stable_at = noise.stable_at([changed_at])
        if stable_at <= now:
            _release(series, last, now)
            return 1
        if series.digest_at <= now:
            _tell(series, last, now)
            series.digest_at = now + noise.DIGEST_EVERY
        series.flapping_look_at = min(stable_at, series.digest_at)
        series.save(update_fields=["flapping_look_at", "digest_at"])
    return 1


def _tell(series: AlertSeries, last: Alert, now: datetime) -> None:
    since = now - noise.SPAN
    alerts = Alert.objects.filter(series=series)
    opened = alerts.filter(opened_at__gt=since).count()
    changes = opened + alerts.filter(resolved_at__gt=since).count()
    state = "resolved" if last.resolved_at else "firing"
    _say(
        series,
        last,
        subject=f"Flapping: {last.summary}",
        text=f"It changed {changes} times in the last 30 min and is {state} now. "
        "It tells again when it is stable for 10 min; until then a digest says every "
        "30 min how it is.",
        now=now,
    )


def _release(series: AlertSeries, last: Alert, now: datetime) -> None:
    """It is stable: what fires may tell again, and what is over is told to be."""
    began = series.flapping_at
    series.flapping_at = series.flapping_look_at = series.digest_at = None
    series.changes = []
    series.save(
        update_fields=["flapping_at", "flapping_look_at", "digest_at", "changes"]
    )
    if last.resolved_at is None:
        review_mutes(open_with_series().filter(pk=last.pk), now=now)
        return
    _say(
        series,
        last,
        subject=f"Stable again, resolved: {last.summary}",
        text=f"It was flapping since {began:%Y-%m-%d %H:%M} UTC.",
        now=now,
    )


def _say(
    series: AlertSeries, last: Alert, *, subject: str, text: str, now: datetime
) -> None:
    hidden = AlertMute.objects.filter(
        Q(ended_at=None) | Q(ended_at=last.resolved_at), alert=last, kind__in=_HIDING
    )
    if not hidden.exists():
        tell_team(
            series.integration.service,
            f"alert:{last.pk}",
            f"flapping:{now:%Y%m%d%H%M}",
            subject=subject,
            text=text,
            url=reverse("alert_detail", args=[last.pk]),
            now=now,
        )
