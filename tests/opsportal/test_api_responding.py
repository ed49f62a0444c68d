"""What answers an incident, through the API: procedures, runs, checks, trackers."""

import pytest
from django.utils import timezone

from incidents.models import TimelineEntry
from oncall.models import Notification
from runbooks.models import Procedure, Runbook, RunbookVersion
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.oncall import ChannelFactory, ServiceFactory, UserFactory
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def service():
    return ServiceFactory(slug="architect", name="Architect API")


@pytest.fixture
def incident(service):
    return IncidentFactory(service=service, title="High error rate")


@pytest.fixture
def api(client, service):
    return Caller(client, UserFactory(team=service.team))


def write_procedure(service):
    runbook = Runbook.objects.create(
        team=service.team, service=service, slug="ops", title="Operations"
    )
    version = RunbookVersion.objects.create(
        runbook=runbook, number=1, raw=b"", text="", created_at=timezone.now()
    )
    steps = "1. Check logs\n2. Scale or restart\n"
    return Procedure.objects.create(
        version=version, key="p2", position=1, title="P2", line=78, resolution=steps
    )


def test_a_procedure_is_found_and_started_once(api, incident, service):
    procedure = write_procedure(service)
    path = f"/incidents/{incident.ref}"
    (fitting,) = api.get(f"{path}/procedures").json()["items"]
    assert (fitting["id"], fitting["line"]) == (procedure.pk, 78)
    assert fitting["steps"] == ["Check logs", "Scale or restart"]
    for _ in range(2):
        started = api.post(f"{path}/procedures/{procedure.pk}/start")
        assert started.status_code == 201
    run = started.json()
    assert (run["done"], run["total"], run["state"]) == (0, 2, "open")
    assert api.get(f"{path}/runs").json()["items"] == [run]
    assert api.post(f"{path}/procedures/999999/start").status_code == 404
    for gone in ("runs", "procedures", "checks"):
        assert api.get(f"/incidents/INC-1/{gone}").status_code == 404


def test_checks_are_listed_and_linked_once(api, incident, service):
    own = CheckFactory(service=service, name="Health endpoint")
    other = CheckFactory(service__team=service.team, name="Queue depth")
    strange = CheckFactory()
    path = f"/incidents/{incident.ref}/checks"
    assert [each["id"] for each in api.get(path).json()["items"]] == [own.pk]
    for _ in range(2):
        assert api.post(path, {"check": other.pk}).status_code == 201
    rows = api.get(path).json()["items"]
    assert [(each["id"], each["is_linked"]) for each in rows] == [
        (other.pk, True),
        (own.pk, False),
    ]
    entry = TimelineEntry.objects.get(kind="check")
    assert (entry.text, entry.data["state"]) == ("Queue depth", "not checked yet")
    refused = api.post(path, {"check": strange.pk})
    assert refused.json()["error"]["field"] == "check"


def test_an_action_item_goes_to_a_tracker(api, incident):
    item = ActionItemFactory(incident=incident)
    ChannelFactory(team=incident.team, kind="webhook", name="Tracker")
    path = f"/actions/{item.pk}/export"
    for _ in range(2):
        assert api.post(path, {"channel": "Tracker"}).status_code == 200
    row = Notification.objects.get(topic=f"action-export:{item.pk}")
    assert row.channel.name == "Tracker"
    wrong = api.post(path, {"channel": "Nowhere"})
    assert wrong.json()["error"]["field"] == "channel"
