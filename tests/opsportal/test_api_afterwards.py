"""The API of action items, postmortems and figures."""

import pytest

from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.opsportal.test_api import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    return IncidentFactory(service=ServiceFactory(), severity__level=1)


@pytest.fixture
def ann(incident):
    return UserFactory(team=incident.team)


@pytest.fixture
def call(client, ann):
    headers = token_of(ann, "read", "respond")

    def send(method, path, body=None):
        act = getattr(client, method)
        more = {} if body is None else {"content_type": "application/json"}
        return act(f"/api/v1{path}", body, headers=headers, **more)

    return send


def test_an_action_item_from_written_to_done(call, incident, ann):
    said = {"title": "Alert sooner", "owner": ann.pk, "due_on": "2030-01-01"}
    made = call("post", f"/incidents/{incident.ref}/actions", said)
    assert made.status_code == 201
    item = made.json()
    assert (item["state"], item["priority"], item["version"]) == ("open", 2, 0)
    url = f"/actions/{item['id']}"
    edited = call("put", url, {**said, "title": "Alert at 80 %", "version": 0})
    assert edited.json()["version"] == 1
    stale = call("put", url, {**said, "version": 0})
    assert (stale.status_code, stale.json()["current"]) == (409, edited.json())
    assert call("post", f"{url}/state", {"state": "done"}).status_code == 409
    for state in ("in_progress", "done"):
        assert call("post", f"{url}/state", {"state": state}).status_code == 200
    assert call("get", url).json()["completed_at"]
    assert call("get", "/actions").json()["count"] == 1


def test_what_does_not_fit_names_the_field(call, incident):
    url = f"/incidents/{incident.ref}/actions"
    for said, field in (
        ({"title": "x", "owner": 999_999_999}, "owner"),
        ({"title": "x", "due_on": "0001-01-01"}, "due_on"),
    ):
        answer = call("post", url, said)
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]["field"] == field


def test_a_postmortem_from_draft_to_waiver(call, incident):
    url = f"/incidents/{incident.ref}/postmortem"
    assert call("get", url).status_code == 404
    made = call("post", url, {"format": "arq"})
    assert made.status_code == 201
    assert made.json()["markdown"].startswith("## Incident Postmortem")
    section = f"{url}/sections/lessons"
    said = call("put", section, {"text": "Look sooner", "version": 0}).json()
    assert "- Look sooner" in said["markdown"]
    stale = call("put", section, {"text": "x", "version": 0})
    theirs = {"key": "lessons", "text": "Look sooner", "version": 1}
    assert (stale.status_code, stale.json()["current"]) == (409, theirs)
    assert call("post", f"{url}/state", {"state": "in_review"}).status_code == 409
    call("put", f"{url}/sections/impact", {"text": "All", "version": 0})
    call("put", f"{url}/sections/root_cause", {"text": "A leak", "version": 0})
    moved = call("post", f"{url}/state", {"state": "in_review"})
    assert moved.json()["state"] == "in_review"
    waived = call("post", f"{url}/waiver", {"reason": "No news."})
    assert waived.json()["waiver_reason"] == "No news."
    assert call("get", url).json()["sections"][0]["key"] == "impact"


def test_what_nobody_edited_is_drafted_again(call, incident):
    url = f"/incidents/{incident.ref}/postmortem"
    assert call("post", f"{url}/redraft").status_code == 404
    call("post", url, {"format": "arq"})
    call("put", f"{url}/sections/lessons", {"text": "Look sooner", "version": 0})
    incident.root_cause = "The pool leaked"
    incident.save()
    drafted = call("post", f"{url}/redraft").json()["markdown"]
    assert "The pool leaked" in drafted
    assert "Look sooner" in drafted


def test_the_figures(call, incident):
    figures = call("get", "/reports/incidents?days=366").json()
    assert isinstance(figures, list)
    assert call("get", "/reports/incidents?days=0").status_code == 422


def test_other_teams_things_are_not_there(call):
    elsewhere = IncidentFactory(service=ServiceFactory())
    item = ActionItemFactory(incident=elsewhere)
    at = f"/incidents/{elsewhere.ref}"
    assert call("get", f"/actions/{item.pk}").status_code == 404
    assert (
        call("post", f"/actions/{item.pk}/state", {"state": "open"}).status_code == 404
    )
    assert call("post", f"{at}/actions", {"title": "x"}).status_code == 404
    assert call("get", f"{at}/postmortem").status_code == 404
