"""Codes of runs sort by time and give days and standings back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.compliance import Standing, count_standings
from checklists.domain.run_calendar import (
    WORST_FIRST,
    count_codes,
    encode_run,
    make_calendar,
    read_days,
    read_standings,
)

BERLIN = ZoneInfo("Europe/Berlin")
# Two hours before the clock goes back, which makes the day 25 hours long.
NOW = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
CALENDAR = make_calendar(NOW, BERLIN, 5)


def test_a_calendar_ends_with_the_local_day_that_is_now():
    assert CALENDAR.first == date(2026, 10, 21)
    assert CALENDAR.since == datetime(2026, 10, 20, 22, tzinfo=UTC)
    assert CALENDAR.until == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert CALENDAR.until - NOW == timedelta(hours=24)


def test_a_run_falls_on_the_local_day_on_which_it_was_due():
    codes = [
        encode_run(CALENDAR.since, Standing.ON_TIME),
        encode_run(datetime(2026, 10, 22, 21, 59, tzinfo=UTC), Standing.LATE),
        encode_run(CALENDAR.until - timedelta(minutes=1), Standing.PENDING),
    ]
    assert read_days(codes, CALENDAR) == [
        Standing.ON_TIME,
        Standing.LATE,
        None,
        None,
        Standing.PENDING,
    ]


@given(
    st.lists(
        st.tuples(
            st.datetimes(
                CALENDAR.since.replace(tzinfo=None),
                CALENDAR.until.replace(tzinfo=None) - timedelta(minutes=1),
            ),
            st.sampled_from(Standing),
        )
    )
)
def test_codes_give_back_every_standing_and_the_worst_of_each_day(runs):
    runs = sorted((at.replace(tzinfo=UTC), standing) for at, standing in runs)
    codes = [encode_run(*run) for run in runs]
    assert read_standings(codes) == [standing for _, standing in runs]
    days = {}
    for at, standing in runs:
        days.setdefault(at.astimezone(BERLIN).date(), []).append(standing)
    wanted = [
        min(days.get(CALENDAR.first + timedelta(days=n), []), default=None,
            key=WORST_FIRST.index)
        for n in range(5)
    ]  # fmt: skip
    assert read_days(sorted(codes), CALENDAR) == wanted


@given(st.lists(st.sampled_from(Standing)))
def test_counting_codes_is_counting_standings(standings):
    moments = [NOW + timedelta(days=place) for place in range(len(standings))]
    codes = [encode_run(*each) for each in zip(moments, standings, strict=True)]
    assert count_codes(codes) == count_standings(standings)
