"""The page of how incidents went."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.incidents import (
    AlertFactory,
    EscalationEventFactory,
    IncidentFactory,
    IncidentRoleFactory,
    SeverityLevelFactory,
    TimelineEntryFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team, time_zone="UTC", name="Engineer Z")


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


def happen(service, **more):
    began = timezone.now() - timedelta(days=3)
    return IncidentFactory(
        **{
            "service": service,
            "started_at": began,
            "detected_at": began + 4 * MINUTE,
            "declared_at": began + 5 * MINUTE,
            "acknowledged_at": began + 6 * MINUTE,
            "resolved_at": began + 65 * MINUTE,
            "status": "resolved",
        }
        | more
    )


def read(answer) -> str:
    return answer.content.decode()


def test_times_hours_and_pages_of_real_incidents(client, service, engineer):
    incident = happen(service)
    IncidentRoleFactory(incident=incident, user=engineer)
    other = UserFactory(team=service.team, name="Engineer Y")
    for person, minutes in ((engineer, 5), (other, 5), (other, 15)):
        at = incident.started_at + minutes * MINUTE
        TimelineEntryFactory(incident=incident, actor=person, occurred_at=at)
    SeverityLevelFactory(service=service, label="P4", level=4)
    TimelineEntryFactory(
        incident=incident,
        kind="severity",
        data={"from": "P2", "to": "P4"},
        recorded_at=incident.started_at + 35 * MINUTE,
    )
    alert = AlertFactory(series__integration__service=service)
    EscalationEventFactory(alert=alert, recipient=other, at=incident.declared_at)
    happen(service, kind="drill", resolved_at=None)
    page = read(client.get("/reports/incidents/"))
    assert "1 real incident in 90 days" in page
    assert "median 4 min" in page
    assert "median 2 min" in page
    assert "Nobody was paged" not in page
    assert '<td class="num" data-label="Pages">1</td>' in page
    assert page.count('<figure class="chart"') >= 4
    assert "median 1 h 5 min" in page
    assert '<td class="num" data-label="Hours">1.0</td>' in page
    assert '<td class="num" data-label="Hours">0.2</td>' in page
    assert "High 0.5 h; Low 0.5 h" in page


def test_the_figures_as_files(client, service):
    happen(service)
    elsewhere = ServiceFactory(team=service.team, slug="amas", name="AMAS")
    happen(elsewhere, acknowledged_at=None, resolved_at=None, status="investigating")
    lines = read(client.get("/reports/incidents.csv")).splitlines()
    assert lines[0] == "measure,of,name,count,median,p90,mean,worst"
    assert "detect,all,,2,240,240,240,240" in lines
    assert "resolve,service,ARQ,1,3900,3900,3900,3900" in lines
    narrow = client.get("/reports/incidents.json?service=amas&days=30").json()
    assert {row["measure"] for row in narrow["figures"]} == {"detect"}


def test_nothing_happened(client):
    assert "No incident in this time" in read(client.get("/reports/incidents/"))


def test_other_teams_do_not_count(client):
    happen(ServiceFactory())
    assert "No incident in this time" in read(client.get("/reports/incidents/"))


def test_the_page_asks_as_often_for_one_as_for_three(client, service):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            happen(service)
        counts.append(count_queries(client, "/reports/incidents/"))
    assert counts[0] == counts[1]
