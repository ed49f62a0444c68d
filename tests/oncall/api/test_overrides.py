"""Overrides, the pager and one's shifts through the API."""

import json
from datetime import timedelta

import pytest
import time_machine

from oncall.models import Override
from oncall.queries import users_on_call
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import (
    ContactMethodFactory,
    HolidayFactory,
    OverrideFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
API = "/api/v1"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule():
    return make_weekly_schedule(slug="data")


def token_of(user, *scopes):
    _, plain = create_token(
        user,
        name="test",
        scopes=scopes,
        team=None,
        lifetime=timedelta(days=1),
        now=NOW,
    )
    return {"Authorization": f"Bearer {plain}"}


@pytest.fixture
def call(client, schedule):
    """`call(method, path, body, who=user)` with all scopes of that person."""

    def ask(method, path, body=None, *, who, scopes=("read", "respond", "manage")):
        return client.generic(
            method,
            f"{API}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=token_of(who, *scopes),
        )

    return ask


@pytest.fixture
def manager(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def test_an_override_is_added_listed_and_cancelled(call, schedule, manager):
    first, second, _ = schedule.people
    body = {
        "end": "2026-01-14T20:00:00Z",
        "role": "primary",
        "add_user": first.username,
        "remove_user": second.username,
        "reason": "Dentist",
    }
    made = call("POST", "/schedules/data/overrides", body, who=manager)
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["add_user"], row["source"]) == (first.username, "manual")
    assert users_on_call(schedule.pk, NOW, "primary")[0].user_id == first.pk

    path = f"/schedules/data/overrides/{row['id']}"
    assert call("DELETE", path, who=manager).status_code == 204
    assert call("DELETE", path, who=manager).status_code == 409
    (listed,) = call("GET", "/schedules/data/overrides", who=manager).json()
    assert (listed["reason"], listed["cancelled_at"]) == (
        "Dentist",
        "2026-01-14T10:30:00Z",
    )


def test_a_cancelled_override_holds_again(call, schedule, manager):
    first, second, third = schedule.people
    body = {"end": "2026-01-14T20:00:00Z", "role": "primary"}
    people = {"add_user": first.username, "remove_user": second.username}
    made = call("POST", "/schedules/data/overrides", body | people, who=manager).json()
    path = f"/schedules/data/overrides/{made['id']}"
    assert call("POST", f"{path}/restore", who=manager).status_code == 409
    call("DELETE", path, who=manager)
    assert call("POST", f"{path}/restore", who=third).status_code == 403
    again = call("POST", f"{path}/restore", who=manager)
    assert (again.status_code, again.json()["add_user"]) == (201, first.username)
    assert again.json()["id"] != made["id"]
    assert users_on_call(schedule.pk, NOW, "primary")[0].user_id == first.pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end": "2026-01-14T09:00:00Z"}, "end"),
        ({"start": "2026-01-16T09:00:00Z", "end": "2026-01-15T09:00:00Z"}, "end"),
        ({"role": "king"}, "role"),
        ({"add_user": "stranger"}, "add_user"),
        ({"remove_user": "stranger"}, "remove_user"),
        ({"add_user": ""}, "add_user"),
    ],
)
def test_bad_input_names_its_field_and_saves_nothing(
    call, schedule, manager, change, field
):
    UserFactory(username="stranger", team=TeamFactory())
    body = {
        "end": "2026-01-14T20:00:00Z",
        "role": "primary",
        "add_user": manager.username,
    }
    answer = call("POST", "/schedules/data/overrides", body | change, who=manager)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert not Override.objects.exists()


def test_a_responder_acts_on_their_own_and_a_stranger_not_at_all(call, schedule):
    responder, stranger = UserFactory(team=schedule.team), UserFactory()
    body = {
        "end": "2026-01-14T20:00:00Z",
        "role": "primary",
        "add_user": schedule.people[0].username,
        "takes_role": True,
    }
    path = "/schedules/data/overrides"
    assert call("POST", path, body, who=responder).status_code == 403
    assert call("POST", path, body, who=stranger).status_code == 404
    assert call("GET", path, who=stranger).status_code == 404
    mine = body | {"add_user": responder.username}
    made = call("POST", path, mine, who=responder, scopes=["respond"])
    assert made.status_code == 201
    others = OverrideFactory(schedule=schedule, add_user=schedule.people[0])
    assert call("DELETE", f"{path}/{others.pk}", who=responder).status_code == 403
    elsewhere = OverrideFactory()
    assert call("DELETE", f"{path}/{elsewhere.pk}", who=responder).status_code == 404


def test_the_pager_is_taken_and_given_back(call, schedule):
    who = UserFactory(team=schedule.team)
    path = "/schedules/data/take-over"
    made = call("POST", path, {}, who=who)
    assert (made.status_code, made.json()["source"]) == (201, "take")
    assert call("POST", path, {}, who=who).status_code == 409
    hours = call("POST", path, {"role": "secondary", "hours": 2}, who=who).json()
    assert hours["end"] == "2026-01-14T12:30:00Z"
    assert call("DELETE", path, who=who).status_code == 204
    assert call("DELETE", path, who=who).status_code == 409


def test_one_s_own_shifts_with_days_off(call, schedule):
    holiday = HolidayFactory(on=(NOW + timedelta(days=6)).date(), name="Epiphany")
    schedule.calendar = holiday.calendar
    schedule.save()
    first = call("GET", "/users/me/shifts", who=schedule.people[1]).json()[0]
    assert first == {
        "schedule": "data",
        "team": schedule.team.name,
        "role": "primary",
        "start": "2026-01-12T08:00:00Z",
        "end": "2026-01-19T08:00:00Z",
        "weekend_days": 2,
        "holidays": [],
    }
    rows = call("GET", "/users/me/shifts", who=schedule.people[2]).json()
    assert rows[1]["holidays"] == ["Epiphany"]
    span = "?start=2026-01-14T00:00:00Z&end=2026-01-13T00:00:00Z"
    assert call("GET", f"/users/me/shifts{span}", who=manager_of(schedule)).json()[
        "error"
    ]["field"] == ("end")


def manager_of(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def test_gaps_tell_of_unreachable_people_when_asked(call, schedule, manager):
    for person in schedule.people[1:]:
        ContactMethodFactory(user=person)
    path = "/schedules/data/gaps?start=2026-01-14T10:00:00Z&end=2026-01-20T10:00:00Z"
    assert call("GET", path, who=manager).json() == []
    (row,) = call("GET", f"{path}&unreachable=true", who=manager).json()
    assert (row["kind"], row["user"], row["role"]) == (
        "unreachable",
        schedule.people[0].name,
        "secondary",
    )
