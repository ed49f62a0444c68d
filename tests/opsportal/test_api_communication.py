"""Updates, public pages and objectives through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import MaintenanceWindow, Subscriber
from tests.factories import oncall
from tests.factories.incidents import (
    ComponentFactory,
    IncidentFactory,
    IncidentUpdateFactory,
    MaintenanceWindowFactory,
    SloFactory,
    SubscriberFactory,
)
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SAID = {
    "audience": "public",
    "status": "identified",
    "title": "Saving fails",
    "text": "We found the cause.",
    "customers_percent": "2.5",
    "next_update_minutes": 30,
}


@pytest.fixture
def service():
    return oncall.ServiceFactory(slug="arq")


@pytest.fixture
def api(client, service):
    return Caller(client, oncall.UserFactory(team=service.team, team__role="manager"))


def test_an_audience_is_told_and_told_better(api, service):
    incident = IncidentFactory(service=service)
    component = ComponentFactory(page__team=service.team, service=service, name="API")
    path = f"/incidents/{incident.ref}/updates"
    impact = {"component": component.pk, "state": "major"}
    answer = api.post(path, SAID | {"components": [impact]})
    assert answer.status_code == 201
    first = answer.json()
    assert "Status: IDENTIFIED" in first["text_sent"]
    assert "2.5" not in first["text_sent"]
    better = api.post(f"{path}/{first['id']}/corrections", SAID | {"text": "Found."})
    assert better.json()["corrects"] == first["id"]
    rows = api.get(path).json()["items"]
    assert [row["is_corrected"] for row in rows] == [False, True]
    stale = api.post(f"{path}/{first['id']}/corrections", SAID)
    assert (stale.status_code, stale.json()["current"]) == (409, better.json())
    elsewhere = IncidentUpdateFactory()
    assert api.post(f"{path}/{elsewhere.pk}/corrections", SAID).status_code == 404
    assert api.post("/incidents/INC-1/updates", SAID).status_code == 404
    wrong = api.post(path, SAID | {"text": " "})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "text")


def test_components_are_marked_and_pages_listed(api, service):
    component = ComponentFactory(page__team=service.team, service=service, name="API")
    mark = f"/components/{component.pk}/marks"
    assert api.post(mark, {"state": "degraded", "note": "Slow"}).status_code == 201
    (page,) = api.get("/status-pages").json()["items"]
    assert page["state"] == "degraded"
    assert page["components"][0]["note"] == "Slow"
    stranger = ComponentFactory()
    mark = f"/components/{stranger.pk}/marks"
    assert api.post(mark, {"state": "degraded"}).status_code == 404


def test_planned_work_is_announced(api, service):
    now = timezone.now()
    ends = now + timedelta(hours=1)
    window = MaintenanceWindowFactory(service=service, starts_at=now, ends_at=ends)
    path = f"/maintenance/{window.pk}/announcement"
    assert api.post(path, {"is_public": True}).json() == {"is_public": True}
    assert MaintenanceWindow.objects.get().announced_at is not None
    other = MaintenanceWindowFactory()
    path = f"/maintenance/{other.pk}/announcement"
    assert api.post(path, {"is_public": True}).status_code == 404


def test_an_objective_is_made_read_and_changed(api, service):
    sent = {"name": "API", "target": "99.95", "recovery_time_minutes": 60}
    made = api.post("/slos", sent | {"service": "arq"}).json()
    assert (made["budget_seconds"], made["bad_seconds"]) == (1296, 0)
    assert "278 %" in made["doubts"][0]
    path = f"/slos/{made['id']}"
    body = {"name": "API", "target": "99.9", "window_days": 365}
    changed = api.put(path, body)
    assert changed.json()["window_days"] == 365
    assert api.get(path).json()["target"] == 99.9
    (row,) = api.get("/slos").json()["items"]
    assert row["consumed_percent"] == 0
    assert api.post("/slos", sent | {"service": "other"}).status_code == 422
    assert api.get(f"/slos/{SloFactory().pk}").status_code == 404
    assert api.put(f"/slos/{SloFactory().pk}", body).status_code == 404


def test_a_responder_tells_but_promises_nothing(client, service):
    api = Caller(client, oncall.UserFactory(team=service.team))
    incident = IncidentFactory(service=service)
    path = f"/incidents/{incident.ref}/updates"
    assert api.post(path, SAID | {"audience": "internal"}).status_code == 201
    sent = {"service": "arq", "name": "API", "target": "99"}
    assert api.post("/slos", sent).status_code == 403


def test_readers_of_a_page_are_for_its_managers(api, client, service):
    row = SubscriberFactory(page__team=service.team, page__slug="arq")
    path = "/status-pages/arq/subscribers"
    (shown,) = api.get(path).json()["items"]
    assert (shown["address"], shown["components"]) == (row.address, [])
    responder = Caller(client, oncall.UserFactory(team=service.team))
    assert responder.get(path).status_code == 403
    assert api.get("/status-pages/other/subscribers").status_code == 404
    paused = {"refusals": 3, "refusal": "No such mailbox", "paused_at": timezone.now()}
    Subscriber.objects.update(**paused)
    (shown,) = api.get(path).json()["items"]
    assert (shown["refusals"], shown["refusal"]) == (3, "No such mailbox")
    again = api.post(f"{path}/{row.pk}/resume", {}).json()
    assert (again["refusals"], again["paused_at"]) == (0, None)
    assert api.post(f"{path}/{row.pk + 1}/resume", {}).status_code == 404
    assert api.delete(f"{path}/{row.pk}").status_code == 204
    assert api.delete(f"{path}/{row.pk}").status_code == 404
