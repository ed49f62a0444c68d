"""What time alone ends or begins."""

from datetime import timedelta

import pytest

from incidents.domain.payloads.signal import Signal
from incidents.models import Alert, IngestEvent, Integration
from incidents.services import intake, overdue
from incidents.services.messages import Message
from tests.conftest import NOW
from tests.factories.incidents import IngestEventFactory, IntegrationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
MESSAGE = Message(kind="heartbeat", body=b"")


def test_an_alert_that_nobody_confirms_is_over():
    integration = IntegrationFactory(kind="prometheus", name="P")
    signal = Signal(
        action="trigger", dedup_key="a", summary="x", expires_at=NOW + MINUTE
    )
    intake.receive(integration, MESSAGE, [signal], now=NOW)
    assert overdue.end_overdue_alerts(now=NOW) == 0
    assert overdue.end_overdue_alerts(now=NOW + MINUTE) == 1
    alert = Alert.objects.get()
    assert (alert.status, alert.resolved_how) == ("resolved", "expiry")
    assert overdue.end_overdue_alerts(now=NOW + MINUTE) == 0
    assert overdue._expire(alert.pk, NOW) == 0


def test_a_missed_heartbeat_is_one_alert_until_it_is_heard():
    integration = IntegrationFactory(
        kind="heartbeat", name="Backup", silence_after=5 * MINUTE, silent_at=NOW
    )
    assert overdue.end_overdue_alerts(now=NOW) == 1
    assert overdue.end_overdue_alerts(now=NOW + MINUTE) == 0
    assert Alert.objects.get().summary == "Backup: no heartbeat for 5 min"
    intake.take_heartbeat(integration, MESSAGE, now=NOW + MINUTE)
    assert Alert.objects.get().status == "resolved"
    integration.refresh_from_db()
    assert integration.silent_at == NOW + 6 * MINUTE


def test_a_heartbeat_that_nobody_waits_for_is_only_noted():
    integration = IntegrationFactory(kind="heartbeat", name="Backup")
    intake.take_heartbeat(integration, MESSAGE, now=NOW)
    assert Integration.objects.get().silent_at is None
    Integration.objects.update(silent_at=NOW)
    assert overdue.end_overdue_alerts(now=NOW) == 0


def test_old_payloads_are_forgotten():
    IngestEventFactory(received_at=NOW - timedelta(days=91))
    kept = IngestEventFactory(received_at=NOW - timedelta(days=89))
    assert overdue.preview_ingest_events(NOW).count == 1
    assert overdue.purge_ingest_events(now=NOW) == 1
    assert IngestEvent.objects.get() == kept
