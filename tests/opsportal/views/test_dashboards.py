"""The three dashboards."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.checklists import CheckFactory
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IngestEventFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries
from tests.opsportal.test_api_areas import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ")


@pytest.fixture
def client(service):
    client = Client()
    client.force_login(UserFactory(team=service.team, time_zone="UTC"))
    return client


def read(client, audience) -> str:
    return client.get(f"/dashboards/{audience}/").content.decode()


def test_each_audience_sees_its_own_readings(client, service):
    now = timezone.now()
    for name, unit in (("Users", ""), ("CPU", "%"), ("Latency", "ms")):
        CheckFactory(service=service, name=name, unit=unit, last_value=7)
    IncidentFactory(
        service=service,
        started_at=now - timedelta(hours=2),
        declared_at=now - timedelta(hours=2),
        resolved_at=now - timedelta(hours=1),
        status="resolved",
    )
    AlertFactory(series__integration__service=service, starts_at=now)
    IngestEventFactory(integration__service=service, kind="change", received_at=now)
    shown = {
        audience: {
            name
            for name in ("Users", "CPU", "Latency")
            if f"ARQ: {name}" in read(client, audience)
        }
        for audience in ("executive", "operations", "development")
    }
    assert shown == {
        "executive": {"Users"},
        "operations": {"CPU"},
        "development": {"Latency"},
    }
    assert "Median time to resolve a week" in read(client, "executive")
    assert "Alerts a day" in read(client, "operations")
    assert 'class="chart' in read(client, "executive")
    assert "Alerts of each service" in read(client, "development")


@pytest.mark.parametrize("audience", ["executive", "operations", "development"])
def test_a_dashboard_asks_as_often_for_more_services(client, service, audience):
    url = f"/dashboards/{audience}/"
    counts = [count_queries(client, url)]
    ServiceFactory.create_batch(2, team=service.team)
    counts.append(count_queries(client, url))
    assert counts[0] == counts[1]


def test_the_api_reads_what_the_pages_show(client, service):
    CheckFactory(service=service, name="CPU", unit="%", last_value=7)
    AlertFactory(series__integration__service=service, starts_at=timezone.now())
    CheckFactory(name="Memory", unit="%", last_value=7)
    api = Caller(client, UserFactory(team=service.team, time_zone="UTC"))
    whole = api.get("/dashboards/operations").json()
    assert [row["service"] for row in whole["services"]] == [service.slug]
    days, cpu = whole["series"]
    assert (days["name"], days["points"][-1]["value"]) == ("Alerts a day", 1)
    assert (cpu["name"], cpu["unit"]) == ("ARQ: CPU", "%")
    bars = api.get("/dashboards/development").json()["alerts_by_service"]
    assert bars == [{"name": "ARQ", "count": 1}]
    assert api.get("/dashboards/nobody").status_code == 422
