"""Acts on an incident beside its status: taking it, calling, merging, changes, runs."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Incident, TimelineEntry
from oncall.models import Notification
from runbooks.models import Procedure, Runbook, RunbookVersion
from tests.factories.incidents import (
    IncidentFactory,
    IncidentWordFactory,
    IngestEventFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service():
    service = ServiceFactory(slug="architect", name="Architect API")
    SeverityLevelFactory(service=service, label="P1", level=1)
    SeverityLevelFactory(service=service, label="P2", update_every=30 * MINUTE)
    return service


@pytest.fixture
def client(service):
    client = Client()
    client.force_login(UserFactory(team=service.team, time_zone="UTC"))
    return client


@pytest.fixture
def incident(service):
    now = timezone.now()
    return IncidentFactory(
        service=service,
        title="High error rate",
        started_at=now - 12 * MINUTE,
        detected_at=now - 10 * MINUTE,
        declared_at=now - 9 * MINUTE,
    )


def act(client, incident, name, **fields) -> str:
    url = f"/incidents/{incident.ref}/{name}/"
    return client.post(url, fields, follow=True).content.decode()


def test_words_declare_and_other_words_explain_themselves(client, service):
    url = "/incidents/declare/text/"
    page = client.post(url, {"text": "DECLARE P1 - API DOWN"}, follow=True)
    assert "Incident declared by chat text" in page.content.decode()
    assert Incident.objects.get().title == "API DOWN"
    page = client.post(url, {"text": "API DOWN"}, follow=True).content.decode()
    assert "Say “DECLARE P1 - what is broken”" in page


def test_the_page_says_the_phase_and_what_is_late(client, incident):
    incident.customers_percent = "4.20"
    incident.affected = "POST /v1/*"
    incident.is_executive = True
    incident.save()
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert "Phase 2: Assessment" in page
    assert page.count('aria-label="Late"') == 2
    assert "≈ 4.2 % of customers, POST /v1/*" in page
    assert "Next update" in page
    assert "Executives lead" in page


def test_somebody_takes_it(client, incident):
    page = act(client, incident, "acknowledge")
    assert "I have it" not in page
    assert "Somebody has it already" in act(client, incident, "acknowledge")
    assert Incident.objects.get().acknowledged_at is not None


def test_everybody_is_called(client, incident):
    assert "Paged: " in act(client, incident, "page", text="Join")
    assert Notification.objects.get().text == "Join"
    assert "less than 10 minutes" in act(client, incident, "page")


def test_two_become_one(client, service, incident):
    other = IncidentFactory(service=service, title="The cause")
    page = act(client, incident, "merge", into=other.pk, reason="Same")
    assert f"{incident.ref} is now part of {other.ref}." in page
    assert "Merged into this" in page
    merged = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert "This incident goes on in another one." in merged
    assert "Choose an open incident" in act(client, other, "merge", into=other.pk)


def test_a_change_goes_into_the_timeline(client, service, incident):
    change = IngestEventFactory(
        integration__service=service,
        kind="change",
        body=json.dumps({"payload": {"summary": "Deployed 4.2"}}).encode(),
        received_at=incident.started_at - MINUTE,
    )
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert "Changes before it" in page
    page = act(client, incident, "changes", change=change.pk)
    assert "Changes before it" not in page
    assert TimelineEntry.objects.get().text == "Deployed 4.2"


def test_incidents_that_are_alike_are_shown_with_what_helped(client, service, incident):
    before = IncidentFactory(service=service, status="closed", resolution="Rolled back")
    IncidentFactory(service=service)
    for row in (incident, before):
        IncidentWordFactory(incident=row, word="pool")
    for number in range(9):
        IncidentWordFactory(incident=incident, word=f"alone{number}")
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert "Similar incidents" in page
    assert "Rolled back" in page


def test_a_procedure_becomes_the_checklist_of_the_response(client, service, incident):
    runbook = Runbook.objects.create(
        team=service.team, service=service, slug="ops", title="Operations"
    )
    version = RunbookVersion.objects.create(
        runbook=runbook, number=1, raw=b"", text="", created_at=timezone.now()
    )
    procedure = Procedure.objects.create(
        version=version,
        key="p2",
        position=1,
        title="P2: High error rate",
        line=78,
        resolution="1. Check logs\n2. Scale or restart\n",
    )
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert "Operations, line 78" in page
    page = act(client, incident, "respond", procedure=procedure.pk)
    assert "from Operations, line 78" in page
    step = incident.runs.get().items.order_by("item__position").first()
    back = f"/incidents/{incident.ref}/#step-{step.pk}"
    fields = {"version": step.version, "next": back}
    answer = client.post(f"/items/{step.pk}/tick/", fields)
    assert answer.headers["Location"] == back
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert f'action="/items/{step.pk}/untick/"' in page
    missing = client.post(f"/incidents/{incident.ref}/respond/", {"procedure": "x"})
    assert missing.status_code == 404
    assert client.post("/incidents/INC-1/respond/").status_code == 404


def test_details_keep_seconds_and_only_ask_for_times_that_were_reached(
    client, incident
):
    page = client.get(f"/incidents/{incident.ref}/edit/").content.decode()
    assert 'name="detected_at"' in page
    assert 'name="resolved_at"' not in page


@pytest.mark.parametrize(
    ("query", "is_found"), [("kind=drill", False), ("level=2", True), ("level=x", True)]
)
def test_the_list_is_narrowed(client, incident, query, is_found):
    page = client.get(f"/incidents/?{query}").content.decode()
    assert (incident.ref in page) == is_found
