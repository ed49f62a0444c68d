"""Choosing the format of a service's postmortems, on a page and through the API."""

import pytest
from django.test import Client

from incidents.models import PostmortemFormat
from oncall.models import AuditEntry
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGE = "/services/architect/postmortems/"


@pytest.fixture
def service():
    return ServiceFactory(slug="architect")


@pytest.fixture
def manager(service):
    return UserFactory(team=service.team, team__role="manager")


@pytest.fixture
def client(manager):
    client = Client()
    client.force_login(manager)
    return client


def test_a_manager_chooses_it_on_the_page_of_the_service(client, service):
    assert PAGE in client.get("/services/architect/").content.decode()
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"format": "novel"}).status_code == 422
    for _ in range(2):
        said = client.post(PAGE, {"format": "amas"}, follow=True).content.decode()
        assert "keep their format" in said
    assert PostmortemFormat.objects.get().slug == "amas"
    entry = AuditEntry.objects.get(action="postmortemformat.change")
    assert (entry.before, entry.after) == ({"format": "common"}, {"format": "amas"})


def test_others_do_not(client, service):
    responder = Client()
    responder.force_login(UserFactory(team=service.team))
    assert PAGE not in responder.get("/services/architect/").content.decode()
    assert responder.get(PAGE).status_code == 403
    assert client.get("/services/elsewhere/postmortems/").status_code == 404


def test_the_api_says_and_chooses_it(client, manager, service):
    api = Caller(client, manager)
    path = "/services/architect/postmortem-format"
    assert api.get(path).json() == {"format": "common"}
    assert api.put(path, {"format": "arca"}).json() == {"format": "arca"}
    wrong = api.put(path, {"format": "novel"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "format")
    assert api.get("/services/elsewhere/postmortem-format").status_code == 404
