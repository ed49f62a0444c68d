"""One series tells at most once a cooldown, and says that it is over iff it told."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.models import Alert, AlertSeries, Integration
from incidents.services import alerts, cooldowns
from incidents.services.muting import settle_due_mutes
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError
from tests.incidents.services.test_muting import World, at

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world():
    return World()


def clear(world, minutes, key="lag"):
    alerts.resolve_from_source(world.integration, key, now=at(minutes))


def said(key="lag"):
    rows = Notification.objects.exclude(channel=None).filter(subject__contains=key)
    return [row.dedupe_key.split(":")[2] for row in rows.order_by("pk")]


def cool(world, minutes, length=5):
    world.integration.refresh_from_db()
    cooldowns.cool_sender(
        world.integration, length * MINUTE, by=world.engineer, now=at(minutes)
    )


def test_the_second_time_in_a_cooldown_tells_nobody_unless_it_outlasts_it(world):
    cool(world, 0)
    world.fires(0)
    clear(world, 1)
    world.fires(2)
    clear(world, 3)
    assert said() == ["opened", "resolved"]
    alert = world.fires(4)
    assert (alert.muted_at, alert.muted_until) == (at(4), at(5))
    assert settle_due_mutes(now=at(5)) == 1
    clear(world, 6)
    assert said() == ["opened", "resolved", "opened", "resolved"]


def test_a_series_may_have_a_cooldown_of_its_own(world):
    cool(world, 0)
    world.fires(0)
    clear(world, 1)
    series = AlertSeries.objects.select_related("integration__service").get()
    alert = world.fires(2)
    cooldowns.cool_series(series, timedelta(), by=world.engineer, now=at(3))
    alert.refresh_from_db()
    assert (alert.muted_at, said()) == (None, ["opened", "resolved", "opened"])
    entry = AuditEntry.objects.get(action="series.cooldown")
    assert (entry.before, entry.after) == ({"cooldown": None}, {"cooldown": 0})


@pytest.mark.parametrize("length", [-1, 60 * 24 * 8])
def test_a_length_that_makes_no_sense_is_refused(world, length):
    with pytest.raises(PortalError) as refused:
        cool(world, 0, length)
    assert refused.value.field == "cooldown"
    assert Integration.objects.get().cooldown is None


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.integers(1, 9),
    st.lists(
        st.tuples(st.sampled_from(["fires", "clear"]), st.integers(1, 4)), max_size=12
    ),
)
def test_firing_and_resolved_notices_keep_to_the_cooldown(cooldown, script):
    Alert.objects.all().delete()
    Notification.objects.all().delete()
    world = World()
    cool(world, 0, cooldown)
    clock = 0
    for act, wait in script:
        clock += wait
        settle_due_mutes(now=at(clock))
        getattr(world, act)(clock) if act == "fires" else clear(world, clock)
    heard = said()
    assert heard.count("opened") <= 1 + clock // cooldown
    # Firing and resolved take turns: nobody hears of an end without a beginning.
    assert heard == (["opened", "resolved"] * len(heard))[: len(heard)]
