"""Escalation policies through the API."""

import pytest

from tests.factories import oncall
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def team():
    return oncall.TeamFactory(slug="data", name="Data")


@pytest.fixture
def ann(team):
    return oncall.UserFactory(name="Engineer A", team=team, team__role="manager")


@pytest.fixture
def api(client, ann):
    return Caller(client, ann)


def ladder(ann, **more):
    return {
        "steps": [
            {
                "name": "Lead",
                "delay_minutes": 1.5,
                "window_days": [6],
                "targets": [{"kind": "user", "id": ann.pk, "title": "Lead"}],
            },
            {"name": "Boss", "targets": [{"kind": "title", "title": "Director"}]},
        ],
        "repeats": 1,
        "repeat_after_minutes": 10,
        **more,
    }


def make(api, ann, **more):
    body = ladder(ann, team="data", slug="data", name="Data ladder", **more)
    return api.post("/policies", body)


def test_a_policy_is_made_listed_and_changed(api, ann):
    answer = make(api, ann)
    assert answer.status_code == 201
    sentences = [
        "After 90 s if nobody acknowledged (Sun Europe/Berlin): Lead (Engineer A), by "
        "their page rules.",
        "When somebody escalates: Director (no account: cannot be paged).",
        "Then again from step 1 after 10 min, once.",
    ]
    assert answer.json()["sentences"] == sentences
    (row,) = api.get("/policies").json()
    assert row == {
        "slug": "data",
        "name": "Data ladder",
        "team": "data",
        "version": 1,
        "services": [],
        "sentences": sentences,
    }
    answer = api.post("/policies/data/versions", ladder(ann, repeats=0, based_on=1))
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    theirs = answer.json()
    answer = api.post("/policies/data/versions", ladder(ann, based_on=1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert answer.json()["current"] == theirs


def test_a_story_is_told(api, ann):
    make(api, ann)
    body = {"at": "2026-11-22T10:00:00Z", "resolved_after_minutes": 5}
    lines = api.post("/policies/data/simulate", body).json()
    assert [(line["act"], line["step"], line["after_minutes"]) for line in lines] == [
        ("tell", 1, 1.5),
        ("end", None, 5),
    ]
    assert lines[0]["told"] == [
        {
            "kind": "person",
            "name": "Engineer A",
            "via": "Lead",
            "ways": [
                {
                    "at": "2026-11-22T10:01:30Z",
                    "method": "the account's email",
                    "is_stopped": False,
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"level": 9}, "body.level"),
        ({"resolved_after_minutes": -1}, "body.resolved_after_minutes"),
    ],
)
def test_a_story_out_of_sight_is_refused(api, ann, body, field):
    make(api, ann)
    answer = api.post("/policies/data/simulate", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


def test_bad_ladders_are_refused_at_their_field(api, ann):
    answer = make(api, ann, repeats=21)
    assert answer.status_code == 422
    stranger = oncall.UserFactory()
    answer = make(api, stranger)
    assert answer.json()["error"]["field"] == "steps.0.targets"
    assert api.get("/policies").json() == []


def test_a_policy_without_versions_tells_nobody(api, team):
    oncall.EscalationPolicyFactory(team=team, slug="bare")
    assert api.post("/policies/bare/simulate", {}).json() == []


def test_other_teams_and_small_roles_are_refused(api, ann, client, team):
    make(api, ann)
    stranger = Caller(client, oncall.UserFactory(team=oncall.TeamFactory()))
    assert stranger.get("/policies").json() == []
    assert stranger.post("/policies/data/simulate", {}).status_code == 404
    assert stranger.post("/policies/data/versions", ladder(ann)).status_code == 404
    assert make(stranger, ann).status_code == 404
    reader = Caller(client, ann, "read")
    assert reader.post("/policies/data/versions", ladder(ann)).status_code == 403
    responder = Caller(client, oncall.UserFactory(team=team))
    assert make(responder, ann).status_code == 403
