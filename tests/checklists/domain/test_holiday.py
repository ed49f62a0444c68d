from datetime import date

import pytest

from checklists.domain.holiday import (
    HolidayPolicy,
    is_business_day,
    move_date,
    nth_business_day,
)

# Christmas of 2025: Thursday and Friday, then a weekend.
THURSDAY, FRIDAY = date(2025, 12, 25), date(2025, 12, 26)
CHRISTMAS = frozenset({THURSDAY, FRIDAY})


@pytest.mark.parametrize(
    ("day", "policy", "runs_on"),
    [
        (THURSDAY, HolidayPolicy.RUN, THURSDAY),
        (THURSDAY, HolidayPolicy.SKIP, None),
        (THURSDAY, HolidayPolicy.NEXT, date(2025, 12, 29)),
        (FRIDAY, HolidayPolicy.NEXT, date(2025, 12, 29)),
        (FRIDAY, HolidayPolicy.PREVIOUS, date(2025, 12, 24)),
        (date(2025, 12, 27), HolidayPolicy.NEXT, date(2025, 12, 27)),
        (date(2025, 12, 24), HolidayPolicy.SKIP, date(2025, 12, 24)),
    ],
)
def test_a_holiday_moves_a_run_as_the_policy_says(day, policy, runs_on):
    assert move_date(day, policy, CHRISTMAS) == runs_on


@pytest.mark.parametrize("policy", [HolidayPolicy.NEXT, HolidayPolicy.PREVIOUS])
def test_a_run_stays_where_no_business_day_is_near(policy):
    closed = frozenset(
        date.fromordinal(THURSDAY.toordinal() + n) for n in range(-60, 60)
    )
    assert move_date(THURSDAY, policy, closed) == THURSDAY


def test_business_days_are_weekdays_without_holidays():
    assert [
        day for day in range(22, 32) if is_business_day(date(2025, 12, day), CHRISTMAS)
    ] == [22, 23, 24, 29, 30, 31]


@pytest.mark.parametrize(
    ("nth", "day"),
    [(1, 1), (3, 3), (15, 19), (-1, 31), (-3, 29), (-4, 24), (-15, 9)],
)
def test_business_days_are_counted_from_both_ends(nth, day):
    assert nth_business_day(2025, 12, nth, CHRISTMAS) == date(2025, 12, day)


@pytest.mark.parametrize(("nth", "day"), [(9, 3), (-9, 2), (1, 2), (-1, 3)])
def test_a_month_with_few_business_days_gives_the_nearest(nth, day):
    closed = frozenset(date(2025, 12, n) for n in range(1, 32) if n not in (2, 3))
    assert nth_business_day(2025, 12, nth, closed) == date(2025, 12, day)


@pytest.mark.parametrize("nth", [1, -1, 9])
def test_a_month_without_business_days_gives_its_last_day(nth):
    closed = frozenset(date(2025, 2, n) for n in range(1, 29))
    assert nth_business_day(2025, 2, nth, closed) == date(2025, 2, 28)
