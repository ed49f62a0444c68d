"""The pages of objectives."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Slo
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import SeverityLevelFactory, SloEventFactory, SloFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "API availability",
    "kind": "availability",
    "target": "99.95",
    "window_days": "30",
    "incident_level": "1",
    "recovery_time": "60",
    "is_enabled": "on",
    "includes_4xx": "on",
}


@pytest.fixture
def service():
    return ServiceFactory(slug="arca-api", name="ARCA API")


@pytest.fixture
def client(service):
    client = Client()
    client.force_login(
        UserFactory(team=service.team, team__role="manager", time_zone="UTC")
    )
    return client


def read(answer):
    return answer.content.decode()


def test_an_objective_is_made_shown_and_changed(client, service):
    SeverityLevelFactory(service=service, level=1, response=timedelta(minutes=15))
    CheckFactory(service=service, slug="http", name="Answers")
    assert "Nothing is promised yet" in read(client.get("/slos/"))
    assert client.get("/slos/new/").status_code == 200
    chosen = client.get("/slos/new/", {"service": service.pk}, follow=True)
    assert "Answers" in read(chosen)
    url = "/slos/new/arca-api/"
    made = client.post(url, FIELDS | {"checks": "http"}, follow=True)
    html = read(made)
    assert "0 s of 21.6 min spent, 21.6 min left" in html
    assert "278 % of the budget" in html
    assert "60 min and 5 min" in html
    assert "69 % of the budget" in html
    assert "Budget left" in html
    slo = Slo.objects.get()
    SloEventFactory(slo=slo, at=timezone.now())
    edit = f"/slos/{slo.pk}/edit/"
    assert 'value="60"' in read(client.get(edit))
    errors = FIELDS | {"kind": "errors", "checks": "http", "counts_incidents": "on"}
    changed = read(client.post(edit, errors, follow=True))
    assert "Half of the budget is gone." in changed
    assert "of level 1 and graver" in changed
    assert "99.95 %" in read(client.get("/slos/"))
    del errors["is_enabled"], errors["includes_4xx"]
    client.post(edit, errors | {"server_checks": "http"})
    assert "Not watched" in read(client.get("/slos/"))
    assert "do not count: http" in read(client.get(f"/slos/{slo.pk}/"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"target": "100"}, "100 % leaves no budget"),
    ],
)
def test_what_makes_no_sense_comes_back(client, service, changes, words):
    answer = client.post("/slos/new/arca-api/", FIELDS | changes)
    assert answer.status_code == 422
    assert words in read(answer)


def test_who_may_do_what(service):
    slo = SloFactory(service=service)
    responder, stranger = Client(), Client()
    responder.force_login(UserFactory(team=service.team))
    stranger.force_login(UserFactory())
    assert responder.get(f"/slos/{slo.pk}/").status_code == 200
    for url in ("/slos/new/", "/slos/new/arca-api/", f"/slos/{slo.pk}/edit/"):
        assert responder.get(url).status_code == 403
    for url in (f"/slos/{slo.pk}/", f"/slos/{slo.pk}/edit/", "/slos/new/arca-api/"):
        assert stranger.get(url).status_code == 404


def test_the_list_asks_as_often_for_one_as_for_three(client, service):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            CheckFactory(service=service, measures_uptime=True)
            SloFactory(
                service=service, counts_incidents=True, excludes_maintenance=True
            )
        counts.append(count_queries(client, "/slos/"))
    assert counts[0] == counts[1]
