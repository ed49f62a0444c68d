"""The pages of planned work."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import MaintenanceWindow
from tests.factories.incidents import MaintenanceWindowFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ")


@pytest.fixture
def client(service):
    client = Client()
    client.force_login(
        UserFactory(team=service.team, team__role="manager", time_zone="UTC")
    )
    return client


def test_the_list_asks_as_often_for_one_as_for_three(client, service):
    counts = []
    for more in (1, 2):
        MaintenanceWindowFactory.create_batch(more, service=service)
        counts.append(count_queries(client, "/maintenance/"))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_it_is_for(client):
    assert "Nothing is planned" in client.get("/maintenance/").content.decode()


def test_planning_ending_and_calling_off(client, service):
    now = timezone.now()

    def plan(reason, start):
        fields = {
            "service": service.pk,
            "starts_at": f"{start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{start + HOUR:%Y-%m-%dT%H:%M}",
            "reason": reason,
        }
        client.post("/maintenance/new/", fields)
        return MaintenanceWindow.objects.get(reason=reason)

    running = plan("Upgrade", now - HOUR / 2)
    coming = plan("Kernel", now + HOUR)
    page = client.get("/maintenance/").content.decode()
    assert all(word in page for word in ("Running", "Coming", "Upgrade", "Kernel"))
    page = client.post(f"/maintenance/{running.pk}/cancel/", follow=True)
    assert "not begun" in page.content.decode()
    client.post(f"/maintenance/{running.pk}/end/")
    client.post(f"/maintenance/{coming.pk}/cancel/")
    page = client.get("/maintenance/").content.decode()
    assert "Past" in page
    assert "Coming" not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "This field is required."),
        ({"ends_at": "2020-01-01T00:00"}, "It has to end after it starts."),
    ],
)
def test_a_plan_that_makes_no_sense_comes_back(client, service, changes, words):
    fields = {
        "service": service.pk,
        "starts_at": "2030-01-01T00:00",
        "ends_at": "2030-01-01T01:00",
        "reason": "Upgrade",
    }
    answer = client.post("/maintenance/new/", fields | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not MaintenanceWindow.objects.exists()
