"""A plan becomes a version that keeps whoever is on duty."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.plan import (
    RotationPlan,
    find_anchor,
    is_weekly,
    members_from,
    plan_version,
)
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import Rotation, RotationVersion, Schedule, ScheduleError
from oncall.domain.walltime import to_utc, to_wall

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe")]
START = datetime.fromisoformat("2025-11-03T09:00")
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("2025-12-01"),
    max_value=datetime.fromisoformat("2027-12-01"),
    timezones=st.just(UTC),
)
DAYS, TIMES = st.integers(0, 6), st.times().map(lambda t: t.replace(second=0))


def weekly(members, **more):
    return RotationVersion(
        effective_from=datetime(2025, 11, 1, tzinfo=UTC),
        anchor=START,
        unit=Unit.WEEK,
        members=members,
        **more,
    )


def planned(members, day, at, moment, **more):
    return RotationPlan(members, at, moment, weekday=day, **more)


def primary(versions, at, zone=BERLIN):
    plan = Schedule(zone, (Rotation("r", tuple(versions)),))
    return next((line.user for line in users_at(plan, at)), None)


@given(moment=MOMENTS, day=DAYS, at=TIMES, zone=st.sampled_from(ZONES))
def test_the_anchor_is_the_last_handoff_not_after_the_moment(moment, day, at, zone):
    anchor = find_anchor(planned((), day, at, moment), zone)
    assert (anchor.weekday(), anchor.time()) == (day, at)
    assert to_utc(anchor, zone) <= moment < to_utc(anchor + timedelta(7), zone)


@given(
    moment=MOMENTS,
    day=DAYS,
    at=TIMES,
    members=st.permutations("abcde").map(tuple),
    size=st.integers(1, 5),
)
def test_an_edit_keeps_whoever_is_on_duty_if_they_stay(moment, day, at, members, size):
    old = weekly(("a", "b", "c"))
    now_on = primary([old], moment)
    assume(now_on in members[:size])
    plan = planned(members[:size], day, at, moment)
    assert primary([old, plan_version(plan, BERLIN, old)], moment) == now_on


@given(moment=MOMENTS, day=DAYS, at=TIMES)
def test_without_keeping_the_first_begins(moment, day, at):
    plan = planned(("x", "y"), day, at, moment, keeps_current=False)
    old = weekly(("a", "b"))
    assert primary([old, plan_version(plan, BERLIN, old)], moment) == "x"


@given(moment=MOMENTS)
def test_a_new_zone_keeps_whoever_was_on_duty_in_the_old_one(moment):
    old = weekly(("a", "b", "c"))
    tokyo = ZoneInfo("Asia/Tokyo")
    plan = planned(("a", "b", "c"), 0, time(9), moment)
    new = plan_version(plan, tokyo, old, present_zone=BERLIN)
    assert primary([new], moment, tokyo) == primary([old], moment)


def test_the_handoff_moves_to_the_new_day():
    moment = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    plan = planned(("a", "b"), 4, time(17), moment)
    new = plan_version(plan, BERLIN)
    assert (new.anchor, new.members) == (
        datetime.fromisoformat("2026-01-09T17:00"),
        ("a", "b"),
    )
    assert primary([new], datetime(2026, 1, 16, 15, 59, tzinfo=UTC)) == "a"
    assert primary([new], datetime(2026, 1, 16, 16, 0, tzinfo=UTC)) == "b"


def test_members_begin_with_whose_turn_it_is():
    old = weekly(("a", "b", "c"))
    second_week = datetime(2025, 11, 12, tzinfo=UTC)
    assert members_from(old, second_week, BERLIN) == ("b", "c", "a")


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        (weekly(("a",)), True),
        (weekly(("a",), every=2), False),
        (weekly(("a", ("b", "c"))), False),
    ],
)
def test_only_plain_weeks_are_weekly(version, answer):
    assert is_weekly(version) is answer


def test_the_wall_time_of_the_anchor_is_local():
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    anchor = find_anchor(planned((), 0, time(9), moment), BERLIN)
    assert to_wall(to_utc(anchor, BERLIN), BERLIN) == anchor


UNITS = st.sampled_from(list(Unit))
OFFICE = tuple(ActiveWindow(day, 540, 1020) for day in range(5))


@given(moment=MOMENTS, unit=UNITS, every=st.integers(1, 9), at=TIMES, count=...)
def test_any_turn_begins_with_the_first_or_keeps_the_present(
    moment: datetime, unit: Unit, every: int, at: time, count: Count
):
    more = {"unit": unit, "every": every, "count": count, "windows": OFFICE}
    fresh = plan_version(planned(("x", "y"), 2, at, moment, **more), BERLIN)
    assert members_from(fresh, moment, BERLIN)[0] == "x"
    later = planned(("z", "y", "x"), 2, at, moment + timedelta(9), **more)
    follower = plan_version(later, BERLIN, fresh)
    held = members_from(fresh, later.effective_from, BERLIN)[0]
    assert members_from(follower, later.effective_from, BERLIN)[0] == held


@given(moment=MOMENTS, unit=UNITS, every=st.integers(1, 5))
def test_saving_what_holds_changes_nothing(moment, unit, every):
    plan = planned(("a", "b", "c"), 0, time(9), moment, unit=unit, every=every)
    old = plan_version(plan, BERLIN)
    later = moment + timedelta(40)
    members = members_from(old, later, BERLIN)
    again = RotationPlan(members, time(9), later, unit=unit, every=every)
    new = plan_version(again, BERLIN, old)
    ends = later, later + timedelta(90)
    one, other = (Schedule(BERLIN, (Rotation("r", (v,)),)) for v in (old, new))
    assert timeline(one, *ends) == timeline(other, *ends)


@pytest.mark.parametrize(
    ("unit", "at", "day", "moment", "anchor"),
    [
        (Unit.HOUR, time(12), 1, "2026-03-10T11:59", "2026-03-09T12:00"),
        (Unit.DAY, time(9), 1, "2026-03-10T09:00", "2026-03-10T09:00"),
        (Unit.MONTH, time(9), 10, "2026-03-10T09:00", "2026-03-10T09:00"),
        (Unit.MONTH, time(9), 31, "2026-03-10T09:00", "2026-01-31T09:00"),
        (Unit.MONTH, time(9), 11, "2026-01-10T09:00", "2025-12-11T09:00"),
    ],
)
def test_the_anchor_of_other_units(unit, at, day, moment, anchor):
    at_utc = to_utc(datetime.fromisoformat(moment), BERLIN)
    plan = RotationPlan(("a",), at, at_utc, unit=unit, month_day=day)
    assert find_anchor(plan, BERLIN) == datetime.fromisoformat(anchor)


def test_turns_of_two_weeks_are_counted_from_the_day_that_is_named():
    moment = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    for monday, end in ((5, 19), (12, 26)):
        plan = planned(
            ("a", "b"), 0, time(9), moment, every=2, counted_from=date(2026, 1, monday)
        )
        new = plan_version(plan, BERLIN)
        assert primary([new], to_utc(datetime(2026, 1, end, 8, 59), BERLIN)) == "a"  # noqa: DTZ001
        assert primary([new], to_utc(datetime(2026, 1, end, 9), BERLIN)) == "b"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("changes", "field", "remedy"),
    [
        ({"members": ()}, "members", "Add a person"),
        ({"weekday": 7}, "weekday", "Sunday"),
        ({"month_day": 32}, "month_day", "31"),
        ({"counted_from": date(2026, 1, 6)}, "counted_from", "Choose a Monday"),
        (
            {"unit": Unit.MONTH, "counted_from": date(2026, 1, 6)},
            "counted_from",
            "Choose day 1",
        ),
    ],
)
def test_a_plan_that_cannot_be_says_why(changes, field, remedy):
    moment = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    plan = replace(planned(("a",), 0, time(9), moment), **changes)
    with pytest.raises(ScheduleError, match=remedy) as caught:
        plan_version(plan, BERLIN)
    assert caught.value.field == field
