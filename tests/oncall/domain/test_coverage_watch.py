"""What is empty by design is no gap, and each rung is found once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given

from oncall.domain.coverage import find_gaps
from oncall.domain.coverage_watch import RUNGS, find_rung, find_unplanned_gaps
from oncall.domain.pace import ActiveWindow
from oncall.domain.schedule import HolidayPolicy, Override
from tests.oncall.domain.strategies import QUARTER, a_weekly_schedule, scenes

OFFICE = tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5))
MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def gaps_of(schedule, start=MONDAY, end=MONDAY + WEEK):
    return find_unplanned_gaps(schedule, start, end)


def without(user, start, end):
    return Override(
        key="o", start=start, end=end, created_at=MONDAY - WEEK, remove_user=user
    )


def test_nights_outside_office_hours_are_no_gap():
    schedule = a_weekly_schedule(windows=OFFICE)
    assert find_gaps(schedule, MONDAY, MONDAY + WEEK)
    assert gaps_of(schedule) == []


def test_only_the_hours_that_somebody_should_have_had_are_a_gap():
    schedule = replace(
        a_weekly_schedule(windows=OFFICE),
        overrides=(without("A", MONDAY + DAY, MONDAY + 3 * DAY),),
    )
    found = [(gap.start, gap.end - gap.start) for gap in gaps_of(schedule)]
    assert found == [
        (MONDAY + DAY, timedelta(hours=8)),
        (MONDAY + 2 * DAY, timedelta(hours=8)),
    ]


def test_a_holiday_that_a_rotation_leaves_out_is_no_gap():
    schedule = a_weekly_schedule(holiday_policy=HolidayPolicy.SKIP)
    schedule = replace(schedule, holidays=frozenset({date(2026, 1, 7)}))
    assert find_gaps(schedule, MONDAY, MONDAY + WEEK)
    assert gaps_of(schedule) == []


def test_an_empty_slot_and_a_role_that_nothing_fills_are_gaps():
    schedule = a_weekly_schedule(people=("A", None), windows=OFFICE)
    assert gaps_of(schedule) == []
    assert len(gaps_of(schedule, MONDAY + WEEK, MONDAY + 2 * WEEK)) == 5
    unfilled = replace(schedule, required_roles=("primary", "lead"))
    assert [(gap.role, gap.end - gap.start) for gap in gaps_of(unfilled)] == [
        ("lead", WEEK)
    ]


def test_before_its_first_version_a_rotation_with_hours_is_a_gap():
    schedule = a_weekly_schedule(windows=OFFICE)
    (version,) = schedule.rotations[0].versions
    later = replace(version, effective_from=MONDAY + 2 * DAY)
    schedule = replace(
        schedule, rotations=(replace(schedule.rotations[0], versions=(later,)),)
    )
    (gap,) = gaps_of(schedule)
    assert (gap.start, gap.end) == (MONDAY, MONDAY + 2 * DAY)


def test_a_second_rotation_that_knows_no_hours_leaves_nothing_to_design():
    office, always = (a_weekly_schedule(windows=hours) for hours in (OFFICE, ()))
    (rotation,) = always.rotations
    empty = replace(rotation.versions[0], members=(None,))
    both = replace(
        office,
        rotations=(
            *office.rotations,
            replace(rotation, key="always", versions=(empty,)),
        ),
    )
    assert gaps_of(both) == find_gaps(office, MONDAY, MONDAY + WEEK)


@given(scenes())
def test_unplanned_gaps_lie_within_gaps_and_are_all_of_them_without_hours(scene):
    schedule, change = scene
    start, end = change - 8 * QUARTER, change + 8 * QUARTER
    gaps, unplanned = (find(schedule, start, end) for find in (find_gaps, gaps_of))
    for part in unplanned:
        assert any(
            gap.role == part.role and gap.start <= part.start < part.end <= gap.end
            for gap in gaps
        )
    if all(
        not version.windows and version.holiday_policy is HolidayPolicy.IGNORE
        for rotation in schedule.rotations
        for version in rotation.versions
    ):
        assert unplanned == gaps


@pytest.mark.parametrize(
    ("days", "rung"),
    [(14.1, None), (14, 14), (7.1, 14), (7, 7), (2, 2), (1.5, 2), (1, 1), (-3, 1)],
)
def test_a_rung_is_the_lowest_that_is_reached(days, rung):
    found = find_rung(MONDAY + timedelta(days=days), MONDAY)
    assert found == (rung and timedelta(days=rung))
    assert list(RUNGS) == sorted(RUNGS)
