"""How the load was shared, and what is owed for it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oncall.models import Notification, ShiftRecord, StipendRates
from oncall.queries import load_schedule
from oncall.queries.duty_rules import rates_of, read_people
from oncall.queries.load import load_card, report_load
from oncall.queries.stipends import HEAD, csv_row, stipend_rows
from tests.conftest import NOW
from tests.factories.oncall import (
    HolidayCalendarFactory,
    HolidayFactory,
    NotificationFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Monday 12 January 2026, 00:00 in Berlin.
MONDAY = NOW.replace(day=11, hour=23, minute=0)


def record(schedule, user, start, end, role="primary"):
    return ShiftRecord.objects.create(
        schedule=schedule,
        user=user,
        role=role,
        starts_at=start,
        ends_at=end,
        cause="rotation:1",
    )


def page(user, team, topic, **fields):
    values = {"urgency": "high", "state": Notification.State.SENT, "sent_at": NOW}
    return NotificationFactory(
        recipient=user, team=team, topic=topic, **values | fields
    )


@pytest.fixture
def schedule():
    return make_weekly_schedule()


def test_the_card_tells_hours_weekends_and_pages_of_the_first_role(schedule):
    first, second, _ = schedule.people
    record(schedule, first, MONDAY - 7 * DAY, MONDAY)
    record(schedule, second, MONDAY, None)
    record(schedule, second, MONDAY - 7 * DAY, MONDAY, role="secondary")
    for topic in ("alert:1", "alert:1", "incident:2", "run:3"):
        page(first, schedule.team, topic)
    page(first, schedule.team, "alert:4", urgency="low")
    page(first, schedule.team, "alert:5", created_at=NOW - 91 * DAY)
    card = load_card(schedule, load_schedule(schedule.pk), NOW)
    assert (card.role, card.roles) == ("primary", ["primary", "secondary"])
    assert [(row.hours, row.weekends, row.pages) for row in card.rows] == [
        (168, 1, 2),
        ((NOW - MONDAY) / HOUR, 0, 0),
        (0, 0, 0),
    ]
    assert card.balance < 70
    assert card.tone == "crit"
    assert round(sum(row.percent for row in card.rows)) == 100
    assert card.hours == 168 + (NOW - MONDAY) / HOUR


def test_a_schedule_without_a_past_has_its_people_and_a_whole_balance(schedule):
    card = load_card(schedule, load_schedule(schedule.pk), NOW)
    assert [row.hours for row in card.rows] == [0, 0, 0]
    assert (card.balance, card.tone) == (100, "ok")


def test_what_is_ahead_comes_from_the_plan(schedule):
    report = report_load(schedule, NOW, NOW + 21 * DAY, now=NOW, role="secondary")
    assert sum(row.hours for row in report.rows) == 21 * 24
    every = report_load(schedule, NOW, NOW + 21 * DAY, now=NOW)
    assert sum(row.hours for row in every.rows) == 2 * 21 * 24


def test_before_the_first_version_nobody_takes_turns(schedule):
    early = schedule.rotations.get().versions.get().effective_from - 9 * DAY
    assert report_load(schedule, early, early + DAY, now=NOW).rows == []


def test_a_role_that_no_rotation_fills_has_nobody(schedule):
    assert report_load(schedule, NOW, NOW, now=NOW, role="lead").rows == []


def test_a_group_is_people(schedule):
    version = schedule.rotations.get().versions.get()
    version.members.create(position=0, user=UserFactory())
    version.members.filter(position=1).update(user=None)
    report = report_load(schedule, NOW, NOW, now=NOW)
    assert len(report.rows) == 3


def test_holidays_are_those_where_a_person_lives(schedule):
    first, second, _ = schedule.people
    here, there = HolidayCalendarFactory(), HolidayCalendarFactory()
    HolidayFactory(calendar=here, on=MONDAY.date() + 2 * DAY)
    schedule.team.calendar = here
    schedule.team.save()
    second.calendar = there
    second.save()
    for person in (first, second):
        record(schedule, person, MONDAY, MONDAY + 2 * DAY)
    report = report_load(schedule, MONDAY, NOW, now=NOW, role="primary")
    assert [row.holidays for row in report.rows[:2]] == [1, 0]
    people = read_people(schedule.team, [first.pk])
    assert people.name(first.pk) == first.display_name
    assert (people.name("nobody"), people.holidays_of("nobody")) == (
        "",
        people.holidays_of(first.pk),
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_more_people_ask_no_more_questions(schedule, rows):
    for person in schedule.people[:rows]:
        record(schedule, person, NOW - DAY, NOW)
    with CaptureQueriesContext(connection) as asked:
        load_card(schedule, load_schedule(schedule.pk), NOW)
    assert len(asked) == 8


def test_stipends_are_exact_to_the_minute_and_by_kind(schedule):
    first, second, third = schedule.people
    StipendRates.objects.create(
        team=schedule.team,
        weekday_hour=Decimal(2),
        night_hour=Decimal(3),
        lieu_percent=50,
        roles=["primary"],
    )
    seam = MONDAY + 9 * HOUR + timedelta(seconds=41)
    record(schedule, first, MONDAY - DAY, seam)
    record(schedule, second, seam, None)
    record(schedule, third, MONDAY, None, role="secondary")
    rows = stipend_rows([schedule.team_id], MONDAY, MONDAY + 7 * DAY, now=NOW)
    assert [row.user for row in rows] == [first.username, second.username]
    one, other = rows
    assert (one.night_minutes, one.weekday_minutes) == (6 * 60, 3 * 60)
    assert (one.amount, one.currency, one.lieu_minutes) == (Decimal(24), "EUR", 270)
    until_now = (NOW - MONDAY) // timedelta(minutes=1)
    assert one.total_minutes + other.total_minutes == until_now
    assert dict(zip(HEAD, csv_row(one), strict=True))["total minutes"] == 540


def test_stipends_are_of_the_teams_and_the_schedule_asked_for(schedule):
    other, stranger = make_weekly_schedule(schedule.team), make_weekly_schedule()
    for each in (schedule, other, stranger):
        record(each, each.people[0], MONDAY, NOW)

    def ask(**more):
        rows = stipend_rows([schedule.team_id], MONDAY, NOW, now=NOW, **more)
        return [row.schedule for row in rows]

    assert ask() == sorted([schedule.slug, other.slug])
    assert ask(schedule=other.slug) == [other.slug]
    assert ask(schedule=stranger.slug) == []


def test_a_team_without_rates_pays_nothing_yet(schedule):
    rates = rates_of(schedule.team)
    assert (rates.pk, rates.currency, rates.weekday_hour) == (None, "EUR", 0)
