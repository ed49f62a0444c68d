"""Whom an alert pages stands in the timeline of its incident by itself."""

from datetime import timedelta

import pytest

from incidents.queries.told import Sending, list_sendings
from incidents.services import escalations, linking
from incidents.services.alerts import acknowledge_alert
from incidents.services.escalating import advance_escalations
from oncall.models import Notification
from tests.factories.incidents import IncidentFactory
from tests.incidents.services.test_escalating import NOW, World, at, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    return World()


def timeline_of(incident):
    rows = incident.timeline.order_by("occurred_at", "pk")
    return [(row.kind, (row.occurred_at - NOW).seconds // 60) for row in rows]


def test_pages_and_steps_are_written_down_once_before_and_after_the_link(world):
    a, b, c = world.people
    world.climbs(world.step(0, a, b), world.step(15, world.lead), world.step(30, c))
    alert = world.fires()
    incident = IncidentFactory(service=world.service)
    sweep(0, 15)
    linking.link_alert(incident.pk, alert.pk, by=a, now=at(20))
    sweep(30)
    escalations.page_by_hand(alert.pk, [b.pk], "Bring the key", by=a, now=at(31))
    acknowledge_alert(alert.pk, by=a, now=at(32))
    linking.unlink_alert(incident.pk, alert.pk, by=a, now=at(33))
    linking.link_alert(incident.pk, alert.pk, by=a, now=at(34))
    rows = [row for row in timeline_of(incident) if row[0] != "alert"]
    assert rows == [
        ("told", 0),
        ("told", 15),
        ("told", 30),
        ("told", 31),
        ("alert_acknowledged", 32),
        ("alert_unlinked", 33),
    ]
    entries = list(incident.timeline.filter(kind="told").order_by("occurred_at"))
    assert [entry.text for entry in entries] == [
        "At 0",
        "At 15",
        "At 30",
        "Bring the key",
    ]
    assert entries[0].data["names"] == ["Engineer A", "Engineer B"]
    assert [entry.actor for entry in entries] == [None, None, None, a]


def test_who_had_it_before_the_link_is_written_down(world):
    a = world.people[0]
    alert = world.fires()
    acknowledge_alert(alert.pk, by=a, now=at(4))
    incident = IncidentFactory(service=world.service)
    linking.link_alert(incident.pk, alert.pk, by=a, now=at(5))
    assert ("alert_acknowledged", 4) in timeline_of(incident)


def test_the_ways_of_a_page_and_its_delivery_are_said(world):
    a, b, _ = world.people
    world.climbs(world.step(0, a, b))
    alert = world.fires()
    incident = IncidentFactory(service=world.service)
    linking.link_alert(incident.pk, alert.pk, by=a, now=NOW)
    advance_escalations(now=NOW)
    entries = list(incident.timeline.all())
    told = incident.timeline.get(kind="told")
    assert list_sendings(entries) == {told.pk: Sending(("Email",), None)}
    for seconds, row in enumerate(Notification.objects.order_by("pk"), start=2):
        row.state, row.next_try_at = "sent", None
        row.sent_at = NOW + timedelta(seconds=seconds)
        row.save()
    assert list_sendings(entries)[told.pk].took == timedelta(seconds=2)
    assert list_sendings([]) == {}
