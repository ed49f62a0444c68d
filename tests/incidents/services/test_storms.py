"""A storm is told as one, and loses nothing."""

from datetime import timedelta

import pytest

from incidents.domain import storm as domain
from incidents.models import Alert, Escalation, Storm
from incidents.queries import storms as queries
from incidents.services import alerts, storms
from incidents.services.alerts import AlertSignal
from incidents.services.escalating import advance_escalations
from oncall.models import Notification
from opsportal.kit.errors import Refused
from tests.conftest import NOW
from tests.factories.incidents import SeverityLevelFactory
from tests.incidents.services.test_muting import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three in a minute are a storm here, so that tests are short."""
    monkeypatch.setattr(domain, "MOST_OPENED", 2)
    monkeypatch.setattr(domain, "CALM_BELOW", 2)


@pytest.fixture
def world():
    return World()


def fire(world, number, at, level=3, key="", **fields):
    signal = AlertSignal(
        dedup_key=key or f"lag:{number}",
        summary=f"Lag of {number}",
        level=level,
        metric="lag",
        labels={"host": f"db{number}", "zone": "a"},
        **fields,
    )
    return alerts.ingest_alert(world.integration, signal, now=at)


def blow(world, count=4, level=3):
    return [fire(world, n, NOW + n * SECOND, level) for n in range(count)]


def said():
    rows = Notification.objects.filter(topic__startswith="storm:").order_by("pk")
    return [row.subject for row in rows]


def test_the_third_in_a_minute_begins_a_storm_and_one_speaks_for_all(world):
    opened = blow(world)
    row = Storm.objects.get()
    assert (row.began_at, row.exempt_level) == (NOW + 2 * SECOND, 3)
    told_apart = [bool(Alert.objects.get(pk=each.pk).muted_at) for each in opened]
    # The two before it were told already; the first of them goes on climbing.
    assert told_apart == [False, True, True, True]
    assert Alert.objects.count() == 4
    assert set(Escalation.objects.values_list("alert", "next_step_at")) == {
        (opened[0].pk, NOW),
        (opened[1].pk, None),
    }


def test_alerts_far_apart_are_no_storm(world):
    for n in range(6):
        fire(world, n, NOW + n * 30 * SECOND)
    assert not Storm.objects.exists()


def test_people_are_paged_once_for_the_worst_level(world):
    blow(world, 4, level=2)
    for n in range(4, 8):
        fire(world, n, NOW + n * SECOND, level=1)
    advance_escalations(now=NOW + 10 * SECOND)
    pages = Notification.objects.exclude(recipient=None).exclude(state="cancelled")
    assert pages.count() == 2
    assert Storm.objects.get().exempt_level == 1


def test_a_summary_a_minute_says_how_many_and_what_they_have_in_common(world):
    word = SeverityLevelFactory(service=world.service, label="P2", level=2)
    blow(world)
    at = NOW + 4 * SECOND
    assert storms.watch_storms(now=at) == 1
    assert storms.watch_storms(now=at + SECOND) == 0
    row = Storm.objects.select_related("incident").get()
    assert (row.incident.status, row.incident.severity) == ("triage", word)
    assert row.incident.title == "Alert storm on ARQ"
    assert row.incident.alerts.count() == 1
    assert [tuple(each[:2]) for each in row.common] == [
        ("metric", "lag"),
        ("zone", "a"),
    ]
    fire(world, 5, at + 30 * SECOND)
    storms.watch_storms(now=at + 61 * SECOND)
    # Nothing new in the third minute: nothing is told.
    storms.watch_storms(now=at + 122 * SECOND)
    assert said() == [
        "[ARQ] Alert storm: 4 alerts so far",
        "[ARQ] Alert storm: 5 alerts, 1 new",
    ]
    text = Notification.objects.get(subject=said()[1]).text
    assert text == (
        "5 of them fire. Most in a minute: 4.\n"
        "In common: metric=lag (5 of 5), zone=a (5 of 5)\n"
        f"Incident {row.incident.ref}."
    )


def test_all_that_opened_are_counted_also_what_told_or_was_over_by_then(world):
    fire(world, 0, NOW)
    alerts.resolve_from_source(world.integration, "lag:0", now=NOW + SECOND)
    for n in range(1, 3):
        fire(world, n, NOW + n * SECOND)
    fire(world, 3, NOW + 3 * SECOND, level=1)
    storms.watch_storms(now=NOW + 5 * SECOND)
    row = Storm.objects.get()
    assert Alert.objects.filter(storm=row).count() == 1
    assert (row.alert_count, queries.count_firing(row)) == (4, 3)
    assert row.common[0] == ["metric", "lag", 4]


def test_it_ends_after_five_calm_minutes_and_the_worst_that_fire_tell(world):
    opened = blow(world)
    storms.watch_storms(now=NOW + 5 * SECOND)
    alerts.resolve_from_source(world.integration, "lag:3", now=NOW + 6 * SECOND)
    storms.watch_storms(now=NOW + 2 * MINUTE)
    storms.watch_storms(now=NOW + 6 * MINUTE)
    assert Storm.objects.get().ended_at is None
    storms.watch_storms(now=NOW + 7 * MINUTE)
    row = Storm.objects.select_related("incident").get()
    assert row.ended_at == NOW + 7 * MINUTE
    assert said()[-1] == "[ARQ] The alert storm is over: 4 alerts"
    assert row.incident.timeline.last().text == "The alert storm is over: 4 alerts."
    # What is told again by itself is of the storm as before; what is resolved fires not.
    assert queries.count_firing(row) == 3
    loud = Alert.objects.filter(muted_at=None).order_by("pk")
    assert list(loud) == opened[:3]
    told = Notification.objects.filter(topic=f"alert:{opened[2].pk}")
    assert told.filter(dedupe_key__contains=":opened:").exists()
    # The next many are another storm.
    for n in range(10, 14):
        fire(world, n, NOW + 8 * MINUTE + n * SECOND)
    assert Storm.objects.count() == 2
    assert queries.opened_in(row).count() == 4


def test_a_storm_without_an_incident_or_a_twin_sweep_ends_quietly(world):
    blow(world)
    row = Storm.objects.get()
    at = NOW + 10 * MINUTE
    row.calm_since = NOW
    row.save(update_fields=["calm_since"])
    stale = Storm.objects.select_related("service", "incident").get()
    assert storms.watch_storms(now=at) == 1
    assert said() == ["[ARQ] The alert storm is over: 4 alerts"]
    assert storms._end(stale, at) == 0
    assert storms._sum_up(stale, at) == 0


@pytest.mark.parametrize("is_series", [True, False])
def test_the_cooldown_that_it_suggests_is_applied_once(world, is_series):
    if is_series:
        for n in range(4):
            fire(world, n, NOW + n * SECOND, key="lag")
            alerts.resolve_from_source(world.integration, "lag", now=NOW + n * SECOND)
    else:
        blow(world)
    storms.watch_storms(now=NOW + 5 * SECOND)
    row = Storm.objects.select_related("culprit", "sender", "service").get()
    storms.cool_storm(row, by=world.engineer, now=NOW + 6 * SECOND)
    thing = row.culprit if is_series else row.sender
    thing.refresh_from_db()
    assert thing.cooldown == timedelta(minutes=10)
    with pytest.raises(Refused):
        storms.cool_storm(row, by=world.engineer, now=NOW + 7 * SECOND)
