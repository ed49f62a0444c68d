"""The checks on the page of an incident."""

import pytest
from django.test import Client

from incidents.models import TimelineEntry
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    return IncidentFactory(service=ServiceFactory(name="Architect API"))


@pytest.fixture
def client(incident):
    client = Client()
    client.force_login(UserFactory(team=incident.team, time_zone="UTC"))
    return client


def show(client, incident):
    return client.get(f"/incidents/{incident.ref}/").content.decode()


def test_checks_of_the_service_show_how_they_stand_what_fails_first(client, incident):
    service = incident.severity.service
    CheckFactory(service=service, name="Calm", status="pass")
    stands = {"status": "fail", "last_value": 1.8, "unit": "%"}
    check = CheckFactory(service=service, name="Error rate", **stands)
    CheckFactory(service=service, name="Stopped one", is_enabled=False)
    page = show(client, incident)
    assert page.index("Error rate") < page.index("Calm")
    assert "1.8 %" in page
    assert f'href="/checks/{check.pk}/"' in page
    assert "Stopped one" not in page
    assert "more that pass" not in page
    for _ in range(3):
        CheckFactory(service=service, status="pass")
    assert "1 more that pass" in show(client, incident)


def test_a_check_is_linked_by_hand_and_stands_in_the_timeline(client, incident):
    team = incident.team
    stands = {"status": "fail", "last_summary": "612 > 500"}
    check = CheckFactory(service__team=team, name="Queue depth", **stands)
    assert f'<option value="{check.pk}">' in show(client, incident)
    url = f"/incidents/{incident.ref}/checks/"
    page = client.post(url, {"check": check.pk}, follow=True).content.decode()
    assert "Check linked" in page
    assert "612 &gt; 500" in page
    assert "Linked · " in page
    client.post(url, {"check": check.pk})
    assert TimelineEntry.objects.filter(kind="check").count() == 1
    for wrong, words in (("x", "Choose a check."), ("9999999", "same team")):
        said = client.post(url, {"check": wrong}, follow=True).content.decode()
        assert words in said
    assert client.post("/incidents/INC-1/checks/").status_code == 404


def test_who_only_reads_cannot_link_and_sees_no_empty_panel(incident):
    reader = Client()
    reader.force_login(UserFactory(team=incident.team, team__role="viewer"))
    assert "Link a check" not in show(reader, incident)
    assert "No check looks" not in show(reader, incident)
    answer = reader.post(f"/incidents/{incident.ref}/checks/", {"check": "1"})
    assert answer.status_code == 403


def test_the_panel_asks_the_same_however_many_checks_there_are(client, incident):
    service = incident.severity.service
    CheckFactory(service=service)
    url = f"/incidents/{incident.ref}/"
    before = count_queries(client, url)
    for _ in range(3):
        CheckFactory(service=service)
    assert count_queries(client, url) == before
