"""Monthly operations reports: page, PDF and mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.services.monthly_reports import send_monthly_reports
from oncall.models import AuditEntry, Notification
from tests.factories.incidents import IncidentFactory, SloFactory
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 1, 14, 9, tzinfo=UTC)


@pytest.fixture
def team():
    return TeamFactory(slug="platform", name="Platform", time_zone="UTC")


@pytest.fixture
def incident(team):
    return IncidentFactory(
        service=ServiceFactory(team=team),
        ref="INC-2026-01-14-007",
        started_at=AT,
        declared_at=AT,
        resolved_at=AT + timedelta(minutes=30),
        status="resolved",
    )


@pytest.fixture
def client(team):
    client = Client()
    client.force_login(UserFactory(team=team, team__role="manager", time_zone="UTC"))
    return client


def test_a_month_as_page_and_pdf(client, incident):
    SloFactory(
        service=incident.severity.service,
        name="Availability",
        target="99.9",
        counts_incidents=True,
        incident_level=5,
        created_at=AT,
    )
    page = client.get("/reports/monthly/platform/2026-01/").content.decode()
    assert "Operations of Platform, January 2026" in page
    assert "INC-2026-01-14-007" in page
    # Thirty minutes of a month of 31 days, at 99.9 %.
    assert "99.932 %" in page
    assert "Error budget of the month that was spent" in page
    assert page.count("<figure") == 2
    pdf = client.get("/reports/monthly/platform/2026-01.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert "Platform" in client.get("/reports/monthly/").content.decode()


def test_the_present_month_goes_on_and_the_future_is_not_there(client, team):
    month = f"{timezone.now():%Y-%m}"
    page = client.get(f"/reports/monthly/platform/{month}/").content.decode()
    assert "The month goes on" in page
    assert "The month after" not in page
    for wrong in ("platform/9998-01", "platform/x", "elsewhere/2026-01"):
        assert client.get(f"/reports/monthly/{wrong}/").status_code == 404


def test_it_can_be_mailed_by_hand(client, incident):
    answer = client.post("/reports/monthly/platform/2026-01/mail/", follow=True)
    assert "On its way to 1 manager." in answer.content.decode()
    row = Notification.objects.get()
    assert row.subject == "Operations of Platform, January 2026"
    assert "1 real incident" in row.text
    assert "objective" not in row.text
    assert AuditEntry.objects.get().action == "report.mail"


def test_each_team_with_incidents_gets_one_a_month(client, incident):
    TeamFactory()
    first = datetime(2026, 2, 1, 9, tzinfo=UTC)
    sent = [send_monthly_reports(now=first + timedelta(days=n)) for n in range(3)]
    assert sent == [1, 0, 0]
    assert Notification.objects.get().url.endswith("/reports/monthly/platform/2026-01/")


def test_a_team_without_managers_gets_none(incident):
    assert send_monthly_reports(now=datetime(2026, 2, 1, 9, tzinfo=UTC)) == 0
