"""The part of an alert's page that escalates."""

import pytest
from django.urls import reverse

from incidents.models import Escalation
from incidents.services.alerts import acknowledge_alert
from incidents.services.escalating import advance_escalations
from oncall.models import Notification
from tests.conftest import NOW
from tests.incidents.services.test_escalating import World, at

pytestmark = pytest.mark.django_db
ACTS = ("alert_confirm", "alert_escalate", "alert_snooze", "alert_page")


@pytest.fixture
def world():
    world = World()
    a, b, _ = world.people
    world.climbs(world.step(0, a, b, ack_mode="each"), world.step(15, world.lead))
    world.alert = world.fires()
    advance_escalations(now=NOW)
    return world


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def url(name, alert):
    return reverse(name, args=[alert.pk])


def page(client, world):
    return client.get(url("alert_detail", world.alert)).content.decode()


def test_the_page_tells_who_was_told_and_how(sign_in, world):
    client = sign_in(world.people[1])
    shown = page(client, world)
    for words in ("Told: Engineer A", "At 0", "Email: waiting", "Escalate now"):
        assert words in shown
    acknowledge_alert(world.alert.pk, by=world.people[0], now=at(1))
    assert "Acknowledge as well" in page(client, world)
    client.post(url("alert_confirm", world.alert))
    assert "Acknowledge as well" not in page(client, world)


def test_buttons_escalate_put_off_and_page(sign_in, world):
    client = sign_in(world.people[0])
    client.post(url("alert_escalate", world.alert))
    assert Escalation.objects.get().progress["forced"] == 1
    for bad in ("", "x", "99999"):
        client.post(url("alert_snooze", world.alert), {"minutes": bad})
    assert Escalation.objects.get().snoozed_until is None
    client.post(url("alert_snooze", world.alert), {"minutes": "15"})
    assert Escalation.objects.get().snoozed_until
    assert "Put off until" in page(client, world)
    fields = {"users": [world.people[2].pk], "text": "Please look."}
    client.post(url("alert_page", world.alert), fields)
    assert Notification.objects.filter(recipient=world.people[2]).count() == 1
    assert "Paged by hand: Engineer C" in page(client, world)


def test_a_held_escalation_says_so(sign_in, world):
    Escalation.objects.update(state="held", next_step_at=None)
    assert "Nobody is told until somebody escalates" in page(sign_in(world.lead), world)


def test_an_alert_without_a_policy_says_so(sign_in, world):
    Escalation.objects.all().delete()
    world.alert.escalation_events.all().delete()
    assert "No policy escalates this alert" in page(sign_in(world.lead), world)


@pytest.mark.parametrize("name", ACTS)
def test_only_responders_of_the_team_act(sign_in, world, name):
    viewer = world.person("Viewer", team__role="viewer")
    assert sign_in(viewer).post(url(name, world.alert)).status_code == 403
    stranger = World().lead
    assert sign_in(stranger).post(url(name, world.alert)).status_code == 404
    assert sign_in(world.lead).get(url(name, world.alert)).status_code == 405
