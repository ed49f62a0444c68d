"""Flat rows, in the right order, for the right teams."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents import queries
from incidents.queries import AlertFilter, IncidentFilter
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IncidentRoleFactory,
    MaintenanceWindowFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import (
    HolidayCalendarFactory,
    HolidayFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def make_alert(service):
    def make(**fields):
        return AlertFactory(series__integration__service=service, **fields)

    return make


def found(of, /, **wanted) -> list[int]:
    alerts = queries.find_alerts([of.team_id], AlertFilter(**wanted))
    return [row.pk for row in queries.as_alert_rows(alerts)]


def test_active_alerts_are_those_of_the_teams_worst_first(service, make_alert):
    mild = make_alert(level=4)
    worst = make_alert(level=1)
    newest = make_alert(level=4, starts_at=NOW)
    make_alert(is_resolved=True)
    AlertFactory()
    rows = queries.active_alerts([service.team_id])
    assert [row.pk for row in rows] == [worst.pk, newest.pk, mild.pk]
    assert (rows[0].tone, rows[0].is_open, rows[0].service_name) == (
        "crit",
        True,
        "ARQ",
    )


def test_a_row_says_the_services_word_or_the_common_one(service, make_alert):
    make_alert(level=3, severity_label="")
    make_alert(level=4, severity_label="SEV4")
    words = [row.severity_word for row in queries.active_alerts([service.team_id])]
    assert words == ["Medium", "SEV4"]


def test_people_without_a_name_go_by_their_user_name(service, make_alert):
    make_alert(
        status="acknowledged",
        acknowledged_by=UserFactory(name="", username="kim"),
        acknowledged_at=NOW,
    )
    assert queries.active_alerts([service.team_id])[0].acknowledged_by == "kim"


def test_a_filter_narrows(service, make_alert):
    lag = make_alert(level=2, summary="Replication LAG", metric="x")
    disk = make_alert(level=4, summary="Disk", metric="disk.used")
    assert found(service, text="lag") == [lag.pk]
    assert found(service, text="DISK.") == [disk.pk]
    assert found(service, level=3) == [lag.pk]
    assert found(service, service="arq") == [lag.pk, disk.pk]
    assert found(service, service="other") == []


def test_history_is_what_ended_and_review_what_nobody_looked_at(service, make_alert):
    firing = make_alert()
    ended = make_alert(is_resolved=True, starts_at=NOW)
    seen = make_alert(is_resolved=True, reviewed_at=NOW)
    assert found(service, tab="review") == [ended.pk, firing.pk]
    assert found(service, tab="history") == [ended.pk, seen.pk]
    assert queries.count_alerts([service.team_id]) == (1, 2)
    to_review = queries.alerts_to_review(service.pk, NOW - HOUR / 2)
    assert [row.pk for row in to_review] == [ended.pk]


def test_incident_rows_carry_their_commander(service):
    milder = IncidentFactory(service=service, severity__level=3)
    worse = IncidentFactory(service=service, severity__level=1)
    IncidentRoleFactory(
        incident=worse, user=UserFactory(name="Engineer A", team=service.team)
    )
    IncidentFactory(service=service, status="cancelled", closed_at=NOW)
    rows = queries.open_incidents([service.team_id])
    assert [row.pk for row in rows] == [worse.pk, milder.pk]
    assert (rows[0].commander, rows[1].commander) == ("Engineer A", None)
    assert (rows[0].tone, rows[0].status_word) == ("crit", "Investigating")
    assert (rows[0].over_at, rows[0].length) == (None, None)


def test_past_incidents_say_how_long_they_took(service):
    over = IncidentFactory(service=service, status="resolved", resolved_at=NOW)
    IncidentFactory(service=service)
    past = queries.find_incidents([service.team_id], IncidentFilter(tab="past"))
    (row,) = queries.as_incident_rows(past)
    assert (row.pk, row.over_at, row.length) == (over.pk, NOW, HOUR)


def test_incidents_are_found_by_service_and_by_words(service):
    incident = IncidentFactory(service=service, title="Pool ran out")
    teams = [service.team_id]
    for narrow in (
        {"service": "arq"},
        {"text": "POOL out"},
        {"text": incident.ref},
        {"kind": "real", "level": 2},
    ):
        found = queries.open_incidents(teams, IncidentFilter(**narrow))
        assert [row.pk for row in found] == [incident.pk]
    for narrow in ({"text": "pool nothing"}, {"kind": "drill"}, {"level": 1}):
        assert queries.open_incidents(teams, IncidentFilter(**narrow)) == []


def test_without_words_of_its_own_a_service_has_the_common_ones(service):
    labels = [word.label for word in queries.severity_choices(service.pk)]
    assert labels == ["Critical", "High", "Medium", "Low", "Info"]
    SeverityLevelFactory(service=service, label="P1")
    assert [word.label for word in queries.severity_choices(service.pk)] == ["P1"]


def test_an_answer_is_due_by_the_teams_calendar():
    calendar = HolidayCalendarFactory()
    HolidayFactory(calendar=calendar, on=NOW.date() + timedelta(days=1))
    team = TeamFactory(calendar=calendar)
    service = ServiceFactory(team=team)
    soon = IncidentFactory(service=service, declared_at=NOW)
    later = IncidentFactory(
        service=service,
        declared_at=NOW,
        severity__label="P3",
        severity__is_next_business_day=True,
    )
    assert queries.find_response_due(soon) == NOW + HOUR / 4
    assert queries.find_response_due(later) == datetime(2026, 1, 16, 16, tzinfo=UTC)


def test_without_a_calendar_only_weekends_are_off():
    incident = IncidentFactory(declared_at=NOW, severity__is_next_business_day=True)
    assert queries.find_response_due(incident) == datetime(2026, 1, 15, 16, tzinfo=UTC)


def test_windows_are_running_coming_or_past(service):
    running = MaintenanceWindowFactory(service=service)
    coming = MaintenanceWindowFactory(
        service=service, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR
    )
    past = MaintenanceWindowFactory(
        service=service, starts_at=NOW - 2 * HOUR, ends_at=NOW
    )
    MaintenanceWindowFactory()
    lists = queries.list_windows([service.team_id], NOW)
    assert [[row.pk for row in rows] for rows in lists] == [
        [running.pk],
        [coming.pk],
        [past.pk],
    ]


def test_services_come_in_the_asked_order_and_only_from_the_teams(service):
    other = ServiceFactory(team=service.team, position=1)
    strange = ServiceFactory()
    asked = [other.pk, strange.pk, service.pk]
    assert queries.get_services([service.team_id], asked) == [other, service]
    rows = queries.list_services([service.team_id])
    assert [row.pk for row in rows] == [service.pk, other.pk]
