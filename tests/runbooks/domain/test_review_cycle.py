"""How often a runbook asks to be reviewed, and when that is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.domain.review_cycle import (
    MONTHS,
    find_due_on,
    plan_next_reminder,
    plan_reminder,
    read_review_interval,
)

BERLIN = ZoneInfo("Europe/Berlin")
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 -- bounds are naive
    datetime(2034, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("*This runbook should be reviewed and updated monthly or later.*", "monthly"),
        ("**Review cycle:** every 6 months", "semiannual"),
        ("> Maintained by the team. Reviewed quarterly.", "quarterly"),
        ("Please review this document once a year.", "yearly"),
        ("This page is reviewed by everybody.\nReviewed every 90 days", "quarterly"),
        ("## Monthly\n- [ ] Review incident reports monthly", ""),
        ("- Review the access list quarterly", ""),
        ("Nothing is said. Reviewed by the lead in May.", ""),
        ("- [ ] Review this runbook monthly", ""),
    ],
)
def test_only_what_is_said_of_the_text_itself_counts(text, interval):
    assert read_review_interval(text) == interval


def test_a_review_is_due_that_many_months_later_or_at_the_end_of_the_month():
    assert find_due_on(date(2025, 1, 31), "monthly") == date(2025, 2, 28)
    assert find_due_on(date(2025, 11, 15), "quarterly") == date(2026, 2, 15)
    assert find_due_on(date(2024, 2, 29), "yearly") == date(2025, 2, 28)
    assert find_due_on(date(2025, 12, 1), "monthly") == date(2026, 1, 1)


def test_people_are_told_in_the_morning_of_their_own_clock():
    summer = plan_reminder(date(2026, 7, 1), BERLIN)
    assert summer == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_a_clock_that_changes_within_the_week_neither_doubles_nor_skips():
    first = plan_reminder(date(2026, 3, 25), BERLIN)
    later = plan_next_reminder(first, BERLIN, now=first)
    assert later == datetime(2026, 4, 1, 7, tzinfo=UTC)
    assert plan_next_reminder(first, BERLIN, now=later) == later + timedelta(days=7)


@given(moments, st.timedeltas(timedelta(), timedelta(days=900)))
def test_the_next_reminder_lies_ahead_within_a_week_and_a_day(at, silence):
    now = at + silence
    ahead = plan_next_reminder(at, BERLIN, now=now) - now
    assert timedelta() < ahead <= timedelta(days=8)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_a_longer_interval_is_due_later(reviewed_on, interval):
    assert (find_due_on(reviewed_on, interval) - reviewed_on).days >= 28
