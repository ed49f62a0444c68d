"""The weekly review: its words, its weeks, and when it is sent."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.compliance import Standing, count_standings
from checklists.domain.weekly_review import (
    Certificate,
    DutyWeek,
    FullSoon,
    NoisyAlert,
    OpenAction,
    ServiceWeek,
    WeekFacts,
    bounds_of,
    monday_of,
    next_send,
    read_monday,
    say_in_short,
    write_review,
)

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 23)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EMPTY = WeekFacts(team="ARQ", monday=MONDAY, today=MONDAY + 7 * DAY)
FULL = WeekFacts(
    team="ARQ",
    monday=MONDAY,
    today=MONDAY + 7 * DAY,
    runs=(
        ("Daily", count_standings([Standing.ON_TIME, Standing.LATE])),
        ("Weekly", count_standings([Standing.MISSED])),
    ),
    services=(
        ServiceWeek("Replica", HOUR, 100 * HOUR, 1),
        ServiceWeek("Queue", timedelta(), timedelta(), 0),
    ),
    incidents=(("INC-1", "Lag | of\nthe replica"),),
    alerts=(NoisyAlert("Replica", "Lag", 7, 2),),
    duty=(DutyWeek("Primary", "Engineer A", 84.04, 3),),
    capacity=(
        FullSoon("Replica", "Disk", 12.4, 9.8),
        FullSoon("Queue", "Disk", 80, 70),
    ),
    actions=(
        OpenAction("Alert sooner", "INC-1", "Engineer A", MONDAY),
        OpenAction("Write it down", "INC-1", "", None),
        OpenAction("Try it", "INC-1", "", MONDAY + 7 * DAY),
    ),
    certificates=(Certificate("Queue", "Certificate", 29.6),),
)


def test_a_full_week_has_a_table_for_each_part():
    text = write_review(FULL)
    for line in (
        "# Week of ARQ, 23 March to 29 March 2026",
        "| Daily | 1 | 1 | 0 | 0 | 0 |",
        "| Replica | 99.000 % | 1.0 h | 1 |",
        "| Queue | not watched | - | 0 |",
        "| INC-1 | Lag / of the replica |",
        "| Replica | Lag | 7 | 2 |",
        "| Primary | Engineer A | 84.0 | 3 |",
        "| Replica | Disk | 12 | 10 |",
        "| Alert sooner | INC-1 | Engineer A | 23 Mar 2026, overdue |",
        "| Write it down | INC-1 | no one | - |",
        "| Try it | INC-1 | no one | 30 Mar 2026 |",
        "| Queue | Certificate | 30 |",
    ):
        assert line in text.splitlines()


def test_it_is_said_in_short():
    assert say_in_short(FULL) == (
        "1 run on time, 1 late, 1 missed. 1 incident, 7 alerts, 3 pages."
        " 3 action items open, 1 overdue. 1 limit reached within 30 days."
        " 1 certificate ending within 30 days."
    )
    assert say_in_short(EMPTY) == (
        "0 runs on time, 0 late, 0 missed. 0 incidents, 0 alerts, 0 pages."
        " 0 action items open, 0 overdue."
    )


def test_a_quiet_week_has_no_empty_tables():
    assert "##" not in write_review(EMPTY)


def test_a_second_of_failing_is_never_a_hundred_percent():
    week = ServiceWeek("A", timedelta(microseconds=1), 7 * DAY, 0)
    text = write_review(
        WeekFacts(team="", monday=MONDAY, today=MONDAY, services=(week,))
    )
    assert "99.999 %" in text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-23", MONDAY),
        ("2026-03-24", None),
        ("20260323", None),
        ("0001-01-01", None),
        ("last", None),
    ],
)
def test_a_week_is_named_by_its_monday(text, day):
    assert read_monday(text) == day


def test_a_week_in_which_the_clock_changes_is_an_hour_shorter():
    since, until = bounds_of(MONDAY, BERLIN)
    assert until - since == 7 * DAY - HOUR
    assert monday_of(since, BERLIN) == MONDAY
    assert monday_of(since - HOUR, BERLIN) == MONDAY - 7 * DAY


MOMENTS = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(MOMENTS, st.integers(0, 6), st.times())
def test_it_is_next_sent_within_a_week_on_the_day_and_time_that_were_chosen(
    now, weekday, at
):
    found = next_send(now, BERLIN, weekday=weekday, at=at)
    assert now < found <= now + 7 * DAY + HOUR
    local = found.astimezone(BERLIN)
    assert local.weekday() == weekday
    # Only in the hour that spring leaves out it is later.
    assert local.time() == at or time(2) <= at < time(3)
