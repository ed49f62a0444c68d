"""Days on which somebody is away, on their clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from oncall.domain.absence_times import days_between, days_of_month, read_span

BERLIN = ZoneInfo("Europe/Berlin")


def test_whole_days_include_the_last_one_also_when_clocks_change():
    assert read_span(date(2026, 3, 28), date(2026, 3, 29), BERLIN) == (
        datetime(2026, 3, 27, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )


def test_times_cut_the_days():
    day = date(2026, 7, 1)
    assert read_span(day, day, BERLIN, starts=time(9), ends=time(12)) == (
        datetime(2026, 7, 1, 7, tzinfo=UTC),
        datetime(2026, 7, 1, 10, tzinfo=UTC),
    )


def test_days_touched_and_days_of_a_month():
    start, end = read_span(date(2026, 2, 1), date(2026, 2, 2), BERLIN)
    assert days_between(start, end, BERLIN) == [date(2026, 2, 1), date(2026, 2, 2)]
    days = days_of_month(date(2026, 2, 14))
    assert (days[0], days[-1], len(days)) == (date(2026, 2, 1), date(2026, 2, 28), 28)
