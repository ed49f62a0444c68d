from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.retry import (
    BRISK,
    MOST_ATTEMPTS,
    goes_next_way,
    next_try,
    parse_retry_after,
)

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_waits_grow_to_a_minute_and_stay():
    waits = [next_try(attempts, NOW, 0) - NOW for attempts in range(10)]
    assert waits == [seconds(s) for s in (0, 2, 5, 10, 20, 30, 60, 60, 60, 60)]


def test_a_webhook_gets_three_retries():
    waits = [next_try(tries, NOW, 0, pace=BRISK) for tries in range(5)]
    assert waits == [*(NOW + seconds(s) for s in (0, 1, 4, 16)), None]


def test_a_page_goes_on_when_a_way_gave_up_waits_long_or_failed_twice():
    tried = [goes_next_way(failures, wait=seconds(30)) for failures in range(1, 5)]
    assert tried == [False, True, False, False]
    assert goes_next_way(1, wait=seconds(31))
    assert not goes_next_way(3, wait=seconds(31))
    assert all(goes_next_way(failures, wait=None) for failures in range(1, 5))


def test_jitter_is_a_fifth_each_way():
    assert next_try(3, NOW, 1) == NOW + seconds(12)
    assert next_try(3, NOW, -1) == NOW + seconds(8)


def test_attempts_end_within_a_day():
    total = timedelta()
    for attempts in range(MOST_ATTEMPTS):
        total += next_try(attempts, NOW, 0) - NOW
    assert DAY - seconds(60) <= total <= DAY
    assert next_try(MOST_ATTEMPTS, NOW, 0) is None


def test_the_clock_ends_it_too_when_the_beginning_is_known():
    assert next_try(4, NOW, 0, since=NOW - DAY + seconds(20)) == NOW + seconds(20)
    assert next_try(4, NOW, 0, since=NOW - DAY + seconds(19)) is None


def test_a_receiver_may_ask_for_a_longer_wait_up_to_a_minute():
    assert next_try(1, NOW, 0, retry_after=seconds(30)) == NOW + seconds(30)
    assert next_try(1, NOW, 0, retry_after=seconds(600)) == NOW + seconds(60)
    assert next_try(7, NOW, 0, retry_after=seconds(5)) == NOW + seconds(60)


@given(st.integers(0, 3_000), st.floats(-1, 1), st.integers(0, 100_000))
def test_a_next_try_is_never_past_and_never_far(attempts, jitter, after):
    again = next_try(attempts, NOW, jitter, retry_after=seconds(after))
    assert (again is None) == (attempts >= MOST_ATTEMPTS)
    if again is not None:
        assert timedelta() <= again - NOW <= seconds(72)


@pytest.mark.parametrize(("attempts", "jitter"), [(-1, 0), (1, 1.01), (1, -1.01)])
def test_impossible_arguments_are_refused(attempts, jitter):
    with pytest.raises(ValueError, match="must"):
        next_try(attempts, NOW, jitter)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("30", seconds(30)),
        (" 0 ", seconds(0)),
        ("99999999999999999999", DAY),
        ("Wed, 14 Jan 2026 10:31:30 GMT", seconds(90)),
        ("Wed, 14 Jan 2026 09:00:00 GMT", seconds(0)),
        ("Fri, 16 Jan 2026 10:30:00 GMT", DAY),
        # No zone at all, so no moment.
        ("Wed, 14 Jan 2026 10:31:30 -0000", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
    ],
)
def test_retry_after_is_read_in_both_spellings(header, expected):
    assert parse_retry_after(header, NOW) == expected
