"""What pages take in and give out, through the API: imports, plans, tables, feeds."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from oncall.models import AbsenceFeed, CalendarFeed, Rotation, Schedule
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import (
    EscalationPolicyFactory,
    ServiceFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.calendars import CalendarServer, days

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FILES = Path(__file__).parents[1] / "imports"
ALL = ("read", "respond", "manage")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule():
    return make_weekly_schedule(slug="data")


@pytest.fixture
def team(schedule):
    return schedule.team


@pytest.fixture
def boss(team):
    return UserFactory(team=team, team__role="manager")


@pytest.fixture
def call(client, boss):
    def ask(method, path, body=None, *, who=boss, scopes=ALL):
        _, plain = create_token(
            who, name="t", scopes=scopes, team=None, lifetime=timedelta(1), now=NOW
        )
        answer = client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {plain}"},
        )
        return answer.status_code, answer.json() if answer.content else None

    return ask


def field_of(answer):
    return answer[0], answer[1]["error"]["field"]


def test_a_file_is_looked_at_and_then_imported(call, team, schedule):
    person = schedule.people[0]
    body = {
        "kind": "pagerduty",
        "content": (FILES / "pagerduty.json").read_text(),
        "people": {"PA": person.username, "PB": None},
    }
    path = f"/teams/{team.slug}/imports"
    status, plan = call("POST", f"{path}/preview", body)
    assert (status, plan["rotations"]) == (200, 3)
    assert [each["user"] for each in plan["people"]] == [person.username, None]
    assert {each["user"] for each in plan["shifts"]} == {person.username}
    assert Schedule.objects.count() == 1

    wanted = body | {"name": "Data", "slug": "data-new"}
    for change, field in (
        ({"people": {"XX": None}}, "people"),
        ({"people": {"PA": "nobody"}}, "people"),
        ({"which": 3}, "which"),
        ({"content": "{"}, "content"),
        ({"slug": "data"}, "slug"),
    ):
        assert field_of(call("POST", path, wanted | change)) == (422, field)
    assert Schedule.objects.count() == 1
    assert call("POST", path, wanted, who=person)[0] == 403
    assert call("POST", "/teams/nowhere/imports", wanted)[0] == 404
    assert call("POST", path, wanted)[0] == 201
    assert Rotation.objects.filter(schedule__slug="data-new").count() == 3


def test_duty_is_planned_looked_at_and_applied(call, schedule):
    rotation = schedule.rotations.get()
    names = [person.username for person in schedule.people]
    path = f"/rotations/{rotation.pk}/plan"
    body = {"people": names, "starts_on": "2026-01-19", "weeks": 6}
    status, plan = call("POST", f"{path}/preview", body)
    assert (status, plan["balance"]) == (200, 100)
    assert [share["hours"] for share in plan["shares"]] == [336.0] * 3
    assert plan["clashes"] == []
    assert rotation.versions.count() == 1
    for change, field in (
        ({"people": [names[0], names[0]]}, "people"),
        ({"people": [names[0], "nobody"]}, "people"),
        ({"starts_on": "2025-01-06"}, "starts_on"),
    ):
        assert field_of(call("POST", path, body | change)) == (422, field)
    sealed = body | {"seal": plan["preview"]["seal"]}
    assert call("POST", path, sealed | {"weeks": 7})[0] == 409
    assert call("POST", path, sealed)[0] == 201
    assert call("POST", path, sealed)[0] == 409
    assert rotation.versions.count() == 2
    assert call("POST", f"/rotations/{2**70}/plan", body)[0] == 404


def test_the_load_is_told_by_person(call, schedule):
    _, load = call("GET", "/schedules/data/load?end=2026-02-09T08:00:00Z")
    assert {row["user"] for row in load["people"]} == {
        person.display_name for person in schedule.people
    }
    assert load["balance"] <= 100
    assert call("GET", "/schedules/nowhere/load")[0] == 404


def test_lines_of_contact_tables_are_kept(call, team, schedule):
    service, person = ServiceFactory(team=team, slug="arq"), schedule.people[0]
    line = {"title": "Lead", "kind": "email", "value": "lead@example.org"}
    status, lead = call("POST", "/services/arq/contacts", line)
    assert (status, lead["title"]) == (201, "Lead")
    pager = line | {"title": "Pager", "kind": "pager", "schedule": "data"}
    _, second = call("POST", "/services/arq/contacts", pager)
    assert second["schedule_slug"] == "data"
    path = f"/contacts/{second['id']}"
    _, rows = call("POST", f"{path}/move", {"up": True})
    assert [row["title"] for row in rows] == ["Pager", "Lead"]
    linked = pager | {"schedule": "", "user": person.username}
    assert call("PUT", path, linked)[1]["person"] == person.display_name
    for change, field in (
        ({"user": "nobody"}, "user"),
        ({"schedule": "nowhere"}, "schedule"),
        ({"kind": "email", "value": "no mail"}, "value"),
    ):
        assert field_of(call("PUT", path, pager | change)) == (422, field)
    assert call("PUT", path, linked, who=person)[0] == 403
    assert call("PUT", f"/contacts/{2**70}", linked)[0] == 404
    assert call("DELETE", path) == (204, None)
    assert call("GET", "/services/arq/contacts")[1] == [lead]
    assert service.contacts.count() == 1
    assert call("POST", f"/teams/{team.slug}/contacts", line)[0] == 201
    assert len(call("GET", f"/teams/{team.slug}/contacts")[1]) == 1


def test_a_calendar_is_made_and_its_address_shown_once(call, client, schedule, boss):
    status, made = call("POST", "/feeds", {"name": "Phone", "schedule": "data"})
    assert status == 201
    path = made["address"][made["address"].index("/ical/") :]
    assert b"BEGIN:VCALENDAR" in client.get(path).content
    assert "address" not in call("GET", "/feeds")[1][0]
    wrong = {"name": "Phone", "schedule": "nowhere"}
    assert field_of(call("POST", "/feeds", wrong)) == (422, "schedule")
    assert call("POST", "/feeds", {"name": "Mine"}, scopes=["read"])[0] == 403
    assert call("POST", "/feeds", {"name": "Mine"})[1]["schedule"] is None
    assert CalendarFeed.objects.filter(user=boss).count() == 2


def test_absences_are_read_from_a_calendar(call, settings):
    server = CalendarServer()
    server.serve(days("a", "20260202", "20260204"))
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{server.port}"
    body = {"url": server.url}
    try:
        _, (shown,) = call("POST", "/absence-feeds/preview", body)
        assert shown["start"].startswith("2026-02-0")
        assert not AbsenceFeed.objects.exists()
        status, row = call("POST", "/absence-feeds", body)
        assert (status, row["host"]) == (201, "127.0.0.1")
        path = f"/absence-feeds/{row['id']}"
        assert call("POST", f"{path}/read") == (200, {"changed": 0})
    finally:
        server.close()
    inside = {"url": "http://169.254.169.254/a.ics"}
    assert field_of(call("POST", "/absence-feeds", inside)) == (422, "url")
    assert call("GET", "/absence-feeds")[1][0]["name"] == "My calendar"
    assert call("DELETE", path, scopes=["read"])[0] == 403
    assert call("DELETE", path) == (204, None)
    assert call("DELETE", path)[0] == 404
    assert call("DELETE", f"/absence-feeds/{2**70}")[0] == 404


def test_one_s_own_name_zone_and_quiet_hours(call, boss):
    _, me = call("PUT", "/me", {"name": "Manager", "time_zone": "Asia/Tokyo"})
    assert (me["username"], me["name"], me["quiet"]) == (boss.username, "Manager", None)
    night = {"starts": "22:00", "ends": "07:00"}
    assert call("PUT", "/me/quiet-hours", night)[1]["quiet"] == night
    assert call("GET", "/me")[1]["quiet"] == night
    assert call("DELETE", "/me/quiet-hours")[1]["quiet"] is None
    wrong = {"name": "", "time_zone": "Mars/Base"}
    assert field_of(call("PUT", "/me", wrong)) == (422, "time_zone")
    assert call("PUT", "/me/quiet-hours", night, scopes=["read"])[0] == 403


def test_shifts_of_a_colleague_and_of_nobody(call, schedule):
    person = schedule.people[0]
    span = "?start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z"
    path = f"/users/{person.username}/shifts{span}"
    assert call("GET", path)[1] == call("GET", f"/users/me/shifts{span}", who=person)[1]
    assert call("GET", path, who=UserFactory())[0] == 404


def test_an_override_is_looked_at_before_it_is_made(call, schedule):
    first, second, _ = schedule.people
    body = {
        "end": "2026-01-14T20:00:00Z",
        "role": "primary",
        "add_user": first.username,
        "remove_user": second.username,
    }
    path = "/schedules/data/overrides/preview"
    _, shown = call("POST", path, body)
    assert sum(change["gained"] - change["lost"] for change in shown["changes"]) == 0
    assert not schedule.overrides.exists()
    late = body | {"end": "2026-01-01T00:00:00Z"}
    assert field_of(call("POST", path, late)) == (422, "end")


def test_policies_are_restored_given_to_services_and_removed(call, team, schedule):
    service = ServiceFactory(team=team, slug="arq")
    first = {
        "name": "On call",
        "delay_minutes": 0,
        "targets": [{"kind": "schedule", "id": schedule.pk, "role": "primary"}],
    }
    new = {"team": team.slug, "slug": "ladder", "name": "Ladder", "steps": [first]}
    assert call("POST", "/policies", new)[0] == 201
    other = {"steps": [first | {"name": "Everybody"}]}
    call("POST", "/policies/ladder/versions", other)
    status, back = call("POST", "/policies/ladder/versions/1/restore")
    assert (status, back["number"]) == (201, 3)
    assert call("POST", f"/policies/ladder/versions/{2**70}/restore")[0] == 422
    _, policy = call("PUT", "/policies/ladder/services", {"services": ["arq"]})
    assert policy["services"] == [service.name]
    wrong = {"services": ["nowhere"]}
    assert field_of(call("PUT", "/policies/ladder/services", wrong)) == (
        422,
        "services",
    )
    assert call("DELETE", "/policies/ladder")[0] == 422
    call("PUT", "/policies/ladder/services", {"services": []})
    assert call("DELETE", "/policies/ladder", who=schedule.people[0])[0] == 403
    assert call("DELETE", "/policies/ladder") == (204, None)
    other_team = EscalationPolicyFactory()
    assert call("DELETE", f"/policies/{other_team.slug}")[0] == 404


RATES = {
    "currency": "chf",
    "weekday_hour": "4",
    "night_hour": "8.50",
    "weekend_hour": "10",
    "holiday_hour": "12.25",
    "night_starts": "22:00",
    "night_ends": "06:00",
    "lieu_percent": 10,
    "roles": ["primary", "primary"],
}


def test_rates_are_read_and_saved_by_managers(call, team):
    path = f"/teams/{team.slug}/stipend-rates"
    assert call("GET", path)[1]["weekday_hour"] == "0"
    status, saved = call("PUT", path, RATES)
    assert (status, saved["currency"], saved["roles"]) == (200, "CHF", ["primary"])
    assert call("GET", path)[1]["night_hour"] == "8.50"
    for changes in ({"night_hour": "-1"}, {"currency": "ßßß"}, {"night_ends": "24:00"}):
        assert call("PUT", path, RATES | changes)[0] == 422
    for who, status in ((UserFactory(team=team), 403), (UserFactory(), 404)):
        assert call("GET", path, who=who)[0] == status
        assert call("PUT", path, RATES, who=who)[0] == status
    assert call("PUT", path, RATES, scopes=("read",))[0] == 403
