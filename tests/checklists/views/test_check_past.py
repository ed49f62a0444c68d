"""A check's page over a day, a month and two years."""

from datetime import timedelta

import pytest
from django.urls import reverse

from checklists.models import Check, CheckResult
from checklists.services.retention import purge_results
from checklists.services.rolling import roll_up_results
from tests.factories.checklists import CheckDayFactory, CheckFactory
from tests.factories.incidents import (
    IncidentFactory,
    MaintenanceWindowFactory,
    SeverityLevelFactory,
)
from tests.factories.runs import NOW

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def measured(service):
    """A check with five days of results, summed up, and the older ones gone."""
    SeverityLevelFactory(service=service, label="Critical", level=1)
    check = CheckFactory(
        service=service,
        condition="latency < 100ms",
        unit="ms",
        ladder=[{"severity": "Critical", "condition": "latency > 0.25s"}],
    )
    CheckResult.objects.bulk_create(
        CheckResult(
            check_ref=check,
            scheduled_for=NOW - n * HOUR,
            observed_at=NOW - n * HOUR,
            outcome="pass",
            value=300.0 if n == 60 else 40.0,
            latency_ms=20.0,
        )
        for n in range(1, 5 * 24)
    )
    roll_up_results(now=NOW)
    purge_results(now=NOW)
    return check


def page(client, check, **query):
    response = client.get(reverse("check_detail", args=[check.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_day_shows_the_last_results(sign_in, measured):
    html = page(sign_in("viewer"), measured)
    assert "Value: lowest 40 ms, highest 40 ms, last 40 ms" in html
    assert "threshold 100 ms, 250 ms" in html
    assert 'href="?span=day" aria-current="page"' in html


def test_a_month_shows_what_single_results_no_longer_do(sign_in, measured):
    html = page(sign_in("viewer"), measured, span="month")
    assert "Value: lowest 40 ms, highest 300 ms, last 40 ms" in html
    assert 'href="?span=month" aria-current="page"' in html


def test_two_years_show_the_oldest_day(sign_in, measured):
    CheckDayFactory(check_ref=measured, on=(NOW - 700 * DAY).date())
    assert "42 ms" in page(sign_in("viewer"), measured, span="years")


def test_incidents_and_planned_work_lie_behind_the_line(sign_in, measured, service):
    incident = IncidentFactory(
        team=service.team,
        severity=service.severities.get(),
        title="Checkout fails",
        started_at=NOW - 5 * HOUR,
    )
    incident.services.add(service)
    MaintenanceWindowFactory(
        service=service,
        starts_at=NOW - 9 * HOUR,
        ends_at=NOW - 8 * HOUR,
        reason="Patches",
    )
    html = page(sign_in("viewer"), measured)
    assert f"<title>{incident.ref} Checkout fails</title>" in html
    assert "<title>Patches</title>" in html
    assert "planned work" in html


def test_what_cannot_be_judged_has_no_limits(sign_in, measured):
    Check.objects.update(condition="value <")
    html = page(sign_in("viewer"), measured)
    assert "Value: lowest 40 ms" in html
    assert "threshold" not in html


def test_nothing_measured_is_a_sentence(sign_in, service):
    html = page(sign_in("viewer"), CheckFactory(service=service), span="month")
    assert "Nothing was measured in 30 days." in html


def test_two_years_take_the_questions_of_a_day(
    sign_in, measured, django_assert_max_num_queries
):
    client = sign_in("viewer")
    page(client, measured)
    counts = []
    for span in ("day", "month", "years"):
        with django_assert_max_num_queries(40) as asked:
            page(client, measured, span=span)
        counts.append(len(asked))
    assert len(set(counts)) == 1
