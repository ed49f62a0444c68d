"""What comes and goes tells once, then by digests, until it is stable."""

from datetime import timedelta

import pytest

from incidents.models import Alert, AlertSeries
from incidents.services import alerts, flapping
from incidents.services.flapping import watch_flapping
from oncall.models import Notification
from tests.incidents.services.test_muting import World, at

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    return World()


def clear(world, minutes):
    alerts.resolve_from_source(world.integration, "lag", now=at(minutes))


def flap(world, times=3, every=4):
    """Fire and be resolved so often: the sixth change is at minute 10."""
    for n in range(times):
        world.fires(n * every)
        clear(world, n * every + every // 2)


def heard():
    """The first words that the channel heard, in order."""
    rows = Notification.objects.exclude(channel=None).order_by("created_at", "pk")
    return [row.subject.removeprefix("[ARQ] ").split(":")[0] for row in rows]


def test_the_sixth_change_is_told_and_those_after_it_are_not(world):
    flap(world)
    assert AlertSeries.objects.get().flapping_at == at(10)
    assert watch_flapping(now=at(10)) == 1
    assert watch_flapping(now=at(11)) == 0
    told = [*["High", "Resolved"] * 3, "Flapping"]
    assert heard() == told
    flap_more = world.fires(12)
    clear(world, 14)
    assert heard() == told
    flap_more.refresh_from_db()
    assert flap_more.muted_at == at(12)


def test_a_digest_says_every_half_hour_how_it_is(world):
    flap(world)
    watch_flapping(now=at(10))
    for n in range(12, 45, 6):
        world.fires(n)
        clear(world, n + 3)
        watch_flapping(now=at(n + 3))
    rows = Notification.objects.filter(subject__contains="Flapping").order_by("pk")
    assert [(row.created_at - at(0)) / timedelta(minutes=1) for row in rows] == [10, 45]
    assert rows[1].text.startswith("It changed 10 times in the last 30 min and is res")


def test_what_fires_when_it_is_stable_tells_again_once(world):
    flap(world)
    world.fires(11)
    watch_flapping(now=at(12))
    assert watch_flapping(now=at(20)) == 0
    watch_flapping(now=at(21))
    series = AlertSeries.objects.get()
    assert (series.flapping_at, series.flapping_look_at, series.changes) == (
        None,
        None,
        [],
    )
    assert Alert.objects.get(resolved_at=None).muted_at is None
    assert heard()[-2:] == ["Flapping", "High"]


def test_what_is_over_when_it_is_stable_is_told_to_be(world):
    flap(world)
    watch_flapping(now=at(10))
    watch_flapping(now=at(20))
    assert heard()[-1] == "Stable again, resolved"


def test_a_worse_level_is_told_all_the_same(world):
    flap(world)
    assert world.fires(12, level=1).muted_at is None


def test_what_is_silenced_flaps_in_silence(world):
    world.silence(0, 60)
    flap(world)
    watch_flapping(now=at(10))
    watch_flapping(now=at(20))
    assert heard() == []


def test_another_sweep_that_looks_too_early_changes_nothing(world):
    flap(world)
    watch_flapping(now=at(10))
    series = AlertSeries.objects.get()
    assert flapping._look(series.pk, at(10)) == 0
    assert AlertSeries.objects.get().digest_at == series.digest_at
