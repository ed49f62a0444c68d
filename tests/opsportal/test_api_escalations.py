"""Escalations through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Escalation
from incidents.services.escalating import advance_escalations
from tests.factories import oncall
from tests.incidents.services.test_escalating import World
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    world = World()
    world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    world.alert = world.fires(now=timezone.now())
    return world


@pytest.fixture
def api(client, world):
    return Caller(client, world.lead)


def path(world, act):
    return f"/alerts/{world.alert.pk}/{act}"


def test_who_was_told_is_read_from_the_api(api, world):
    advance_escalations(now=timezone.now())
    answer = api.get(path(world, "escalation")).json()
    assert (answer["policy"], answer["state"]) == ("Ladder", "running")
    (told,) = answer["told"]
    assert (told["what"], told["who"], told["step"]) == ("Told", "Engineer A", "At 0")
    assert [(each["method"], each["state"]) for each in told["sent"]] == [
        ("Email", "Waiting")
    ]
    Escalation.objects.all().delete()
    world.alert.escalation_events.all().delete()
    assert api.get(path(world, "escalation")).json()["told"] == []


def test_acts_go_through_the_api(api, world):
    assert api.post(path(world, "escalate")).status_code == 200
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    assert api.post(path(world, "snooze"), {"until": until}).status_code == 200
    late = {"until": "9999-12-31T23:59:59Z"}
    assert api.post(path(world, "snooze"), late).status_code == 422
    body = {"users": [world.people[2].pk]}
    assert api.post(path(world, "page"), body).status_code == 200
    assert api.post(path(world, "page"), {"users": []}).status_code == 422


def test_who_is_waited_for_acknowledges_as_well(client):
    world = World()
    first, second, third = world.people
    world.climbs(world.step(0, first, second, ack_mode="each"))
    world.alert = world.fires("pool", now=timezone.now())
    advance_escalations(now=timezone.now())
    Caller(client, first).post(path(world, "acknowledge"))
    for person, status in ((third, 409), (second, 204), (second, 409)):
        answer = Caller(client, person).post(path(world, "confirm"))
        assert answer.status_code == status
    assert answer.json()["error"]["code"] == "not_awaited"


def test_strangers_and_viewers_are_refused(client, world):
    stranger = Caller(client, oncall.UserFactory(team=oncall.TeamFactory()))
    viewer = Caller(client, oncall.UserFactory(team=world.team, team__role="viewer"))
    assert stranger.get(path(world, "escalation")).status_code == 404
    assert stranger.post(path(world, "escalate")).status_code == 404
    assert viewer.post(path(world, "escalate")).status_code == 403
