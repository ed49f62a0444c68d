from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.duty_time import DayRules
from oncall.domain.fairness import Load, Served, find_balance, measure_loads

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
# Monday 09:00 in Berlin.
MONDAY = datetime(2026, 1, 12, 8, tzinfo=UTC)
WEEK = timedelta(days=7)


def measure(*served, rules=None, **more):
    rules = rules or DayRules(BERLIN)
    return measure_loads(served, lambda person: rules, **more)


def test_a_week_has_seven_nights_and_a_weekend():
    rules = DayRules(BERLIN, holidays=frozenset({date(2026, 1, 14)}))
    (load,) = measure(Served("A", MONDAY, MONDAY + WEEK), rules=rules, pages={"A": 3})
    assert load == Load("A", WEEK, 7, 1, 1, 3)
    assert load.hours == 168


def test_a_short_help_is_no_weekend_and_half_a_day_is():
    saturday = MONDAY + timedelta(days=5)
    for hours, weekends in ((11, 0), (12, 1)):
        (load,) = measure(Served("A", saturday, saturday + hours * HOUR))
        assert load.weekends == weekends


def test_a_night_counts_for_whoever_had_half_of_it():
    # 22:00 to 06:00 in Berlin; the seam is at 01:59 and at 02:00.
    ten = MONDAY + 13 * HOUR
    for minutes, nights in ((239, [0, 1]), (240, [1, 1]), (241, [1, 0])):
        seam = ten + timedelta(minutes=minutes)
        loads = measure(Served("A", ten, seam), Served("B", seam, ten + 8 * HOUR))
        assert [load.nights for load in loads] == nights


def test_two_places_at_once_are_twice_the_time_and_one_night():
    twice = [Served("A", MONDAY, MONDAY + WEEK)] * 2
    (load,) = measure(*twice)
    assert (load.time, load.nights, load.weekends) == (2 * WEEK, 7, 1)


def test_people_without_time_are_in_the_table_and_others_come_after_them():
    loads = measure(
        Served("X", MONDAY, MONDAY + HOUR), people=("A", "B"), pages={"B": 1}
    )
    assert [(load.person, load.hours, load.pages) for load in loads] == [
        ("A", 0, 0),
        ("B", 0, 1),
        ("X", 1, 0),
    ]


def test_without_a_night_nobody_has_one():
    rules = DayRules(BERLIN, night_starts=time(0), night_ends=time(0))
    (load,) = measure(Served("A", MONDAY, MONDAY + WEEK), rules=rules)
    assert load.nights == 0


@pytest.mark.parametrize(
    ("hours", "balance"),
    [
        ((504, 512, 488, 480), 97),
        ((100, 100), 100),
        ((100, 0), 0),
        ((100, 0, 0), 0),
        ((7,), 100),
        ((0, 0), 100),
        ((), 100),
    ],
)
def test_the_balance_falls_with_the_deviation_of_hours(hours, balance):
    assert find_balance(hour * HOUR for hour in hours) == balance


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12), st.integers(2, 9))
def test_the_balance_asks_neither_the_order_nor_the_size(hours, factor):
    times = [hour * HOUR for hour in hours]
    balance = find_balance(times)
    assert 0 <= balance <= 100
    assert find_balance(reversed(times)) == balance
    assert find_balance(factor * each for each in times) == balance
