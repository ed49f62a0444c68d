"""Planned work that comes back, on the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.recurrence import (
    Recurrence,
    find_problem,
    next_occurrences,
    say_recurrence,
)

HOUR = timedelta(hours=1)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
FIRST = date(2026, 1, 14)


def make_rule(**fields):
    values = {
        "frequency": "weekly",
        "weekdays": (0, 1, 2, 3, 4, 5, 6),
        "starts": time(2),
        "length": 2 * HOUR,
        "zone": "Europe/Berlin",
        "first_on": FIRST,
    }
    return Recurrence(**values | fields)


WEEKLY = st.builds(
    make_rule,
    weekdays=st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple),
    every=st.integers(1, 4),
    zone=st.sampled_from(ZONES),
    # No clock jumps in the afternoon.
    starts=st.times(time(12), time(20)).map(lambda each: each.replace(microsecond=0)),
)
NTH = st.builds(
    make_rule,
    frequency=st.just("monthly"),
    weekdays=st.integers(0, 6).map(lambda day: (day,)),
    nth=st.sampled_from([1, 2, 3, 4, -1]),
    every=st.integers(1, 4),
    zone=st.sampled_from(ZONES),
    starts=st.just(time(14)),
)
DATED = st.builds(
    make_rule,
    frequency=st.just("monthly"),
    month_day=st.integers(1, 31),
    every=st.integers(1, 4),
    starts=st.just(time(14)),
)


@given(st.one_of(WEEKLY, NTH, DATED))
def test_it_begins_at_one_reading_of_the_clock_before_and_after_it_changes(rule):
    after = datetime(2026, 3, 1, tzinfo=UTC)
    found = next_occurrences(rule, after, 30)
    zone = ZoneInfo(rule.zone)
    assert {each.starts_at.astimezone(zone).time() for each in found} == {rule.starts}
    assert all(each.ends_at - each.starts_at == rule.length for each in found)
    assert [each.starts_at for each in found] == sorted(
        {each.starts_at for each in found}
    )


def days_by_rrule(rule, **more):
    kind = rrule.WEEKLY if rule.frequency == "weekly" else rrule.MONTHLY
    start = datetime.combine(rule.first_on, rule.starts)
    return list(rrule.rrule(kind, start, rule.every, wkst=0, count=8, **more))


@given(st.one_of(WEEKLY, NTH))
def test_the_days_are_those_of_the_standard_for_calendars(rule):
    if rule.frequency == "weekly":
        expected = days_by_rrule(rule, byweekday=rule.weekdays)
    else:
        day = rrule.weekday(rule.weekdays[0], rule.nth)
        expected = days_by_rrule(rule, byweekday=day)
    found = next_occurrences(rule, datetime(2026, 1, 1, tzinfo=UTC), 8)
    zone = ZoneInfo(rule.zone)
    readings = [each.starts_at.astimezone(zone).replace(tzinfo=None) for each in found]
    assert readings == expected


def test_a_short_month_has_its_last_day():
    rule = make_rule(frequency="monthly", month_day=31, weekdays=())
    found = next_occurrences(rule, datetime(2026, 1, 15, tzinfo=UTC), 4)
    days = [each.starts_at.astimezone(ZoneInfo(rule.zone)).day for each in found]
    assert days == [31, 28, 31, 30]


def test_what_is_running_counts_and_what_is_skipped_begins_at_the_jump():
    rule = make_rule(starts=time(2, 30))
    # On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00.
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    found = next_occurrences(rule, jump + HOUR, 2)
    assert [each.starts_at for each in found] == [
        jump,
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]
    assert next_occurrences(rule, jump + 2 * HOUR, 1)[0] == found[1]


def test_it_ends_after_its_last_day():
    rule = make_rule(last_on=FIRST)
    assert len(next_occurrences(rule, datetime(2026, 1, 1, tzinfo=UTC), 9)) == 1
    never = make_rule(first_on=date(2026, 1, 17), last_on=FIRST, weekdays=())
    assert next_occurrences(never, datetime(2026, 1, 1, tzinfo=UTC), 9) == []
    nowhere = make_rule(weekdays=())
    assert next_occurrences(nowhere, datetime(2026, 1, 1, tzinfo=UTC), 9) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Every day from 02:00 to 04:00 on the clock of Berlin."),
        (
            {"weekdays": (0, 2)},
            "Every Monday and Wednesday from 02:00 to 04:00 on the clock of Berlin.",
        ),
        ({"every": 2}, "Every 2 weeks, daily from 02:00 to 04:00"),
        (
            {"weekdays": (5,), "every": 2, "zone": "America/New_York"},
            "Every 2 weeks on Saturday from 02:00 to 04:00 on the clock of New York.",
        ),
        (
            {"frequency": "monthly", "month_day": 1, "last_on": date(2026, 6, 1)},
            "Every month on day 1 from 02:00 to 04:00 on the clock of Berlin, "
            "until 1 June 2026.",
        ),
        (
            {"frequency": "monthly", "weekdays": (6,), "nth": -1, "length": 25 * HOUR},
            "Every month on the last Sunday from 02:00 for 1 d 1 h",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(fields, words):
    assert say_recurrence(make_rule(**fields)).startswith(words)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, None),
        ({"frequency": "monthly", "month_day": 31}, None),
        ({"frequency": "monthly", "weekdays": (1,), "nth": 2}, None),
        ({"length": timedelta()}, "length"),
        ({"length": 169 * HOUR}, "length"),
        ({"every": 0}, "every"),
        ({"last_on": date(2026, 1, 1)}, "last_on"),
        ({"weekdays": ()}, "weekdays"),
        ({"frequency": "monthly", "weekdays": (1, 2), "nth": 2}, "weekdays"),
        ({"frequency": "monthly", "weekdays": (1,)}, "weekdays"),
    ],
)
def test_a_rule_that_makes_no_sense_names_its_field(fields, field):
    problem = find_problem(make_rule(**fields))
    assert (problem and problem[0]) == field
