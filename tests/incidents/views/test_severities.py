"""The words of a service for severity: read by all, kept by managers."""

import re

import pytest
from django.test import Client

from incidents.models import SeverityLevel
from oncall.models import AuditEntry
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import (
    IncidentFactory,
    IntegrationFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/services/arq/severities/"
SAID = {"label": "P1", "level": "1", "response": "5"}


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def sign_in(service):
    def make(role):
        client = Client()
        team = service.team if role else ServiceFactory().team
        client.force_login(UserFactory(team=team, team__role=role or "manager"))
        return client

    return make


@pytest.fixture
def client(sign_in):
    return sign_in("manager")


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_service_without_words_shows_the_common_ones(client, sign_in):
    html = words(client.get(URL))
    assert "The first that you add takes their place." in html
    for word in ("Critical", "High", "Medium", "Low", "Info"):
        assert word in html
    assert "a manager adds" in words(sign_in("viewer").get(URL))
    assert not SeverityLevel.objects.exists()


def test_a_word_is_added_changed_and_removed(client, service):
    assert client.get(f"{URL}new/").status_code == 200
    more = {"update_every": "30", "pages": "on", "description": "Down for all"}
    answer = client.post(f"{URL}new/", SAID | more, follow=True)
    html = words(answer)
    for sentence in ("Saved: P1", "within 5 min", "every 30 min", "Down for all"):
        assert sentence in html
    word = SeverityLevel.objects.get()
    edit = f"/severities/{word.pk}/"
    assert 'value="30"' in words(client.get(edit))
    client.post(edit, {"label": "SEV1", "level": "2", "is_next_business_day": "on"})
    assert "by the next business day" in words(client.get(URL))
    assert "SEV1" in words(client.get("/services/arq/"))
    answer = client.post(f"{edit}remove/", follow=True)
    assert "Removed: SEV1" in words(answer)
    told = AuditEntry.objects.filter(team=service.team, action__startswith="severity")
    assert [each.action for each in told.order_by("pk")] == [
        "severity.put",
        "severity.put",
        "severity.remove",
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"label": "P2"}, "The service has a severity “P2” already."),
        ({"label": " "}, "This field is required."),
        ({"level": "9"}, "Select a valid choice."),
        ({"is_next_business_day": "on"}, "Give minutes, or let it be the next"),
    ],
)
def test_errors_name_the_field(typed, sentence, client, service):
    SeverityLevelFactory(service=service, label="P2")
    answer = client.post(f"{URL}new/", SAID | typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert SeverityLevel.objects.count() == 1


def test_the_second_of_two_writers_is_shown_what_the_first_left(client, service):
    word = SeverityLevelFactory(service=service, label="P1", level=1)
    edit = f"/severities/{word.pk}/"
    (seen,) = re.findall(r'name="revision" value="(\w+)"', words(client.get(edit)))
    mine = SAID | {"revision": seen}
    client.post(edit, mine | {"response": "15", "level": "2"})
    answer = client.post(edit, mine)
    assert answer.status_code == 409
    html = words(answer)
    assert "Now it says As bad as: High; Respond within: 15 min. Save again" in html
    (now,) = re.findall(r'name="revision" value="(\w+)"', html)
    assert client.post(edit, SAID | {"revision": now, "level": "9"}).status_code == 422
    assert client.post(edit, SAID | {"revision": now}).status_code == 302
    assert SeverityLevel.objects.get().level == 1
    answer = client.post(edit, SAID | {"revision": seen})
    assert "Now it says the same." in words(answer)


def test_what_is_asked_for_keeps_its_word(client, service):
    word = SeverityLevelFactory(service=service, label="P1", level=1)
    edit = f"/severities/{word.pk}/"
    rung = {"severity": "P1", "condition": "value > 1s"}
    check = CheckFactory(service=service, name="Lag", ladder=[rung])
    answer = client.post(edit, SAID | {"label": "SEV1"})
    assert answer.status_code == 409
    assert "“P1” keeps its name: it is asked for by the check Lag." in words(answer)
    assert client.post(edit, SAID | {"level": "2"}).status_code == 302
    for number in range(3):
        IntegrationFactory(
            service=service, name=f"Sender {number}", severity_mapping={"page": "P1"}
        )
    answer = client.post(f"{edit}remove/", follow=True)
    assert (
        "it is asked for by the integration Sender 0, the integration Sender 1, the integration Sender 2 and others."
        in words(answer)
    )
    service.integrations.update(severity_mapping={})
    check.delete()
    IncidentFactory(team=service.team, severity=word)
    answer = client.post(f"{edit}remove/", follow=True)
    assert "Incidents use the severity “P1”, so it stays." in words(answer)
    assert SeverityLevel.objects.get().level == 2


def test_words_are_for_managers_of_the_team(sign_in, service):
    word = SeverityLevelFactory(service=service)
    edit = f"/severities/{word.pk}/"
    for role, seen, written in (("responder", 200, 403), (None, 404, 404)):
        client = sign_in(role)
        assert client.get(URL).status_code == seen
        assert client.get(f"{URL}new/").status_code == written
        assert client.get(edit).status_code == written
        assert client.post(f"{edit}remove/").status_code == written
    assert f'href="{edit}"' not in words(sign_in("viewer").get(URL))
