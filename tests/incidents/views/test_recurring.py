"""The pages of planned work that comes back."""

import pytest
from django.test import Client

from incidents.models import MaintenanceWindow, RecurringWindow
from tests.factories.incidents import RecurringWindowFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
URL = "/maintenance/recurring/new/"


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


def fields_of(service, **changes):
    return {
        "service": service.pk,
        "reason": "Load test",
        "frequency": "weekly",
        "every": 1,
        "weekdays": [5],
        "starts": "02:00",
        "hours": "2",
        "zone": "Europe/Berlin",
        "first_on": "2026-01-14",
    } | changes


def test_the_rule_is_shown_as_a_sentence_and_five_times_before_it_is_planned(
    client, service
):
    assert "Load test" not in client.get(URL).content.decode()
    page = client.post(URL, fields_of(service, preview=1)).content.decode()
    assert "Every Saturday from 02:00 to 04:00 on the clock of Berlin." in page
    assert page.count('<li class="num">') == 5
    assert not RecurringWindow.objects.exists()
    page = client.post(URL, fields_of(service, weekdays=[]), follow=True)
    assert page.status_code == 422
    page = client.post(URL, fields_of(service, weekdays=[], preview=1))
    assert page.status_code == 422
    assert client.post(URL, fields_of(service, zone="Moon")).status_code == 422
    client.post(URL, fields_of(service, weekdays=list(range(7))))
    page = client.get("/maintenance/").content.decode()
    assert "Every day from 02:00" in page
    row = RecurringWindow.objects.get()
    assert MaintenanceWindow.objects.filter(recurring=row).exists()
    client.post(f"/maintenance/recurring/{row.pk}/stop/")
    assert not RecurringWindow.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frequency": "monthly", "month_day": 31}, "Every month on day 31"),
        ({"frequency": "monthly", "on": "-1"}, "Every month on the last Saturday"),
    ],
)
def test_it_may_come_back_by_the_month(client, service, changes, words):
    page = client.post(URL, fields_of(service, preview=1, **changes))
    assert words in page.content.decode()


def test_the_list_asks_as_often_for_one_as_for_three(client, service):
    counts = []
    for more in (1, 2):
        RecurringWindowFactory.create_batch(more, service=service)
        counts.append(count_queries(client, "/maintenance/"))
    assert counts[0] == counts[1]


def test_other_teams_and_viewers_are_kept_out(client, service):
    theirs = RecurringWindowFactory()
    assert client.post(f"/maintenance/recurring/{theirs.pk}/stop/").status_code == 404
    viewer = Client()
    viewer.force_login(UserFactory(team=service.team, team__role="viewer"))
    ours = RecurringWindowFactory(service=service)
    assert viewer.get(URL).status_code == 403
    assert viewer.post(f"/maintenance/recurring/{ours.pk}/stop/").status_code == 403
