"""The inbox: stored before it is answered, applied right after, nothing lost."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.domain.payloads.signal import Signal
from incidents.models import Alert, AlertSeries, IngestEvent, Integration
from incidents.services import inbox
from incidents.services.messages import Message
from oncall.models import Notification
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory
from tests.factories.oncall import ChannelFactory
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KEY = hash_token("k" * 32)
MINUTE = timedelta(minutes=1)


def trigger(key="disk", **changes):
    fields = {"action": "trigger", "dedup_key": key, "summary": "Full", "labels": {}}
    return Signal(**fields | changes)


def resolve(key="disk"):
    return Signal(action="resolve", dedup_key=key)


def send(*signals, external_id="", kind="pagerduty"):
    message = Message(kind=kind, body=b"{}", external_id=external_id)
    return inbox.store(KEY, kind, message, signals, now=NOW)


@pytest.fixture
def sender():
    sender = IntegrationFactory(kind="pagerduty", name="PD", key_hash=KEY)
    ChannelFactory(team=sender.service.team)
    return sender


def test_what_is_stored_waits_and_is_applied_once(sender):
    number = send(trigger())
    stored = IngestEvent.objects.get()
    assert (stored.pk, stored.status, stored.integration) == (number, "waiting", sender)
    assert not Alert.objects.exists()
    assert inbox.apply_inbox(now=NOW + MINUTE) == 1
    assert inbox.apply_inbox(now=NOW + MINUTE) == 0
    stored.refresh_from_db()
    alert = Alert.objects.get()
    assert (stored.status, stored.reason, stored.signals) == (
        "accepted",
        "1 opened",
        "",
    )
    assert (stored.alert, alert.last_seen_at) == (alert, NOW + MINUTE)


def test_what_changes_lasts_as_long_as_it_says_then(sender):
    for minutes in (1, 2):
        send(trigger(summary=f"Full {minutes}", expires_at=NOW + minutes * MINUTE))
        inbox.apply_inbox(now=NOW)
        assert Alert.objects.get().expires_at == NOW + minutes * MINUTE


def test_who_has_no_key_is_off_or_comes_again_stores_nothing(sender):
    assert send(trigger(), kind="grafana") is None
    assert send(trigger(), external_id="m-1") is not None
    assert send(trigger(), external_id="m-1") is None
    Integration.objects.update(is_enabled=False)
    assert send(trigger()) is None
    Integration.objects.update(is_enabled=True, key_hash="", old_key_hash=KEY)
    assert send(trigger()) is None
    Integration.objects.update(old_key_until=NOW + MINUTE)
    assert send(trigger()) is not None
    assert IngestEvent.objects.count() == 2


def test_many_messages_keep_their_order(sender):
    send(trigger(), trigger("other"))
    send(trigger())
    send(resolve())
    send(trigger(summary="Full again"))
    send(trigger(summary="Fuller"))
    assert inbox.apply_inbox(now=NOW) == 5
    reasons = list(IngestEvent.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == [
        "2 opened",
        "1 already open",
        "1 resolved",
        "1 opened",
        "1 already open",
    ]
    rows = Alert.objects.filter(series__dedup_key="disk").order_by("pk")
    assert list(rows.values_list("status", "summary", "event_count")) == [
        ("resolved", "Full", 2),
        ("firing", "Fuller", 2),
    ]


def test_what_opens_and_is_acknowledged_together_is_acknowledged(sender):
    send(trigger())
    send(Signal(action="acknowledge", dedup_key="disk"))
    inbox.apply_inbox(now=NOW)
    assert Alert.objects.get().status == "acknowledged"


def open_and_end(count, start=0):
    """Return with how many statements so many alerts open, and how many end them."""
    keys = [f"{start}-{n}" for n in range(count)]
    asked = []
    for act in (trigger, resolve):
        send(*(act(key) for key in keys))
        with CaptureQueriesContext(connection) as queries:
            inbox.apply_inbox(now=NOW)
        asked.append(len(queries))
    return asked


def test_twenty_alerts_cost_as_many_statements_as_three(sender):
    few = open_and_end(3)
    # SQLite writes 999 values a statement, which is 29 alerts.
    assert open_and_end(20, start=1) == few
    assert AlertSeries.objects.count() == 23
    assert Notification.objects.count() == 46


@pytest.mark.parametrize("is_mute", [False, True])
def test_thirty_repeats_cost_as_many_statements_as_three(sender, is_mute):
    if is_mute:
        sender.hold_for = MINUTE
        sender.save()
    asked = []
    for count in (3, 30):
        send(*(trigger(f"{count}-{n}") for n in range(count)))
        inbox.apply_inbox(now=NOW)
        send(*(trigger(f"{count}-{n}") for n in range(count)))
        with CaptureQueriesContext(connection) as queries:
            inbox.apply_inbox(now=NOW)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert Alert.objects.filter(event_count=2).count() == 33
    assert Notification.objects.exists() is not is_mute


def test_what_is_mute_tells_with_the_repeat_after_its_time(sender):
    Integration.objects.update(hold_for=MINUTE)
    send(trigger())
    inbox.apply_inbox(now=NOW)
    for minutes, told in ((0.5, 0), (1, 1), (2, 1)):
        send(trigger())
        inbox.apply_inbox(now=NOW + minutes * MINUTE)
        assert Notification.objects.count() == told


def test_a_message_that_cannot_be_applied_holds_up_nobody(sender):
    send(trigger())
    broken = send(trigger("broken"))
    IngestEvent.objects.filter(pk=broken).update(signals="[{}]")
    send(trigger("last"))
    assert inbox.apply_inbox(now=NOW) == 3
    assert Alert.objects.count() == 2
    failed = IngestEvent.objects.get(status="failed")
    assert failed.pk == broken
    assert failed.reason.startswith("Not applied: TypeError")
    assert failed.signals == "[{}]"


@pytest.mark.parametrize("errors", [[OperationalError], [ValueError, OperationalError]])
def test_while_the_database_is_away_everything_waits(sender, monkeypatch, errors):
    left = iter(errors)

    def fail(*_args, **_named):
        raise next(left)

    send(trigger())
    monkeypatch.setattr(inbox, "apply_events", fail)
    with pytest.raises(OperationalError):
        inbox.apply_inbox(now=NOW)
    assert IngestEvent.objects.get().status == "waiting"


def test_what_another_worker_applies_is_left_to_it(sender, monkeypatch):
    send(trigger())
    monkeypatch.setattr(inbox, "takes_turn", lambda *_: False)
    assert inbox.apply_inbox(now=NOW) == 0
    assert IngestEvent.objects.get().status == "waiting"


def test_a_sweep_ends_and_wakes_the_next(sender, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_TOGETHER", 1)
    monkeypatch.setattr(inbox, "MOST_SWEPT", 2)
    for _ in range(3):
        send(trigger())
    assert inbox.apply_inbox(now=NOW) == 2
    assert inbox.apply_inbox(now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_from_eight_threads_is_one_alert_with_an_exact_count():
    IntegrationFactory(kind="pagerduty", name="PD", key_hash=KEY)

    def act(_number):
        for _ in range(5):
            send(trigger())
            inbox.apply_inbox(now=NOW)

    assert run_together(8, act) == []
    inbox.apply_inbox(now=NOW)
    assert Alert.objects.get().event_count == 40
    assert IngestEvent.objects.filter(status="accepted").count() == 40


@transaction.atomic
def send_on_a_closed_connection():
    connection.connection.close()
    send(trigger())


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_closed_behind_our_back_is_replaced(sender):
    if connection.vendor == "sqlite":
        pytest.skip("a file does not hang up")
    connection.ensure_connection()
    connection.connection.close()
    assert send(trigger()) is not None
    # Inside a transaction nothing can be tried again.
    with pytest.raises((OperationalError, InterfaceError)):
        send_on_a_closed_connection()
    connection.close()
    assert IngestEvent.objects.count() == 1
