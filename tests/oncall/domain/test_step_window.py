"""When the window of a step opens."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.step_window import StepWindow
from oncall.domain.walltime import to_wall

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = StepWindow(frozenset(range(5)), time(9), time(17), BERLIN)
NIGHT = StepWindow(frozenset({4}), time(22), time(6), BERLIN)


def berlin(day, hour, minute=0):
    return datetime(2026, 1, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("window", "at", "opens"),
    [
        (OFFICE, berlin(14, 10), berlin(14, 10)),
        (OFFICE, berlin(14, 8, 59), berlin(14, 9)),
        (OFFICE, berlin(14, 17), berlin(15, 9)),
        (OFFICE, berlin(16, 17), berlin(19, 9)),
        # Friday night belongs to Friday, also on Saturday morning.
        (NIGHT, berlin(17, 5, 59), berlin(17, 5, 59)),
        (NIGHT, berlin(17, 6), berlin(23, 22)),
        (StepWindow(frozenset({6}), zone=BERLIN), berlin(14, 10), berlin(18, 0)),
    ],
)
def test_it_opens_on_the_clock_of_its_zone(window, at, opens):
    assert window.opens_at(at) == opens


def test_it_takes_the_clock_of_the_responder():
    window = StepWindow(starts=time(9), ends=time(17))
    at = datetime(2026, 1, 14, 10, tzinfo=UTC)
    tokyo, new_york = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
    assert window.opens_at(at, tokyo) == datetime(2026, 1, 15, 0, tzinfo=UTC)
    assert window.opens_at(at, new_york) == datetime(2026, 1, 14, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="responder"):
        window.opens_at(at)


def test_a_window_that_the_clocks_jump_over_opens_the_next_day():
    window = StepWindow(starts=time(2, 10), ends=time(2, 50), zone=BERLIN)
    at = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert window.opens_at(at) == datetime(2026, 3, 30, 0, 10, tzinfo=UTC)


def test_a_date_that_a_zone_left_out_has_no_window():
    window = StepWindow(frozenset({4}), zone=ZoneInfo("Pacific/Apia"))
    at = datetime(2011, 12, 30, 9, 59, tzinfo=UTC)
    assert to_wall(window.opens_at(at), window.zone).date() == date(2012, 1, 6)


def test_no_day_at_all_is_refused():
    with pytest.raises(ValueError, match="never opens"):
        StepWindow(frozenset({9}), zone=BERLIN).opens_at(berlin(14, 10))


@given(
    st.frozensets(st.integers(0, 6)),
    st.times(),
    st.times(),
    st.integers(0, 365 * 24 * 60).map(lambda n: berlin(1, 0) + timedelta(minutes=n)),
)
def test_it_opens_on_one_of_its_days_and_never_before(days, starts, ends, at):
    window = StepWindow(days, starts, ends, BERLIN)
    opens = window.opens_at(at)
    assert opens >= at
    assert window.opens_at(opens) == opens
    local = to_wall(opens, BERLIN)
    if days and ends > starts:
        assert local.weekday() in days
    elif days:
        assert {local.weekday(), (local - timedelta(days=1)).weekday()} & days
