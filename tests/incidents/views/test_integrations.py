"""The pages of integrations."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from incidents.models import Alert, Integration
from incidents.services.inbox import apply_inbox
from tests.conftest import NOW
from tests.factories.incidents import (
    IngestEventFactory,
    IntegrationFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


def sign_in(service, role="manager"):
    client = Client()
    client.force_login(UserFactory(team=service.team, team__role=role, time_zone="UTC"))
    return client


@pytest.fixture
def client(service):
    return sign_in(service)


def create(client, service, kind="webhook", **fields):
    return client.post(
        "/integrations/new/",
        {"service": service.pk, "kind": kind, "name": "Sender"} | fields,
    )


def key_in(answer):
    return re.search(
        r'<code class="once">([a-z0-9]{32})</code>', answer.content.decode()
    )[1]


def test_the_list_asks_as_often_for_one_as_for_three(client, service):
    counts = []
    for names in ("A", "BC"):
        for name in names:
            made = IntegrationFactory(service=service, kind="webhook", name=name)
            IngestEventFactory(integration=made)
        counts.append(count_queries(client, "/integrations/?service=arq"))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_it_is_for(client):
    assert "Nothing sends alerts yet" in client.get("/integrations/").content.decode()


@pytest.mark.parametrize(
    "kind",
    [kind for kind in Integration.Kind.values if kind not in {"checks", "api"}],
)
def test_a_key_is_shown_once_with_a_configuration(client, service, kind):
    assert client.get("/integrations/new/?service=arq").status_code == 200
    answer = create(client, service, kind)
    key = key_in(answer)
    page = answer.content.decode()
    assert page.count(key) > 1
    assert answer["Cache-Control"].find("no-store") >= 0
    again = client.get(f"/integrations/{Integration.objects.get().pk}/")
    assert key not in again.content.decode()
    assert "YOUR_KEY" in again.content.decode()


def test_a_key_made_here_opens_the_door(client, service):
    key = key_in(create(client, service))
    sent = Client().post(
        f"/ingest/webhook/{key}", {"summary": "x"}, content_type="application/json"
    )
    assert sent.status_code == 202
    made = Integration.objects.get()
    page = client.get(f"/integrations/{made.pk}/").content.decode()
    assert "waiting" in page
    apply_inbox(now=NOW)
    page = client.get(f"/integrations/{made.pk}/").content.decode()
    assert "accepted" in page
    assert "1 opened" in page
    fresh = key_in(client.post(f"/integrations/{made.pk}/rotate/"))
    assert fresh != key
    assert (
        "End the old key now"
        in client.get(f"/integrations/{made.pk}/").content.decode()
    )
    client.post(f"/integrations/{made.pk}/revoke/")
    for each, status in ((key, 404), (fresh, 400)):
        assert Client().post(f"/ingest/webhook/{each}").status_code == status


def test_it_is_edited_and_what_makes_no_sense_is_said(client, service):
    SeverityLevelFactory(service=service, label="P0", level=1)
    create(client, service)
    path = f"/integrations/{Integration.objects.get().pk}/edit/"
    assert client.get(path).status_code == 200
    good = {"name": "B", "severity_mapping": "page = P0\n"}
    assert client.post(path, good).status_code == 302
    made = Integration.objects.get()
    assert (made.name, made.severity_mapping) == ("B", {"page": "P0"})
    assert "page = P0" in client.get(path).content.decode()
    for field, value, words in (
        ("severity_mapping", "page = P9", "no severity"),
        ("severity_mapping", "page", "no = sign"),
        ("name", "", "required"),
    ):
        answer = client.post(path, good | {field: value})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    answer = create(client, service, name="B")
    assert answer.status_code == 422
    assert "of this name" in answer.content.decode()
    assert create(client, service, kind="checks").status_code == 422


def test_only_what_the_kind_has_is_asked(client, service):
    made = IntegrationFactory(service=service, kind="heartbeat", name="Backup")
    path = f"/integrations/{made.pk}/edit/"
    page = client.get(path).content.decode()
    assert 'name="silence_minutes"' in page
    assert 'name="field_mapping"' not in page
    client.post(path, {"name": "Backup", "silence_minutes": "90"})
    made.refresh_from_db()
    assert made.silence_after == timedelta(minutes=90)
    assert 'value="90"' in client.get(path).content.decode()


def test_a_test_alert_opens_and_ends(client, service):
    create(client, service)
    path = f"/integrations/{Integration.objects.get().pk}/"
    client.post(f"{path}test/", {"what": "trigger"})
    assert Alert.objects.get().status == "firing"
    client.post(f"{path}test/", {"what": "resolve"})
    assert Alert.objects.get().status == "resolved"


def test_switched_off_is_turned_away_at_the_door(client, service):
    key = key_in(create(client, service))
    path = f"/integrations/{Integration.objects.get().pk}/switch/"
    for enabled, status in (("no", 404), ("yes", 400)):
        client.post(path, {"enabled": enabled})
        assert Client().post(f"/ingest/webhook/{key}").status_code == status


def test_only_managers_of_the_team_come_in(service):
    made = IntegrationFactory(service=service, kind="webhook", name="W")
    paths = [f"/integrations/{made.pk}/", f"/integrations/{made.pk}/edit/"]
    acts = [
        f"/integrations/{made.pk}/{word}/"
        for word in ("rotate", "revoke", "switch", "test")
    ]
    for client, status in (
        (sign_in(service, "responder"), 403),
        (sign_in(ServiceFactory()), 404),
    ):
        assert {client.get(path).status_code for path in paths} == {status}
        assert {client.post(path).status_code for path in acts} == {status}
    assert sign_in(service, "responder").get("/integrations/").status_code == 403


def test_the_portals_own_sender_is_not_shown(client, service):
    own = IntegrationFactory(service=service)
    assert client.get(f"/integrations/{own.pk}/").status_code == 404


def test_the_page_of_a_service_links_to_its_integrations(client):
    page = client.get("/services/arq/").content.decode()
    assert "/integrations/?service=arq" in page
