"""When a runbook is read from its address again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.domain.reading_pace import DAY, EVERY, plan_next_read

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "failures", "hours"),
    [("hourly", 0, 1), ("weekly", 0, 168), ("daily", 1, 0.5), ("daily", 4, 4),
     ("hourly", 99, 24), ("weekly", 99, 168)],
)  # fmt: skip
def test_a_failure_is_tried_again_soon_and_then_ever_later(interval, failures, hours):
    due = plan_next_read(interval, failures, now=NOW)
    assert due == NOW + timedelta(hours=hours)


def test_what_is_off_is_never_read_by_itself():
    assert plan_next_read("off", 0, now=NOW) is None
    assert plan_next_read("off", 3, now=NOW) is None


@given(st.sampled_from(sorted(EVERY)), st.integers(1, 10_000))
def test_more_failures_never_mean_sooner(interval, failures):
    one = plan_next_read(interval, failures, now=NOW)
    two = plan_next_read(interval, failures + 1, now=NOW)
    assert NOW < one <= two <= NOW + max(EVERY[interval], DAY)
