"""The API of incidents, from declaring to merging."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oncall.models import Notification
from oncall.services.tokens import create_token
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def service():
    service = ServiceFactory(slug="architect-api")
    SeverityLevelFactory(service=service, label="P1", level=1)
    SeverityLevelFactory(service=service, label="P2", level=2)
    return service


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team, name="Engineer A")


@pytest.fixture
def call(client, engineer):
    _, plain = create_token(
        engineer,
        name="test",
        scopes=["read", "respond"],
        team=None,
        lifetime=timedelta(days=1),
        now=timezone.now(),
    )

    def call(verb, path, body=None):
        send = getattr(client, verb)
        headers = {"Authorization": f"Bearer {plain}"}
        return send(
            f"/api/v1/incidents{path}",
            {} if body is None else body,
            content_type="application/json",
            headers=headers,
        )

    return call


def test_words_declare_and_an_emergency_pages(call, engineer):
    said = {"text": "@incident-commander EMERGENCY - PRODUCTION DOWN"}
    declared = call("post", "/command", said)
    assert declared.status_code == 201
    row = declared.json()
    assert (row["severity"], row["is_complete_outage"]) == ("P1", True)
    assert row["roles"] == [
        {"role": "commander", "user": engineer.pk, "name": "Engineer A"}
    ]
    assert Notification.objects.get().recipient == engineer
    refused = call("post", "/command", {"text": "API DOWN"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "text")
    assert call("post", f"/{row['ref']}/page", {}).status_code == 409


def test_details_are_written_over_what_was_seen(call, service):
    incident = IncidentFactory(service=service)
    body = {"version": 0, "symptoms": "5xx\n15 alerts fired", "customers_percent": 4.2}
    row = call("patch", f"/{incident.ref}", body).json()
    assert row["symptoms"] == ["5xx", "15 alerts fired"]
    assert (row["customers_percent"], row["version"]) == (4.2, 1)
    stale = call("patch", f"/{incident.ref}", body)
    assert (stale.status_code, stale.json()["current"]) == (409, row)
    emptied = {"version": 1, "customers_percent": None, "title": None}
    row = call("patch", f"/{incident.ref}", emptied).json()
    assert row["customers_percent"] is None
    assert row["title"] == incident.title
    wrong = {"version": 2, "resolved_at": "2026-01-14T09:00:00Z"}
    assert call("patch", f"/{incident.ref}", wrong).status_code == 422


def test_a_response_by_the_api(call, service, engineer):
    incident = IncidentFactory(service=service)
    at = f"/{incident.ref}"
    assert call("post", f"{at}/acknowledge").json()["acknowledged_at"]
    assert call("post", f"{at}/severity", {"severity": "P1"}).json()["level"] == 1
    role = call("put", f"{at}/roles/scribe", {"user": engineer.pk}).json()["roles"]
    assert [each["role"] for each in role] == ["commander", "scribe"]
    strange = {"user": UserFactory().pk}
    assert call("put", f"{at}/roles/scribe", strange).status_code == 422
    assert len(call("put", f"{at}/roles/scribe", {"user": None}).json()["roles"]) == 1
    alert = AlertFactory(series__integration__service=service)
    assert call("post", f"{at}/alerts", {"alert": alert.pk}).status_code == 200
    assert call("delete", f"{at}/alerts/{alert.pk}").status_code == 200
    assert call("post", f"{at}/changes", {"change": 7}).status_code == 422
    call("post", f"{at}/notes", {"text": "Roling back"})
    note = call("get", at).json()["timeline"][0]
    better = {"text": "Rolling back"}
    assert call("post", f"{at}/entries/{note['id']}/correct", better).status_code == 201
    assert call("post", f"{at}/entries/{10**9}/correct", better).status_code == 404
    first = call("get", at).json()["timeline"][0]
    assert (first["text"], first["corrects"]) == ("Rolling back", note["id"])
    stale = call("post", f"{at}/entries/{note['id']}/correct", better)
    assert (stale.status_code, stale.json()["current"]) == (409, first)


def test_merging_and_what_is_alike(call, service):
    one, other = IncidentFactory.create_batch(2, service=service)
    for row in (one, other):
        row.words.create(word="pool")
    IncidentFactory(service=service)
    alike = call("get", f"/{one.ref}/similar").json()
    assert [row["ref"] for row in alike] == [other.ref]
    merged = call("post", f"/{one.ref}/merge", {"into": other.ref})
    assert merged.json()["ref"] == other.ref
    whole = call("get", f"/{one.ref}").json()
    assert (whole["status"], whole["merged_into"]) == ("merged", other.ref)
    past = call("get", "", {"state": "past"}).json()["items"]
    assert [row["ref"] for row in past] == [one.ref]
