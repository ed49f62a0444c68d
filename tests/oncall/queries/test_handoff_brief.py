"""What a brief says, from all apps, with a constant number of queries."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oncall.models import Absence, Handoff, SwapLeg, SwapRequest
from oncall.queries.handoffs import live_sections
from oncall.services.handoffs import advance_handoffs
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    MaintenanceWindowFactory,
    SilenceFactory,
)
from tests.factories.oncall import (
    HolidayCalendarFactory,
    HolidayFactory,
    NotificationFactory,
    OverrideFactory,
    ServiceFactory,
    make_weekly_schedule,
)
from tests.factories.runs import open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AT = datetime(2026, 1, 19, 8, tzinfo=UTC)
NOW = AT - 2 * HOUR


@pytest.fixture
def schedule():
    return make_weekly_schedule()


@pytest.fixture
def service(schedule):
    return ServiceFactory(team=schedule.team, name="Architect API")


@pytest.fixture
def row(schedule):
    advance_handoffs(now=AT - 2 * DAY)
    return Handoff.objects.select_related("schedule").get()


def brief(row, now=NOW):
    return {section.title: section for section in live_sections(row, now)}


def texts(row, title, now=NOW):
    return [line.text for line in brief(row, now)[title].lines]


def test_a_quiet_shift_says_so_in_every_section(row):
    sections = brief(row)
    assert list(sections) == [
        "Open incidents",
        "Alerts this shift",
        "Pages this shift",
        "Open alerts",
        "Checklists",
        "Failing checks",
        "Certificates",
        "Silences",
        "Maintenance",
        "Gaps ahead",
        "Next shift",
    ]
    assert all(not section.lines and section.empty for section in sections.values())


def test_incidents_and_alerts_of_the_team(row, service):
    incident = IncidentFactory(
        team=service.team, severity__service=service, title="High error rate"
    )
    IncidentFactory(title="Of another team")
    (line,) = brief(row)["Open incidents"].lines
    assert "High error rate" in line.text
    assert incident.ref in line.url

    AlertFactory(service=service, summary="Error rate", starts_at=AT - 3 * DAY)
    assert texts(row, "Open alerts")[0].startswith("Architect API: Error rate")


def test_silences_that_hold_or_come_before_the_next_handoff_are_listed(row, service):
    for begin, end, where in (
        (NOW - HOUR, NOW + HOUR, service),
        (AT + DAY, AT + DAY + HOUR, None),
        (AT + 8 * DAY, AT + 9 * DAY, None),
        (NOW - 2 * HOUR, NOW - HOUR, None),
    ):
        SilenceFactory(team=service.team, service=where, starts_at=begin, ends_at=end)
    SilenceFactory(starts_at=NOW - HOUR, ends_at=NOW + HOUR)
    what = 'host="db1" (Disk is replaced)'
    assert texts(row, "Silences") == [
        f"Architect API: {what}, 06:00 to 08:00",
        f"All services: {what}, Tue 09:00 to Tue 10:00",
    ]


def test_alerts_are_counted_and_told_apart_by_working_hours(row, service, schedule):
    calendar = HolidayCalendarFactory()
    schedule.team.calendar = calendar
    schedule.team.save(update_fields=["calendar"])
    HolidayFactory(calendar=calendar, on=datetime(2026, 1, 15, tzinfo=UTC).date())
    noon = datetime(2026, 1, 14, 11, tzinfo=UTC)
    for at, acknowledged in (
        (noon, True),
        (noon + 12 * HOUR, False),
        (noon + DAY, False),
        (noon + 3 * DAY, False),
        (noon - 7 * DAY, True),
    ):
        AlertFactory(
            service=service,
            starts_at=at,
            acknowledged_at=at if acknowledged else None,
        )
    assert texts(row, "Alerts this shift") == [
        "4 fired, 1 acknowledged, 3 outside working hours"
    ]


def test_pages_are_counted_by_person_however_many_ways_they_took(row, schedule):
    person = schedule.people[0]
    for topic, urgency, at in (
        ("alert:1", "high", AT - DAY),
        ("alert:1", "high", AT - DAY),
        ("alert:2", "high", AT - DAY),
        ("alert:3", "low", AT - DAY),
        ("handoff:4", "high", AT - DAY),
        ("alert:5", "high", AT - 8 * DAY),
    ):
        NotificationFactory(
            team=schedule.team,
            topic=topic,
            urgency=urgency,
            created_at=at,
            recipient=person,
        )
    assert texts(row, "Pages this shift") == [f"{person.name}: 2 pages"]


def test_what_the_next_shift_meets(row, schedule, service):
    first, second, _ = schedule.people
    OverrideFactory(
        schedule=schedule,
        starts_at=AT + DAY,
        ends_at=AT + 2 * DAY,
        add_user=None,
        remove_user=row.incoming,
    )
    OverrideFactory(
        schedule=schedule,
        starts_at=AT + 3 * DAY,
        ends_at=AT + 4 * DAY,
        add_user=first,
        remove_user=second,
    )
    OverrideFactory(
        schedule=schedule, starts_at=AT + DAY, ends_at=AT + 30 * HOUR,
        add_user=second, role="",
    )  # fmt: skip
    swap = SwapRequest.objects.create(
        schedule=schedule, requester=second, created_at=NOW, expires_at=AT + DAY
    )
    for is_return in (False, True):
        SwapLeg.objects.create(
            request=swap,
            role="primary",
            starts_at=AT + DAY,
            ends_at=AT + 2 * DAY,
            is_return=is_return,
        )
    Absence.objects.create(user=first, starts_at=AT, ends_at=AT + DAY, created_at=NOW)
    MaintenanceWindowFactory(
        service=service, starts_at=AT + DAY, ends_at=AT + 25 * HOUR, reason="Upgrade"
    )
    said = texts(row, "Next shift")
    assert f"{row.incoming} is off (primary) Tue 09:00 to Wed 09:00" in said
    assert f"{first} for {second} (primary) Thu 09:00 to Fri 09:00" in said
    assert f"{second} is on call (every role) Tue 09:00 to Tue 15:00" in said
    assert f"{second} asks to swap" in said
    assert f"{first} is away 09:00 to Tue 09:00" in said
    assert len(said) == 5
    assert texts(row, "Gaps ahead") == ["No primary Tue 15:00 to Wed 09:00"]
    assert texts(row, "Maintenance") == [
        "Architect API: Upgrade, Tue 09:00 to Tue 10:00"
    ]


def test_open_runs_failing_checks_and_certificates(row, service):
    run = open_run(service=service)
    (line,) = brief(row, run.due_at + HOUR)["Checklists"].lines
    assert "overdue" in line.text
    assert line.tone == "crit"
    (line,) = brief(row, run.due_at - MINUTE)["Checklists"].lines
    assert ", due " in line.text
    run.state = "awaiting_signoff"
    run.save(update_fields=["state"])
    assert texts(row, "Checklists", run.due_at)[0].endswith("waits for sign-off")

    CheckFactory(service=service, name="Replication", status="fail", last_summary="9 s")
    CheckFactory(service=service, name="Backups", status="fail")
    assert texts(row, "Failing checks") == [
        "Architect API: Replication (9 s)",
        "Architect API: Backups",
    ]
    for days in (1.4, -2, 19.9, 45):
        CheckFactory(service=service, name="TLS", kind="tls", last_value=days)
    assert texts(row, "Certificates") == [
        "Architect API: TLS, expired",
        "Architect API: TLS, expires in 1 day",
        "Architect API: TLS, expires in 19 days",
    ]


def test_a_long_section_is_cut_and_says_how_much_is_left(row, service):
    CheckFactory.create_batch(14, service=service, status="fail")
    lines = brief(row)["Failing checks"].lines
    assert len(lines) == 13
    assert lines[-1].text == "and 2 more"


def test_a_full_brief_asks_as_much_as_a_small_one(row, service, schedule):
    counts = []
    for rows in (1, 3):
        for number in range(rows):
            IncidentFactory(team=service.team, severity__service=service)
            AlertFactory(service=service)
            CheckFactory(service=service, status="fail")
            CheckFactory(service=service, kind="tls", last_value=3)
            MaintenanceWindowFactory(service=service, starts_at=AT, ends_at=AT + HOUR)
            NotificationFactory(
                team=schedule.team, urgency="high", created_at=AT - DAY,
                topic=f"alert:{number}",
            )  # fmt: skip
            OverrideFactory(schedule=schedule, starts_at=AT, ends_at=AT + HOUR)
            Absence.objects.create(
                user=schedule.people[number], starts_at=AT, ends_at=AT + DAY,
                created_at=NOW,
            )  # fmt: skip
            open_run(service=service)
        with CaptureQueriesContext(connection) as asked:
            live_sections(row, NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]
