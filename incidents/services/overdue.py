"""What time alone ends or begins: alerts not confirmed, heartbeats not heard."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from incidents.models import Alert, IngestEvent, Integration
from incidents.services.alerts import AlertSignal, ingest_alert, resolve_from_source
from incidents.services.episodes import resolve_alerts
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.moments import say_length
from opsportal.kit.retention import Expiring

BATCH = 2_000
# So that one sweep ends in time; the next one goes on.
MOST_DELETED = 100_000


def end_overdue_alerts(*, now: datetime) -> int:
    """Resolve what its sender no longer confirms or said to be over for long enough.

    Alerts where a heartbeat is missed.
    """
    running = Alert.objects.exclude(status="resolved")
    expired = running.filter(expires_at__lte=now)
    cleared = running.filter(clears_at__lte=now)
    silent = Integration.objects.filter(silent_at__lte=now)
    ended = sweep_each(
        list(expired.values_list("pk", flat=True)[:BATCH]),
        lambda pk: _expire(pk, now),
        what="alert",
    )
    ended += sweep_each(
        list(cleared.values_list("pk", flat=True)[:BATCH]),
        lambda pk: _clear(pk, now),
        what="alert",
    )
    return ended + sweep_each(
        list(silent.values_list("pk", flat=True)[:BATCH]),
        lambda pk: _miss(pk, now),
        what="integration",
    )


def purge_ingest_events(*, now: datetime) -> int:
    """Delete what senders sent longer ago than payloads are kept; returns how many."""
    old = _find_old_payloads(now)
    pks = list(old.values_list("pk", flat=True)[:MOST_DELETED])
    for start in range(0, len(pks), BATCH):
        IngestEvent.objects.filter(pk__in=pks[start : start + BATCH]).delete()
    return len(pks)


def preview_ingest_events(now: datetime) -> Expiring:
    """Say what a purge would delete now."""
    return Expiring(
        "messages of alert senders",
        "OPSPORTAL_KEEP_PAYLOADS_DAYS",
        settings.KEEP_PAYLOADS,
        now - settings.KEEP_PAYLOADS,
        _find_old_payloads(now).count(),
    )


def _find_old_payloads(now: datetime) -> QuerySet[IngestEvent]:
    return IngestEvent.objects.filter(received_at__lt=now - settings.KEEP_PAYLOADS)


def _expire(pk: int, now: datetime) -> int:
    with transaction.atomic():
        series = Alert.objects.select_related("series__integration__service")
        found = series.get(pk=pk).series
        touch_team(found.integration.service.team_id)
        # Confirmed while we waited for the team's row: then it goes on.
        if not Alert.objects.filter(pk=pk, expires_at__lte=now).exists():
            return 0
        ended = resolve_from_source(
            found.integration, found.dedup_key, now=now, how="expiry"
        )
    return int(ended is not None)


def _clear(pk: int, now: datetime) -> int:
    with transaction.atomic():
        alerts = Alert.objects.select_related("service", "incident", "series")
        touch_team(alerts.get(pk=pk).service.team_id)
        # Fired again, or ended, while we waited for the team's row: nothing to do.
        found = list(
            alerts.filter(pk=pk, clears_at__lte=now).exclude(status="resolved")
        )
        if found:
            resolve_alerts(found, how="source", by=None, now=now)
    return len(found)


def _miss(pk: int, now: datetime) -> int:
    with transaction.atomic():
        integration = Integration.objects.select_related("service").get(pk=pk)
        touch_team(integration.service.team_id)
        won = Integration.objects.filter(pk=pk, silent_at__lte=now).update(
            silent_at=None
        )
        if not won or integration.silence_after is None:
            return 0
        ingest_alert(
            integration,
            AlertSignal(
                dedup_key="heartbeat",
                summary=f"{integration.name}: no heartbeat for "
                f"{say_length(integration.silence_after)}",
                level=2,
                metric="heartbeat",
            ),
            now=now,
        )
    return 1
