"""Cadences, ready-made checklists and new ones, through the API."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from checklists.models import Cadence, Checklist, Run
from checklists.services.generation import open_due_runs
from tests.factories.oncall import RotationFactory, ScheduleFactory, UserFactory
from tests.factories.runs import NOW, TIMING, make_checklist, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MONDAYS = {"kind": "weekly", "days": ["mon"]}


@pytest.fixture
def checklist(service):
    return make_checklist(service=service)


def test_a_cadence_is_added_changed_paused_and_resumed(ask, checklist):
    path = f"/checklists/{checklist.slug}/cadences"
    given = {"rule": MONDAYS, "timing": TIMING, "sign_off": "two", "carry_over": "copy"}
    added = ask("manager", "post", path, given).json()
    assert added["words"].startswith("every Monday")
    assert added["next_open_at"] == "2026-01-19T05:00:00Z"
    assert [each["id"] for each in ask("viewer", "get", path).json()] == [
        checklist.cadences.order_by("pk").first().pk,
        added["id"],
    ]
    own = f"/cadences/{added['id']}"
    again = {key: added[key] for key in ("rule", "timing", "sign_off", "carry_over")}
    again["timing"] = TIMING | {"due_time": "11:00"}
    changed = ask("manager", "put", own, again).json()
    moved = {"timing", "words", "next_open_at", "revision"}
    assert {key for key in added if changed[key] != added[key]} == moved
    assert not ask("manager", "post", f"{own}/pause").json()["is_enabled"]
    assert Cadence.objects.get(pk=added["id"]).next_open_at is None
    resumed = ask("manager", "post", f"{own}/resume").json()
    assert resumed["next_open_at"] == "2026-01-19T06:00:00Z"


def test_the_second_of_two_writers_is_shown_what_the_first_left(ask, checklist):
    cadence = checklist.cadences.get()
    path = f"/checklists/{checklist.slug}/cadences"
    (seen,) = ask("manager", "get", path).json()
    given = {"rule": MONDAYS, "timing": TIMING, "revision": seen["revision"]}
    first = ask("manager", "put", f"/cadences/{cadence.pk}", given).json()
    answer = ask(
        "manager", "put", f"/cadences/{cadence.pk}", given | {"sign_off": "two"}
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert answer.json()["current"] == first
    cadence.refresh_from_db()
    assert (cadence.rule, cadence.sign_off) == (MONDAYS, "none")
    again = given | {"sign_off": "two", "revision": first["revision"]}
    assert ask("manager", "put", f"/cadences/{cadence.pk}", again).status_code == 200


def test_a_revision_says_what_was_set_and_not_what_moves(ask, checklist):
    cadence = checklist.cadences.get()
    path = f"/checklists/{checklist.slug}/cadences"
    (before,) = ask("viewer", "get", path).json()
    open_due_runs(now=NOW + timedelta(days=3))
    ask("manager", "post", f"/cadences/{cadence.pk}/pause")
    (after,) = ask("viewer", "get", path).json()
    assert after["next_open_at"] != before["next_open_at"]
    assert after["revision"] == before["revision"]


def test_a_cadence_is_for_a_member_a_schedule_or_at_handoffs(ask, checklist, team):
    path = f"/checklists/{checklist.slug}/cadences"
    daily = {"rule": {"kind": "daily"}, "timing": TIMING}
    ben, stranger = UserFactory(team=team), UserFactory()
    schedule, rotation = ScheduleFactory(team=team), RotationFactory()
    for more, field in (
        ({"assignee": "user", "person": ben.username}, ""),
        ({"assignee": "user", "person": stranger.username}, "person"),
        ({"assignee": "oncall", "schedule": schedule.slug}, ""),
        ({"assignee": "oncall"}, "schedule"),
        ({"rule": {"kind": "handoff"}, "rotation": rotation.pk}, "rotation"),
    ):
        answer = ask("manager", "post", path, daily | more)
        found = answer.json().get("error", {"field": ""})["field"]
        assert (answer.status_code, found) == (422 if field else 200, field), more
    assert Cadence.objects.filter(assignee_user=ben).exists()
    assert Cadence.objects.filter(assignee_schedule=schedule).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": {"kind": "weekly"}}, "days"),
        ({"rule": {"kind": "daily", "hours": 4}}, "hours"),
        ({"rule": {"kind": "yearly", "on": "day", "month": 2, "day": 30}}, "day"),
        ({"timing": TIMING | {"grace": "soon"}}, "grace"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_a_cadence_that_cannot_be_used_names_its_field(ask, checklist, change, field):
    path = f"/cadences/{checklist.cadences.get().pk}"
    given = {"rule": {"kind": "daily"}, "timing": TIMING} | change
    answer = ask("manager", "put", path, given)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


def test_a_run_is_started_on_demand_in_its_hours_only(ask, team):
    keys = [row["key"] for row in ask("viewer", "get", "/ready-made-checklists").json()]
    assert keys == ["pre-deployment", "load-test", "load-test-production"]
    path = f"/teams/{team.slug}/ready-made-checklists"
    taken = ask("manager", "post", path, {"key": "load-test-production"}).json()
    assert (taken["team"], taken["service"]) == (team.slug, None)
    cadence = Checklist.objects.get(slug=taken["slug"]).cadences.get()
    start = f"/cadences/{cadence.pk}/start"
    assert ask("responder", "post", start).status_code == 409
    night = datetime(2026, 1, 15, 3, 30, tzinfo=ZoneInfo(team.time_zone))
    with time_machine.travel(night, tick=False):
        started = ask("responder", "post", start).json()
    run = Run.objects.get(pk=started["run"])
    assert run.due_at == night.replace(hour=4, minute=0)
    assert datetime.fromisoformat(started["due_at"]) == run.due_at.astimezone(UTC)


def test_a_text_becomes_a_checklist_that_is_put_away_and_back(ask, team, service):
    given = {"text": "# Rotate keys\n\n- [ ] Rotate\n", "service": service.slug}
    made = ask("manager", "post", f"/teams/{team.slug}/checklists", given).json()
    assert made == {
        "slug": "rotate-keys",
        "name": "Rotate keys",
        "team": team.slug,
        "service": service.slug,
        "is_archived": False,
    }
    for word, is_archived in (("archive", True), ("restore", False)):
        answer = ask("manager", "post", f"/checklists/rotate-keys/{word}").json()
        assert answer["is_archived"] is is_archived
    assert Checklist.objects.get().versions.get().items.get().text == "Rotate"


def test_what_cannot_be_made_is_said(ask, team):
    ready, new = (
        f"/teams/{team.slug}/ready-made-checklists",
        f"/teams/{team.slug}/checklists",
    )
    other = make_service().slug
    for path, given, field in (
        (ready, {"key": "nothing"}, "key"),
        (ready, {"key": "load-test", "service": other}, "service"),
        (new, {"text": "- [ ] A"}, "text"),
    ):
        answer = ask("manager", "post", path, given)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not Checklist.objects.exists()


def test_roles_and_teams_are_those_of_the_pages(ask, checklist, team):
    cadence = f"/cadences/{checklist.cadences.get().pk}"
    daily = {"rule": {"kind": "daily"}, "timing": TIMING}
    for method, path, body in (
        ("post", f"/checklists/{checklist.slug}/cadences", daily),
        ("put", cadence, daily),
        ("post", f"{cadence}/pause", None),
        ("post", f"/checklists/{checklist.slug}/archive", None),
        ("post", f"/teams/{team.slug}/checklists", {"text": "# A\n- [ ] A"}),
        ("post", f"/teams/{team.slug}/ready-made-checklists", {"key": "load-test"}),
    ):
        assert ask("responder", method, path, body).status_code == 403, path
        assert ask(None, method, path, body).status_code == 404, path
    assert ask("viewer", "post", f"{cadence}/start").status_code == 403
    assert ask(None, "post", f"{cadence}/start").status_code == 404


def test_a_run_is_given_back_or_struck_with_a_reason(ask, checklist):
    Cadence.objects.update(sign_off="two")
    open_due_runs(now=NOW)
    run = Run.objects.get()
    for item in run.items.all():
        ask("responder", "post", f"/items/{item.pk}/tick")
    path = f"/runs/{run.pk}"
    assert ask("responder", "post", f"{path}/hand-in").json()["state"] == (
        "awaiting_signoff"
    )
    because = {"reason": "Look at the lag again."}
    assert ask("responder", "post", f"{path}/give-back", because).json()["state"] == (
        "open"
    )
    assert ask("responder", "post", f"{path}/void", because).status_code == 403
    assert ask("manager", "post", f"{path}/void", because).json()["outcome"] == "void"
