"""Alerts by the hundred through the real doors: each is told, whatever dies."""

import pytest
from django.db import connection

from incidents.models import Alert, IngestEvent
from oncall.models import Notification
from tests.faults.harness import PATIENCE
from tests.faults.ledger import Senders, count_leased, count_told, make_services
from tests.faults.test_killed import assert_every_promise_kept

pytestmark = pytest.mark.faults


class Siege:
    """A portal with senders before it; what dies is done by ``strike``.

    ``claimed`` counts what was under way each time that something died: so many
    messages may be told once more.
    """

    def __init__(self, world, count, *, pause):
        self.world, self.count, self.claimed = world, count, 0
        keys = make_services(world, count)
        self.broker = world.spawn_broker()
        self.web = world.spawn_web()
        self.senders = Senders(world.port, keys, count, pause=pause)

    def wait_for_accepted(self, share):
        wanted = self.count * share
        self.world.wait_for(
            f"{wanted} taken", lambda: len(self.senders.accepted) >= wanted
        )

    def strike(self, act):
        """Let something die; count what it may have had in its hands."""
        act()
        self.claimed += count_leased()

    def crash_database(self):
        if connection.vendor == "postgresql":
            self.world.crash_database()

    def wait_until_told(self, patience):
        sent = Notification.objects.filter(state=Notification.State.SENT)
        waiting = IngestEvent.objects.filter(status=IngestEvent.Status.WAITING)
        self.world.wait_for(
            "everybody told",
            lambda: sent.count() >= self.count and not waiting.exists(),
            patience=patience,
        )

    def assert_nothing_lost(self):
        """All that was taken is told; no more often than the dead excuse."""
        told = count_told(self.world)
        wanted = {f"alert-{number}" for number in range(self.count)}
        assert self.senders.strange == []
        assert self.senders.accepted == wanted
        assert set(told) == wanted
        assert told.total() - len(wanted) <= self.claimed
        # Each tenth was sent five times, and is one alert of five.
        alerts = Alert.objects.order_by().values_list(
            "series__dedup_key", "event_count"
        )
        counts = dict(alerts)
        assert Alert.objects.count() == self.count
        assert min(counts[f"alert-{n}"] for n in range(0, self.count, 10)) >= 5
        assert IngestEvent.objects.filter(status="accepted").count() >= sum(
            5 if number % 10 == 0 else 1 for number in range(self.count)
        )


def besiege(world, count, *, pause=0.1, patience=2 * PATIENCE):
    """Kill everything once while alerts come in."""
    siege = Siege(world, count, pause=pause)
    zombie = world.spawn("engine")
    siege.wait_for_accepted(0.2)
    world.slack.gate.clear()
    world.wait_for("pages under way", lambda: world.slack.in_flight)
    siege.strike(zombie.pause)
    world.slack.gate.set()
    engine = world.spawn("engine")
    siege.wait_for_accepted(0.4)
    siege.strike(engine.kill9)
    engine.start()
    assert siege.web.kill9_children() >= 1
    siege.wait_for_accepted(0.6)
    siege.broker.kill9()
    siege.strike(siege.crash_database)
    siege.wait_for_accepted(0.8)
    siege.broker.start()
    siege.senders.join()
    cut_power(siege, engine)
    siege.wait_until_told(patience)
    zombie.resume()
    world.wait_for("the web again", lambda: world.get("/readyz") == 200)
    siege.assert_nothing_lost()
    assert_every_promise_kept()
    assert zombie.stop() == 0


def cut_power(siege, engine):
    """Everything ends at once, and then all of it comes back."""
    machines = (siege.broker, siege.web, engine)
    siege.strike(lambda: [each.kill9() for each in machines])
    siege.strike(siege.crash_database)
    before = count_told(siege.world).total()
    for each in machines:
        each.start()
    if before < siege.count:
        siege.world.wait_for(
            "a first page", lambda: count_told(siege.world).total() > before
        )


def test_everything_dies_once_and_nothing_is_lost(world):
    besiege(world, 120)


@pytest.mark.soak
def test_everything_dies_once_and_none_of_10000_is_lost(world):
    besiege(world, 10_000, pause=0.01, patience=20 * PATIENCE)


def test_engines_relieve_each_other_and_nobody_is_told_twice(world):
    world.programs = ("web",)
    siege = Siege(world, 80, pause=0.05)
    old = world.spawn("engine")
    world.wait_for("a first page", lambda: world.slack.posts)
    new = world.spawn("engine")
    siege.wait_for_accepted(0.9)
    # What it has begun it ends.
    assert old.stop() == 0
    siege.senders.join()
    siege.wait_until_told(PATIENCE)
    siege.assert_nothing_lost()
    assert siege.claimed == 0
    assert_every_promise_kept()
    new.stop()
