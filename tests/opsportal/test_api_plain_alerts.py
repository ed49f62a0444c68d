"""Alerts as bare arrays, at the addresses that runbooks know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oncall.services.tokens import create_token
from tests.factories.incidents import AlertFactory
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def token(service):
    _, plain = create_token(
        UserFactory(team=service.team),
        name="test",
        scopes=("read",),
        team=None,
        lifetime=timedelta(days=1),
        now=timezone.now(),
    )
    return {"Authorization": f"Bearer {plain}"}


def test_a_healthy_service_has_an_empty_array(client, token):
    answer = client.get("/api/alerts/active", headers=token)
    assert (answer.status_code, answer.json()) == (200, [])


def test_an_active_alert_has_the_eight_keys(client, token, service):
    alert = AlertFactory(
        series__integration__service=service,
        metric="decision.latency.p99",
        value="550 ms",
        threshold="> 500 ms",
    )
    AlertFactory()
    (shown,) = client.get("/api/alerts/active", headers=token).json()
    assert shown == {
        "id": f"alert-{alert.pk}",
        "metric": "decision.latency.p99",
        "status": "firing",
        "severity": "high",
        "value": 550,
        "threshold": 500,
        "occurredAt": "2026-01-14T09:30:00.000Z",
        "message": alert.summary,
    }
    assert client.get("/api/v1/alerts/active", headers=token).json() == [shown]


def test_many_active_alerts_come_worst_first_and_in_pages(client, token, service):
    made = [
        AlertFactory(series__integration__service=service, level=level)
        for level in (3, 1, 2)
    ]
    url = "/api/alerts/active?limit=2"
    pages = [client.get(f"{url}&offset={n}", headers=token) for n in (0, 2)]
    shown = [each["id"] for page in pages for each in page.json()]
    assert shown == [f"alert-{made[place].pk}" for place in (1, 2, 0)]
    assert [page["X-Total-Count"] for page in pages] == ["3", "3"]
    assert client.get("/api/alerts/active?limit=1001", headers=token).status_code == 422


def test_history_is_the_newest_first_and_never_more_than_200(client, token, service):
    AlertFactory.create_batch(3, series__integration__service=service, is_resolved=True)
    found = client.get("/api/alerts/history", headers=token).json()
    assert [each["status"] for each in found] == ["resolved"] * 3
    assert found[0]["id"] > found[2]["id"]
    for limit, status in ((1, 200), (200, 200), (201, 422), (0, 422)):
        url = f"/api/alerts/history?limit={limit}"
        assert client.get(url, headers=token).status_code == status


def test_without_a_token_nothing_is_told(client):
    assert client.get("/api/alerts/active").status_code == 401
    assert client.post("/api/alerts/active").status_code == 405
