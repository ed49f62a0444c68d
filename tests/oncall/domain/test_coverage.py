from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.coverage import (
    HoursChange,
    Shift,
    diff,
    find_gaps,
    next_handoff,
    shift_of,
    unreachable,
)
from oncall.domain.pace import ActiveWindow
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import Rotation, RotationVersion, Schedule
from tests.oncall.domain.strategies import (
    QUARTER,
    a_weekly_schedule,
    an_override,
    scenes,
)

OFFICE = tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5))
WEEK = timedelta(days=7)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY = utc("2026-01-05T08:00")


@given(scenes())
def test_gaps_are_the_complement_of_coverage(scene):
    schedule, change = scene
    start, end = change - 8 * QUARTER, change + 8 * QUARTER
    gaps = find_gaps(schedule, start, end)
    for number in range(16):
        at = start + number * QUARTER
        held = {line.role for line in users_at(schedule, at)}
        empty = {gap.role for gap in gaps if gap.start <= at < gap.end}
        assert empty == set(schedule.expected_roles) - held


def test_gaps_of_office_hours_are_the_nights_and_weekends():
    schedule = a_weekly_schedule(windows=OFFICE)
    gaps = find_gaps(schedule, MONDAY, MONDAY + WEEK)
    assert [gap.end - gap.start for gap in gaps] == [
        *[timedelta(hours=16)] * 4,
        timedelta(hours=64),
    ]


def test_who_has_no_verified_method_is_asked_once_for_each_person():
    schedule = a_weekly_schedule(people=("A", "B", None))
    segments = timeline(schedule, MONDAY, MONDAY + 6 * WEEK)
    asked = []

    def has_verified_method(user):
        asked.append(user)
        return user == "A"

    found = unreachable(segments, has_verified_method)
    assert [(part.user, part.start) for part in found] == [
        ("B", MONDAY + WEEK),
        ("B", MONDAY + 4 * WEEK),
    ]
    assert asked == ["A", "B"]


def test_the_next_handoff_names_both_sides():
    change = next_handoff(a_weekly_schedule(), MONDAY)
    assert change is not None
    assert change.at == MONDAY + WEEK
    assert [line.user for line in change.before] == ["A"]
    assert [line.user for line in change.after] == ["B"]


def test_a_role_that_falls_empty_is_a_handoff_to_nobody():
    change = next_handoff(a_weekly_schedule(windows=OFFICE), MONDAY)
    assert change is not None
    assert (change.at, change.after) == (utc("2026-01-05T16:00"), ())


def test_the_end_of_a_role_that_nobody_expects_is_a_handoff_too():
    shadow = an_override(
        MONDAY, MONDAY + timedelta(hours=6), add_user="X", role="shadow"
    )
    schedule = a_weekly_schedule(people=("A",), overrides=(shadow,))
    change = next_handoff(schedule, MONDAY)
    assert change is not None
    assert change.at == MONDAY + timedelta(hours=6)


def test_a_person_who_stays_on_for_another_reason_hands_nothing_over():
    same = an_override(
        MONDAY, MONDAY + timedelta(hours=6), add_user="A", takes_role=True
    )
    schedule = a_weekly_schedule(people=("A",), overrides=(same,))
    assert next_handoff(schedule, MONDAY) is None


def test_a_handoff_far_away_is_found_within_the_horizon_alone():
    schedule = a_weekly_schedule(every=20)
    change = next_handoff(schedule, MONDAY)
    assert change is not None
    assert change.at == utc("2026-05-25T07:00")
    assert next_handoff(schedule, MONDAY, horizon=timedelta(days=30)) is None


def test_a_shift_lasts_from_its_first_to_its_last_moment():
    schedule = a_weekly_schedule()
    at = MONDAY + timedelta(days=3)
    assert shift_of(schedule, "A", at) == Shift("primary", "A", MONDAY, MONDAY + WEEK)
    assert shift_of(schedule, "B", at) is None
    assert shift_of(schedule, "A", at, role="secondary") is None


def test_a_shift_goes_on_through_an_override_that_names_the_same_person():
    longer = an_override(
        MONDAY + WEEK, MONDAY + 2 * WEEK, add_user="A", takes_role=True
    )
    schedule = a_weekly_schedule(overrides=(longer,))
    at = MONDAY + timedelta(days=1)
    assert shift_of(schedule, "A", at) == Shift(
        "primary", "A", MONDAY, MONDAY + 2 * WEEK
    )
    late = MONDAY + timedelta(days=10)
    assert shift_of(schedule, "A", late) == shift_of(schedule, "A", at)


def test_a_long_shift_is_followed_and_an_endless_one_has_no_end():
    at = MONDAY + timedelta(days=100)
    long = a_weekly_schedule(every=20)
    assert shift_of(long, "A", at) == Shift(
        "primary", "A", MONDAY, utc("2026-05-25T07:00")
    )
    alone = a_weekly_schedule(people=("A",))
    since = utc("2025-12-01T00:00")
    assert shift_of(alone, "A", at) == Shift("primary", "A", since, None)
    short = shift_of(alone, "A", at, horizon=timedelta(days=20))
    assert short == Shift("primary", "A", None, None)


def test_an_edit_shows_who_gains_and_who_loses():
    before = a_weekly_schedule()
    cover = an_override(
        MONDAY + timedelta(days=1),
        MONDAY + timedelta(days=3),
        remove_user="A",
        add_user="B",
    )
    after = replace(before, overrides=(cover,))
    end = MONDAY + 2 * WEEK
    two_days = timedelta(days=2)
    assert diff(timeline(before, MONDAY, end), timeline(after, MONDAY, end)) == [
        HoursChange("A", "primary", timedelta(), two_days),
        HoursChange("B", "primary", two_days, timedelta()),
    ]


def test_moved_hours_are_gained_and_lost_even_when_the_sum_stays():
    before = a_weekly_schedule(people=("A", "B"))
    after = a_weekly_schedule(people=("B", "A"))
    end = MONDAY + 2 * WEEK
    assert diff(timeline(before, MONDAY, end), timeline(after, MONDAY, end)) == [
        HoursChange("A", "primary", WEEK, WEEK),
        HoursChange("B", "primary", WEEK, WEEK),
    ]


def test_a_new_role_is_gained_and_gaps_are_nobodys():
    version = RotationVersion(
        utc("2025-12-01T00:00"),
        datetime.fromisoformat("2026-01-05T09:00"),
        unit=a_weekly_schedule().rotations[0].versions[0].unit,
        members=("A", None),
        concurrency=2,
    )
    rotation = Rotation("weekly", (version,), ("primary", "secondary"))
    after = Schedule(ZoneInfo("Europe/Warsaw"), (rotation,))
    before = a_weekly_schedule(people=("A", None))
    end = MONDAY + 2 * WEEK
    assert diff(timeline(before, MONDAY, end), timeline(after, MONDAY, end)) == [
        HoursChange("A", "secondary", WEEK, timedelta()),
    ]


@given(scenes(), st.integers(1, 9))
def test_what_is_gained_less_what_is_lost_is_the_change_of_hours(scene, quarters):
    schedule, change = scene
    pushed = tuple(
        replace(each, start=each.start + quarters * QUARTER, takes_role=False)
        for each in schedule.overrides
    )
    other = replace(schedule, overrides=pushed, rotations=schedule.rotations[::-1][:1])
    end = change + timedelta(hours=8)
    before = timeline(schedule, change, end)
    after = timeline(other, change, end)
    for line in diff(before, after):
        was, will = (
            sum(
                (
                    part.end - part.start
                    for part in parts
                    if (part.user, part.role) == (line.user, line.role)
                ),
                timedelta(),
            )
            for parts in (before, after)
        )
        assert line.gained - line.lost == will - was
        assert line.lost <= was
        assert line.gained <= will
    assert diff(before, before) == []
