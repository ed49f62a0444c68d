"""The pages and the API of alerts that are told together."""

import pytest
from django.test import Client

from incidents.models import AlertGrouping
from incidents.services.alert_groups import watch_groups
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    AlertGroupFactory,
    AlertGroupingFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries
from tests.incidents.services.test_alert_groups import Grouped
from tests.incidents.views.test_noise import Api

pytestmark = pytest.mark.django_db
FIELDS = {"is_on": "on", "labels": "alertname, zone", "wait": 30, "interval": 300}


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def user(service):
    return UserFactory(team=service.team, team__role="manager")


@pytest.fixture
def client(user):
    client = Client()
    client.force_login(user)
    return client


def read(client, url):
    return client.get(url).content.decode()


def test_a_group_shows_its_alerts_and_who_speaks_and_all_are_taken_at_once():
    world = Grouped()
    client = Client()
    client.force_login(world.engineer)
    first = world.fires(0, "a")
    other = world.fires(0, "b")
    watch_groups(now=NOW)
    url = f"/alert-groups/{first.group_id}/"
    page = read(client, url)
    assert "2 of 2 open" in page
    assert "Speaks for it" in page
    for alert in (first, other):
        assert url in read(client, f"/alerts/{alert.pk}/")
    assert "Told with its group" in read(client, f"/alerts/{other.pk}/")
    chosen = {"act": "acknowledge", "next": url, "alert": [first.pk, other.pk]}
    assert client.post("/alerts/many/", chosen).url == url
    other.refresh_from_db()
    assert other.status == "acknowledged"


def test_groups_are_listed_and_other_teams_see_none(client, service):
    assert "There was no group yet" in read(client, "/alert-groups/")
    AlertGroupingFactory(service=service)
    rows = [AlertGroupFactory(service=service), AlertGroupFactory(closed_at=NOW)]
    page = read(client, "/alert-groups/")
    assert f"/alert-groups/{rows[0].pk}/" in page
    assert f"/alert-groups/{rows[1].pk}/" not in page
    assert client.get(f"/alert-groups/{rows[1].pk}/").status_code == 404
    asked = count_queries(client, "/alert-groups/")
    AlertGroupFactory.create_batch(3, service=service, told_at=None)
    assert count_queries(client, "/alert-groups/") == asked
    AlertFactory(group=rows[0], series__integration__service=service)
    asked = count_queries(client, f"/alert-groups/{rows[0].pk}/")
    AlertFactory.create_batch(
        2, group=rows[0], is_resolved=True, series__integration__service=service
    )
    assert count_queries(client, f"/alert-groups/{rows[0].pk}/") == asked


def test_managers_say_how_a_service_groups(client, service):
    url = "/services/arq/grouping/"
    assert "alertname" in read(client, url)
    assert client.post(url, FIELDS | {"repeat": 3600}).url == "/alert-groups/"
    row = AlertGrouping.objects.get()
    assert (row.labels, row.wait.seconds) == (["alertname", "zone"], 30)
    assert "alertname, zone" in read(client, "/alert-groups/")
    many = FIELDS | {"repeat": 3600, "labels": ",".join("abcdefghi")}
    refused = client.post(url, many)
    assert refused.status_code == 422
    assert "Name at most 8 labels." in refused.content.decode()
    assert client.post(url, FIELDS | {"repeat": 7}).status_code == 422
    # A length that the API set is kept.
    AlertGrouping.objects.update(wait=row.wait * 3)
    assert '<option value="90" selected>90 s</option>' in read(client, url)
    client.post(url, FIELDS | {"is_on": "", "repeat": 3600})
    assert not AlertGrouping.objects.exists()


def test_responders_do_not_say_how_a_service_groups(service):
    client = Client()
    client.force_login(UserFactory(team=service.team))
    assert client.get("/services/arq/grouping/").status_code == 403
    assert client.get("/services/other/grouping/").status_code == 404
    assert "Change" not in read(client, "/alert-groups/")


def test_the_api_lists_groups_and_sets_how_they_are_made(service, user):
    api = Api(Client(), user)
    group = AlertGroupFactory(service=service)
    AlertGroupFactory()
    (row,) = api.get("/alert-groups").json()["items"]
    assert (row["id"], row["service"], row["alerts"]) == (group.pk, "arq", 1)
    assert row["shared"] == [{"name": "alertname", "value": "Lag"}]
    path = "/services/arq/grouping"
    nothing = dict.fromkeys(("labels", "wait", "interval", "repeat"))
    assert api.get(path).json() == nothing
    made = {"labels": ["zone"], "wait": 0, "interval": 60, "repeat": 3600}
    assert api.put(path, made | {"labels": ["zone", "zone"]}).json() == made
    assert api.get(path).json() == made
    assert api.put(path, made | {"repeat": 30}).status_code == 422
    assert api.delete(path).status_code == 204
    assert api.get(path).json() == nothing
    assert api.put("/services/other/grouping", made).status_code == 404
