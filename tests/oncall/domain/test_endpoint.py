from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.endpoint import (
    WINDOW,
    Health,
    allowance,
    fail,
    split_parcels,
)

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def use_up(most: int) -> list[datetime]:
    """Send whenever it is allowed, as fast as it is allowed, for five minutes."""
    sends, now = [], NOW
    while now < NOW + seconds(300):
        left = allowance(sends, now, most=most)
        sends += [now] * left.free
        now = max(left.free_at, now + seconds(0.5))
    return sends


@pytest.mark.parametrize("most", [1, 2, 5, 12, 60])
def test_greed_gets_most_of_the_allowance_and_no_more(most):
    sends = use_up(most)
    for at in sends:
        assert sum(at <= other < at + WINDOW for other in sends) <= most
    assert len(sends) >= 3 * most


def test_a_burst_leaves_room_for_what_comes_later_in_the_minute():
    sends = use_up(12)[:12]
    assert [(each - NOW).total_seconds() for each in sends] == [
        *[0] * 7, 10, 20, 30, 40, 50,
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(0, 40), st.floats(0, 13), st.integers(1, 20))),
    st.integers(1, 20),
)
def test_no_minute_ever_sees_more_arrivals_than_allowed(steps, most):
    """Messages take up to 13 s and arrive at any moment between."""
    now, ends, arrivals = NOW, [], []
    for wait, took, wanted in steps:
        now += seconds(wait)
        count = min(allowance(ends, now, most=most).free, wanted)
        for number in range(count):
            arrivals.append(now + seconds(took * number / wanted))
            ends.append(now + seconds(took))
    for at in arrivals:
        assert sum(at <= other < at + WINDOW for other in arrivals) <= most


@given(st.lists(st.floats(0, 120), max_size=30), st.integers(1, 20))
def test_free_at_is_when_something_is_free(ago, most):
    sends = [NOW - seconds(each) for each in ago][:most]
    left = allowance(sends, NOW, most=most)
    assert left.free_at >= NOW
    later = allowance(sends, left.free_at, most=most)
    assert later.free >= 1
    assert bool(left.free) == (left.free_at == NOW)


def test_the_fifth_failure_pauses_and_each_further_one_doubles_it():
    health, pauses = Health(0), []
    for _ in range(9):
        health = fail(health, NOW, retry_after=None)
        pauses.append(health.retry_at and (health.retry_at - NOW).total_seconds())
    assert pauses == [None, None, None, None, 10, 20, 40, 60, 60]
    assert health.is_down
    assert not Health(4).is_down


def test_an_endpoint_may_ask_for_a_pause_itself():
    assert fail(Health(0), NOW, retry_after=seconds(7)) == Health(1, NOW + seconds(7))
    asked = fail(Health(4), NOW, retry_after=seconds(999))
    assert asked == Health(5, NOW + seconds(60))


@given(st.integers(0, 1000), st.integers(0, 20))
def test_what_may_not_leave_alone_leaves_together(count, free):
    alone, together = split_parcels(count, free)
    if free:
        assert alone + together == count
        assert alone + bool(together) <= max(free, 0)
        assert together != 1
    else:
        assert (alone, together) == (0, 0)
