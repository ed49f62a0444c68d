"""Levels, colours and deadlines."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import severity
from incidents.domain.severity import Target, find_response_deadline

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 1, 16, 15, 0, tzinfo=UTC)
levels = st.integers(min_value=severity.WORST, max_value=severity.MILDEST)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 -- hypothesis wants it so
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 -- hypothesis wants it so
    timezones=st.just(UTC),
)
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Pacific/Apia", "Asia/Kabul")]
)


def test_each_level_has_a_word():
    words = [severity.name_level(level) for level in range(1, 6)]
    assert words == ["Critical", "High", "Medium", "Low", "Info"]


def test_colours_get_quieter_and_incidents_are_a_step_louder():
    assert [severity.alert_tone(n) for n in range(1, 6)] == [
        "crit",
        "warn",
        "warn",
        "",
        "",
    ]
    assert [severity.incident_tone(n) for n in range(1, 6)] == [
        "crit",
        "crit",
        "warn",
        "warn",
        "",
    ]


@given(levels, levels)
def test_a_raise_is_what_makes_the_peak_worse(level, peak):
    raised = severity.is_raise(level, peak)
    assert raised == (severity.worst_level(level, peak) != peak)


def test_no_target_is_never_invented():
    assert find_response_deadline(Target(), FRIDAY, BERLIN, frozenset()) is None


def test_a_length_counts_round_the_clock():
    target = Target(response=timedelta(minutes=15))
    found = find_response_deadline(target, FRIDAY, BERLIN, frozenset())
    assert found == FRIDAY + timedelta(minutes=15)


def test_next_business_day_passes_the_weekend_and_holidays():
    target = Target(is_next_business_day=True)
    monday = date(2026, 1, 19)
    found = find_response_deadline(target, FRIDAY, BERLIN, frozenset({monday}))
    assert found == datetime(2026, 1, 20, 16, 0, tzinfo=UTC)


def test_the_day_is_that_of_the_team_not_of_utc():
    target = Target(is_next_business_day=True)
    late_sunday_in_utc = datetime(2026, 1, 18, 23, 30, tzinfo=UTC)
    found = find_response_deadline(target, late_sunday_in_utc, BERLIN, frozenset())
    assert found == datetime(2026, 1, 20, 16, 0, tzinfo=UTC)


@given(moments, zones, st.frozensets(st.dates(date(2000, 1, 1), date(2040, 2, 1))))
def test_the_deadline_falls_on_a_working_day_after_the_day_it_counts_from(
    since, zone, holidays
):
    target = Target(is_next_business_day=True)
    due = find_response_deadline(target, since, zone, holidays)
    assert due is not None
    local = due.astimezone(zone)
    assert local.weekday() < 5
    assert local.date() not in holidays
    assert local.date() > since.astimezone(zone).date()
    assert local.time() == severity.CLOSE_OF_BUSINESS


@pytest.mark.parametrize("response", [timedelta(minutes=5), timedelta(weeks=1)])
def test_a_business_day_wins_over_a_length(response):
    both = Target(response=response, is_next_business_day=True)
    day = Target(is_next_business_day=True)
    assert find_response_deadline(
        both, FRIDAY, BERLIN, frozenset()
    ) == find_response_deadline(day, FRIDAY, BERLIN, frozenset())
