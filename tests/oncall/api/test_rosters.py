"""Schedules and rotations are edited through the API as on the pages."""

import json
from datetime import timedelta

import pytest
import time_machine

from oncall.models import Rotation, Schedule
from oncall.queries import users_on_call
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import TeamFactory, UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
API = "/api/v1"
LATER = (NOW + timedelta(days=7)).isoformat()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule():
    return make_weekly_schedule(slug="data")


@pytest.fixture
def manager(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


@pytest.fixture
def call(client, manager):
    """`call(method, path, body)` as the manager, or as somebody with other scopes."""

    def ask(method, path, body=None, *, who=manager, scopes=("read", "manage")):
        _, plain = create_token(
            who,
            name="test",
            scopes=scopes,
            team=None,
            lifetime=timedelta(days=1),
            now=NOW,
        )
        answer = client.generic(
            method,
            f"{API}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {plain}"},
        )
        return answer.status_code, answer.json()

    return ask


def a_version(people, **more):
    names = [person and person.username for person in people]
    return {"roles": ["primary", "Secondary"], "people": names, **more}


def test_a_schedule_is_made_and_changed(call, schedule):
    body = {
        "team": schedule.team.slug,
        "slug": "night",
        "name": "Night",
        "time_zone": "Europe/Berlin",
        "rotation": a_version(schedule.people),
    }
    status, made = call("POST", "/schedules", body)
    assert (status, made["required_roles"]) == (201, ["primary", "secondary"])
    assert call("POST", "/schedules", body)[1]["error"]["field"] == "slug"
    assert call("POST", "/schedules", {**body, "team": "none"})[0] == 404

    change = {"time_zone": "Asia/Tokyo", "required_roles": ["primary"]}
    status, changed = call("PATCH", "/schedules/night", change)
    assert (status, changed["time_zone"], changed["name"]) == (
        200,
        "Asia/Tokyo",
        "Night",
    )
    assert changed["required_roles"] == ["primary"]
    status, changed = call("PATCH", "/schedules/night", {"name": "Nights"})
    assert (changed["name"], changed["required_roles"]) == ("Nights", ["primary"])
    assert call("PATCH", "/schedules/night", {"is_active": False})[1]["is_active"] is (
        False
    )
    assert call("PATCH", "/schedules/night", {"name": "Late"})[0] == 409
    assert call("PATCH", "/schedules/night", {})[0] == 422
    both = {"is_active": True, "name": "Late"}
    assert call("PATCH", "/schedules/night", both)[1]["error"]["field"] == "is_active"
    zone = {"time_zone": "Mars/Base"}
    assert call("PATCH", "/schedules/data", zone)[1]["error"]["field"] == "time_zone"


def test_an_unsaved_version_is_previewed_saved_as_seen_and_undone(call, schedule):
    rotation = schedule.rotations.get()
    version = a_version(schedule.people[:2], effective_from=LATER)
    asked = {"rotation": rotation.pk, "version": version}
    status, preview = call("POST", "/schedules/data/preview", asked)
    assert status == 200
    gone = schedule.people[2].display_name
    lost = [row for row in preview["changes"] if row["user"] == gone]
    assert all(row["lost"] > 0 == row["gained"] for row in lost)
    assert preview["words"] == [f"{gone} leaves"]
    assert preview["gaps"] == preview["clashes"] == []
    assert rotation.versions.count() == 1

    path, seal = f"/rotations/{rotation.pk}/versions", preview["seal"]
    other = {**version, "at": "10:00", "seal": seal}
    assert call("POST", path, other)[1]["error"]["code"] == "not_previewed"
    status, made = call("POST", path, {**version, "seal": seal})
    assert (status, made["rotation"]) == (201, rotation.pk)

    status, (row,) = call("GET", "/schedules/data/rotations")
    assert [each["state"] for each in row["versions"]] == ["planned", "now"]
    assert row["versions"][0]["can_be_undone"] is True
    status, undone = call("POST", f"/versions/{made['id']}/undo")
    assert (status, undone["start"]) == (201, made["start"])
    assert call("POST", f"/versions/{made['id']}/undo")[0] == 409


def test_a_rotation_is_previewed_added_and_retired(call, schedule, manager):
    body = a_version(
        [manager],
        roles=["primary"],
        name="Office",
        priority=1,
        windows=[{"weekday": 2, "start_minute": 540, "end_minute": 1020}],
    )
    preview = call("POST", "/schedules/data/preview", {"version": body})[1]
    assert {row["user"] for row in preview["changes"]} >= {manager.display_name}
    status, made = call("POST", "/schedules/data/rotations", body)
    assert status == 201
    assert users_on_call(schedule.pk, NOW)[0].user_id == manager.pk
    path = f"/rotations/{made['rotation']}/retire"
    assert call("POST", path, {})[0] == 201
    assert call("POST", path, {})[0] == 409
    assert users_on_call(schedule.pk, NOW)[0].user_id != manager.pk


def test_groups_empty_slots_and_gaps_are_told(call, schedule):
    first, second, third = (person.username for person in schedule.people)
    body = {"roles": ["primary"], "people": [[first, second], [], None, [third]]}
    asked = {"rotation": schedule.rotations.get().pk, "version": body}
    status, preview = call("POST", "/schedules/data/preview", asked)
    assert status == 200
    assert {row["role"] for row in preview["gaps"]} == {"primary"}


def test_who_is_away_is_told(call, schedule):
    person = schedule.people[0]
    person.absences.create(
        starts_at=NOW, ends_at=NOW + timedelta(days=1), created_at=NOW
    )
    body = a_version([person], roles=["primary"], keeps_current=False)
    asked = {"rotation": schedule.rotations.get().pk, "version": body}
    (clash,) = call("POST", "/schedules/data/preview", asked)[1]["clashes"]
    assert clash["user"] == person.display_name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"people": ["nobody.known"]}, "people"),
        ({"people": []}, "people"),
        ({"roles": ["a", "b", "c", "d"]}, "roles"),
        ({"effective_from": "2020-01-01T00:00:00Z"}, "effective_from"),
        ({"every": 0}, "body.every"),
        ({"counted_from": "2026-01-06"}, "counted_from"),
    ],
)
def test_a_fault_names_its_field_and_saves_nothing(call, schedule, changes, field):
    rotation = schedule.rotations.get()
    body = {**a_version(schedule.people), **changes}
    status, answer = call("POST", f"/rotations/{rotation.pk}/versions", body)
    assert status == 422
    assert answer["error"]["field"] == field
    assert rotation.versions.count() == 1


def test_other_teams_and_smaller_roles_edit_nothing(call, schedule):
    other = make_weekly_schedule(TeamFactory(), slug="other")
    rotation, version = Rotation.objects.get(schedule=other), {"roles": ["primary"]}
    version = {**version, "people": []}
    assert call("POST", f"/rotations/{rotation.pk}/versions", version)[0] == 404
    assert call("GET", "/schedules/other/rotations")[0] == 404
    assert call("PATCH", "/schedules/other", {"name": "x"})[0] == 404
    row = rotation.versions.get()
    assert call("POST", f"/versions/{row.pk}/undo")[0] == 404
    crossed = {"rotation": rotation.pk, "version": version}
    assert call("POST", "/schedules/data/preview", crossed)[0] == 404

    viewer = UserFactory(team=schedule.team)
    small = {"who": viewer}
    assert call("PATCH", "/schedules/data", {"name": "x"}, **small)[0] == 403
    reading = {"scopes": ("read",)}
    mine = schedule.rotations.get()
    path = f"/rotations/{mine.pk}/versions"
    assert call("POST", path, a_version(schedule.people), **reading)[0] == 403
    assert Schedule.objects.get(slug="data").name == schedule.name


def test_a_rotation_of_another_schedule_is_not_previewed_here(call, schedule):
    sister = make_weekly_schedule(schedule.team, slug="sister")
    asked = {
        "rotation": sister.rotations.get().pk,
        "version": a_version(schedule.people),
    }
    assert call("POST", "/schedules/data/preview", asked)[0] == 404
