"""A weekly plan becomes a version that keeps whoever is on duty."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oncall.domain.pace import Unit
from oncall.domain.rotation import users_at
from oncall.domain.schedule import Rotation, RotationVersion, Schedule
from oncall.domain.walltime import to_utc, to_wall
from oncall.domain.weekly import (
    WeeklyPlan,
    find_anchor,
    is_weekly,
    members_from,
    plan_version,
)

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


def primary(versions, at, zone=BERLIN):
    plan = Schedule(zone, (Rotation("r", tuple(versions)),))
    return next((line.user for line in users_at(plan, at)), None)


@given(moment=MOMENTS, day=DAYS, at=TIMES, zone=st.sampled_from(ZONES))
def test_the_anchor_is_the_last_handoff_not_after_the_moment(moment, day, at, zone):
    anchor = find_anchor(moment, zone, day, at)
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
    plan = WeeklyPlan(members[:size], day, at, 1, moment)
    assert primary([old, plan_version(plan, BERLIN, old)], moment) == now_on


@given(moment=MOMENTS, day=DAYS, at=TIMES)
def test_without_keeping_the_first_begins(moment, day, at):
    plan = WeeklyPlan(("x", "y"), day, at, 1, moment, keeps_current=False)
    old = weekly(("a", "b"))
    assert primary([old, plan_version(plan, BERLIN, old)], moment) == "x"


@given(moment=MOMENTS)
def test_a_new_zone_keeps_whoever_was_on_duty_in_the_old_one(moment):
    old = weekly(("a", "b", "c"))
    tokyo = ZoneInfo("Asia/Tokyo")
    plan = WeeklyPlan(("a", "b", "c"), 0, time(9), 1, moment)
    new = plan_version(plan, tokyo, old, present_zone=BERLIN)
    assert primary([new], moment, tokyo) == primary([old], moment)


def test_the_handoff_moves_to_the_new_day():
    moment = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    plan = WeeklyPlan(("a", "b"), 4, time(17), 1, moment)
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
    anchor = find_anchor(moment, BERLIN, 0, time(9))
    assert to_wall(to_utc(anchor, BERLIN), BERLIN) == anchor
