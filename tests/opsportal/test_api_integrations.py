"""Senders of alerts through the API."""

import pytest
from django.test import Client

from incidents.models import Alert, Integration
from incidents.services.inbox import apply_inbox
from tests.conftest import NOW
from tests.factories import oncall
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def service():
    return oncall.ServiceFactory(slug="arq")


def caller(client, service, role="manager"):
    return Caller(client, oncall.UserFactory(team=service.team, team__role=role))


def make(api, **more):
    sent = {"service": "arq", "kind": "webhook", "name": "Engine"}
    return api.post("/integrations", sent | more)


def test_a_sender_is_read_changed_and_tested(client, service):
    api = caller(client, service)
    pk = make(api, kind="grafana", secret="s3cret").json()["id"]
    found = api.get(f"/integrations/{pk}").json()
    assert (found["name"], found["kind"], found["has_secret"]) == (
        *("Engine", "grafana"),
        True,
    )
    assert "s3cret" not in str(found)
    said = {"name": "Panels", "field_mapping": {}, "silence_minutes": 5}
    found = api.put(f"/integrations/{pk}", said).json()
    assert (found["name"], found["has_secret"]) == ("Panels", True)
    assert found["silence_minutes"] == 5
    assert api.put(f"/integrations/{pk}", {"name": " "}).status_code == 422
    for is_over, reason in ((False, "1 opened"), (True, "1 resolved")):
        answer = api.post(f"/integrations/{pk}/test", {"is_over": is_over}).json()
        assert answer["reason"].endswith(reason)
    assert Alert.objects.get().status == "resolved"
    engineer = caller(client, service, "responder")
    assert engineer.get(f"/integrations/{pk}").status_code == 403
    stranger = caller(client, oncall.ServiceFactory())
    assert stranger.post(f"/integrations/{pk}/test").status_code == 404


def test_a_sender_is_made_used_rotated_and_switched_off(client, service):
    api = caller(client, service)
    answer = make(api)
    assert answer.status_code == 201
    made = answer.json()

    def send(key):
        return Client().post(
            f"/ingest/webhook/{key}", {"summary": "x"}, content_type="application/json"
        )

    assert send(made["key"]).status_code == 202
    (row,) = api.get("/integrations?service=arq").json()
    assert (row["id"], row["kind"], row["is_enabled"]) == (made["id"], "webhook", True)
    apply_inbox(now=NOW)
    path = f"/integrations/{made['id']}"
    (message,) = api.get(f"{path}/messages").json()
    assert (message["status"], message["reason"]) == ("accepted", "1 opened")
    fresh = api.post(f"{path}/rotate", {}).json()["key"]
    assert api.post(f"{path}/revoke", {}).status_code == 204
    assert send(made["key"]).status_code == 404
    assert send(fresh).status_code == 202
    assert api.post(f"{path}/switch", {"is_enabled": False}).status_code == 204
    assert send(fresh).status_code == 404


def test_what_is_wrong_is_said(client, service):
    api = caller(client, service)
    for more, field in (
        ({"service": "other"}, "service"),
        ({"kind": "checks"}, "body.kind"),
        ({"severity_mapping": {"page": "P9"}}, "severity_mapping"),
    ):
        answer = make(api, **more)
        assert answer.status_code == 422
        assert answer.json()["error"]["field"].endswith(field)
    assert not Integration.objects.exists()


def test_only_managers_of_the_team_make_and_see(client, service):
    made = make(caller(client, service)).json()["id"]
    responder = caller(client, service, "responder")
    assert make(responder).status_code == 403
    assert responder.post(f"/integrations/{made}/rotate", {}).status_code == 403
    assert responder.get("/integrations").json() == []
    stranger = caller(client, oncall.ServiceFactory())
    assert stranger.get(f"/integrations/{made}/messages").status_code == 404
