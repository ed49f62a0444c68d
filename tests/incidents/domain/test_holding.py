"""What has to last before it counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.holding import find_clears_at, find_held_at

NOW = datetime(2026, 1, 14, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
lengths = st.timedeltas(timedelta(), timedelta(days=1))


def test_without_a_length_it_counts_at_once():
    for length in (None, timedelta()):
        assert find_held_at(NOW, length, NOW) is None
        assert find_clears_at(length, None, NOW) is None


def test_what_did_not_last_ends_at_once():
    held_at = NOW + MINUTE
    assert find_clears_at(5 * MINUTE, held_at, NOW) is None
    assert find_clears_at(5 * MINUTE, held_at, held_at) is None
    later = held_at + MINUTE
    assert find_clears_at(5 * MINUTE, held_at, later) == later + 5 * MINUTE


@given(lengths, lengths)
def test_it_counts_from_when_its_sender_saw_it_begin(hold_for, ago):
    held_at = find_held_at(NOW - ago, hold_for, NOW)
    assert (held_at is None) == (ago >= hold_for)
    assert held_at in {None, NOW - ago + hold_for}
