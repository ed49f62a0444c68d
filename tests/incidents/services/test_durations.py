"""An alert tells when it lasts, and is over when its end does."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from incidents.domain.payloads.signal import Signal
from incidents.models import Alert, AlertEvent, AlertMute, Integration
from incidents.services import alerts, durations, overdue
from incidents.services.applying import Letter, apply_letters
from incidents.services.cooldowns import cool_sender
from incidents.services.muting import settle_due_mutes
from incidents.services.overdue import end_overdue_alerts
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError
from tests.incidents.services.test_muting import World, at, pages, said

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world():
    return World()


def last(world, hold=0, clear=0):
    world.integration.refresh_from_db()
    durations.set_durations(
        world.integration, hold * MINUTE, clear * MINUTE, by=world.engineer, now=at(0)
    )


def ends(world, minutes):
    return alerts.resolve_from_source(world.integration, "lag", now=at(minutes))


def sweep(minutes):
    settle_due_mutes(now=at(minutes))
    end_overdue_alerts(now=at(minutes))


def test_what_goes_on_tells_once_it_lasted(world):
    last(world, hold=2)
    alert = world.fires(0)
    assert (alert.held_at, alert.muted_until) == (at(2), at(2))
    assert AlertMute.objects.get().kind == "hold"
    sweep(1)
    assert (said(), pages()) == ([], [])
    sweep(2)
    alert.refresh_from_db()
    assert (alert.muted_at, said()) == (None, ["opened"])
    ends(world, 3)
    assert said() == ["opened", "resolved"]


def test_one_good_reading_begins_anew(world):
    last(world, hold=2, clear=5)
    for minute in (0, 1, 2, 3):
        (world.fires if minute % 2 == 0 else lambda m: ends(world, m))(minute)
        sweep(minute)
    assert Alert.objects.filter(status="resolved").count() == 2
    assert said() == []


def test_what_began_long_ago_tells_at_once(world):
    last(world, hold=2)
    alert = world.fires(0, starts_at=at(-2))
    assert (alert.held_at, said()) == (None, ["opened"])


def test_an_end_counts_once_it_lasted(world):
    last(world, clear=5)
    alert = world.fires(0)
    assert ends(world, 1) == alert
    sweep(5)
    # Said once more: the first time counts.
    ends(world, 5)
    alert.refresh_from_db()
    assert (alert.status, alert.clears_at) == ("firing", at(6))
    assert AlertEvent.objects.filter(kind="clearing").count() == 1
    sweep(6)
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_how) == ("resolved", "source")
    assert said() == ["opened", "resolved"]


def test_what_fires_again_goes_on_as_the_same_alert(world):
    last(world, clear=5)
    first = world.fires(0)
    ends(world, 1)
    assert world.fires(3) == first
    sweep(6)
    first.refresh_from_db()
    assert (first.status, first.clears_at, said()) == ("firing", None, ["opened"])
    ends(world, 7)
    alerts.resolve_alert(first.pk, by=world.engineer, now=at(8))
    sweep(12)
    assert said() == ["opened", "resolved"]


def test_what_fires_again_while_the_sweep_waits_goes_on(world, monkeypatch):
    last(world, clear=5)
    world.fires(0)
    ends(world, 1)
    monkeypatch.setattr(overdue, "touch_team", lambda _team: world.fires(6))
    assert end_overdue_alerts(now=at(6)) == 0
    assert Alert.objects.get().status == "firing"


def test_messages_that_wait_together_keep_to_it(world):
    last(world, clear=5)
    world.integration.refresh_from_db()

    def hears(minutes, *actions):
        said_now = [
            Signal(action=each, dedup_key="lag", summary="Lag is high")
            for each in actions
        ]
        letter = Letter(world.integration, said_now)
        apply_letters([letter], now=at(minutes))
        return letter.say()

    assert hears(0, "trigger", "resolve") == "1 opened, 1 over unless it fires again"
    assert Alert.objects.get().clears_at == at(5)
    assert hears(1, "trigger", "resolve", "trigger").startswith("2 already open")
    assert Alert.objects.get().clears_at is None
    hears(2, "resolve")
    end_overdue_alerts(now=at(6))
    assert Alert.objects.get().status == "firing"
    end_overdue_alerts(now=at(7))
    assert Alert.objects.get().status == "resolved"
    assert hears(8, "resolve") == "1 with nothing open"


def test_the_rule_of_the_runbook(world):
    """decision-latency-p99: above 500 for 2 min, then not again within 5 min."""
    last(world, hold=2)
    cool_sender(world.integration, 5 * MINUTE, by=world.engineer, now=at(0))
    reading = {"metric": "decision-latency-p99", "threshold": "500", "level": 2}
    for minute in range(10):
        if minute in {4, 8}:
            ends(world, minute)
        else:
            world.fires(minute, value="620", **reading)
        sweep(minute)
    rows = Notification.objects.exclude(channel=None).order_by("pk")
    heard = [
        (r.dedupe_key.split(":")[2], (r.created_at - at(0)) / MINUTE) for r in rows
    ]
    assert heard == [("opened", 2), ("resolved", 4), ("opened", 7), ("resolved", 8)]


def test_lengths_are_checked_and_audited(world):
    for hold, clear, field in ((-1, 0, "hold_for"), (0, 24 * 60 + 1, "clear_for")):
        with pytest.raises(PortalError) as refused:
            last(world, hold, clear)
        assert refused.value.field == field
    last(world, hold=2)
    sender = Integration.objects.get()
    assert (sender.hold_for, sender.clear_for) == (2 * MINUTE, None)
    entry = AuditEntry.objects.get(action="integration.durations")
    assert entry.after == {"hold_for": 120, "clear_for": None}


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 3), st.integers(0, 3), st.lists(st.booleans(), max_size=12))
@example(hold=0, clear=0, held=[True, False] * 6)
def test_whatever_it_reads_it_tells_after_so_long_and_never_before(hold, clear, held):
    Notification.objects.all().delete()
    Alert.objects.all().delete()
    world = World()
    last(world, hold, clear)
    told = 0
    for minute, holds in enumerate(held):
        (world.fires if holds else lambda m, w=world: ends(w, m))(minute)
        sweep(minute)
        run = held[max(0, minute - hold) : minute + 1]
        has_held = len(run) > hold and all(run)
        if said().count("opened") > told:
            assert has_held
            told += 1
        open_one = Alert.objects.exclude(status="resolved").first()
        if has_held:
            # What begins and ends again and again is flapping, and quiet for that.
            assert open_one.muted_at is None or open_one.series.flapping_at
        if not any(held[max(0, minute - clear) : minute + 1]):
            assert open_one is None
