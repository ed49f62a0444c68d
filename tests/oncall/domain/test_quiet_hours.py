"""Quiet hours end when the clock on the wall says so."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.quiet_hours import quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
NAIVE_START = datetime.fromisoformat("2020-01-01")
NIGHT = {"starts": time(22), "ends": time(7), "zone": BERLIN}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-01-14T20:59", None),
        ("2026-01-14T21:00", "2026-01-15T06:00"),
        ("2026-01-15T05:59", "2026-01-15T06:00"),
        ("2026-01-15T06:00", None),
        ("2026-01-14T12:00", None),
        # The night in which the clocks go forward, and the one in which they go back.
        ("2026-03-28T22:00", "2026-03-29T05:00"),
        ("2026-10-24T22:00", "2026-10-25T06:00"),
    ],
)
def test_a_night_ends_in_the_morning_of_the_wall_clock(moment, end):
    assert quiet_until(at(moment), **NIGHT) == (at(end) if end else None)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-01-14T11:59", "2026-01-14T12:00"),
        ("2026-01-14T12:00", None),
        ("2026-01-14T10:59", None),
    ],
)
def test_quiet_hours_may_lie_within_a_day(moment, end):
    hours = {"starts": time(12), "ends": time(13), "zone": BERLIN}
    assert quiet_until(at(moment), **hours) == (at(end) if end else None)


def test_equal_ends_are_no_quiet_hours():
    assert (
        quiet_until(
            at("2026-01-14T12:00"), starts=time(9), ends=time(9), zone=ZoneInfo("UTC")
        )
        is None
    )


def test_an_end_that_has_passed_once_is_not_waited_for_again():
    # 02:30 came at 00:30 UTC; at 01:10 UTC the clock shows 02:10 once more.
    hours = {"starts": time(23), "ends": time(2, 30), "zone": BERLIN}
    assert quiet_until(at("2026-10-25T01:10"), **hours) is None


@given(
    moment=st.datetimes(min_value=NAIVE_START, timezones=st.just(UTC)),
    starts=st.times(),
    ends=st.times(),
    zone=st.sampled_from(["Europe/Berlin", "America/Havana", "Asia/Kolkata", "UTC"]),
)
def test_the_end_is_ahead_within_a_day_and_no_longer_quiet(moment, starts, ends, zone):
    hours = {"starts": starts, "ends": ends, "zone": ZoneInfo(zone)}
    end = quiet_until(moment, **hours)
    if end is not None:
        assert moment < end <= moment + timedelta(hours=25)
        assert quiet_until(end, **hours) is None
