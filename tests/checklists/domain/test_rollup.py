"""Looks summed up: exact against counting by hand, whatever the looks."""

import math
import struct
import zlib
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.observation import Outcome
from checklists.domain.packing import BadPack, pack_day, unpack_day
from checklists.domain.rollup import (
    FIVE_MINUTES,
    HOUR,
    Bucket,
    Look,
    Spread,
    merge,
    roll_up,
    spread_of,
    start_of_step,
)

DAY = datetime(2026, 1, 14, tzinfo=UTC)
numbers = st.none() | st.floats(-1e9, 1e9) | st.just(math.nan)
looks = st.builds(
    Look,
    at=st.integers(0, 86_399).map(lambda second: DAY + timedelta(seconds=second)),
    outcome=st.sampled_from(Outcome),
    value=numbers,
    latency=numbers,
    is_quiet=st.booleans(),
)
steps = st.sampled_from([FIVE_MINUTES, HOUR])


def near(found, wanted):
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-6)


@given(st.lists(looks, max_size=60), steps)
def test_a_bucket_is_what_counting_by_hand_gives(seen, step):
    buckets = {bucket.starts_at: bucket for bucket in roll_up(seen, step)}
    assert set(buckets) == {start_of_step(look.at, step) for look in seen}
    for start, bucket in buckets.items():
        mine = [look for look in seen if start <= look.at < start + step]
        heard = [look for look in mine if not look.is_quiet]
        assert bucket.quiet == len(mine) - len(heard)
        assert bucket.looks == len(heard)
        assert bucket.failed == sum(look.outcome is Outcome.FAIL for look in heard)
        values = sorted(
            look.value
            for look in heard
            if look.value is not None and math.isfinite(look.value)
        )
        if not values:
            assert bucket.value is None
            continue
        spread = bucket.value
        assert (spread.count, spread.least, spread.greatest) == (
            len(values),
            values[0],
            values[-1],
        )
        assert near(spread.mean, fmean(values))
        # The smallest number that at least 95 % do not exceed.
        enough = [
            v for v in values if sum(w <= v for w in values) >= 0.95 * len(values)
        ]
        assert spread.high == enough[0]


@given(st.lists(looks, max_size=60))
def test_hours_out_of_five_minutes_are_the_hours_of_the_looks(seen):
    merged = merge(roll_up(seen, FIVE_MINUTES), HOUR)
    for found, wanted in zip(merged, roll_up(seen, HOUR), strict=True):
        assert found.starts_at == wanted.starts_at
        assert (found.passed, found.failed, found.unknown, found.quiet) == (
            wanted.passed,
            wanted.failed,
            wanted.unknown,
            wanted.quiet,
        )
        for one, other in (
            (found.value, wanted.value),
            (found.latency, wanted.latency),
        ):
            if other is None:
                assert one is None
                continue
            assert (one.count, one.least, one.greatest) == (
                other.count,
                other.least,
                other.greatest,
            )
            assert near(one.mean, other.mean)
            assert one.high >= other.high


@given(st.lists(looks, max_size=60), steps)
def test_a_packed_day_comes_back_whole(seen, step):
    buckets = roll_up(seen, step)
    assert unpack_day(pack_day(buckets, DAY, step), DAY, step) == buckets


@given(st.lists(looks, max_size=60))
def test_four_bytes_keep_seven_digits(seen):
    buckets = roll_up(seen, FIVE_MINUTES)
    raw = pack_day(buckets, DAY, FIVE_MINUTES, width=4)
    for found, kept in zip(unpack_day(raw, DAY, FIVE_MINUTES), buckets, strict=True):
        assert found.looks == kept.looks
        if kept.value is not None:
            short = struct.unpack("<f", struct.pack("<f", kept.value.mean))[0]
            assert found.value.mean == short


def test_a_percentile_is_exact_where_floats_are_not():
    assert spread_of(range(1, 21)).high == 19
    assert spread_of(range(1, 101)).high == 95
    assert spread_of([7.0]) == Spread(1, 7.0, 7.0, 7.0, 7.0)


def test_numbers_at_the_edge_of_the_floats_stay_there():
    assert spread_of([1.7e308, 1.7e308]).mean == 1.7e308
    bucket = Bucket(DAY, 1, value=spread_of([1e300, -1e300]))
    (found,) = unpack_day(pack_day([bucket], DAY, HOUR, width=4), DAY, HOUR)
    assert (found.value.least, found.value.greatest) == pytest.approx((-3.4e38, 3.4e38))


def test_many_looks_are_counted_as_far_as_there_is_room():
    (found,) = unpack_day(pack_day([Bucket(DAY, 70_000)], DAY, HOUR), DAY, HOUR)
    assert found.passed == 65_535


def test_a_quiet_day_takes_next_to_nothing():
    flat = [
        Bucket(DAY + n * FIVE_MINUTES, 5, value=Spread(5, 1.0, 1.0, 1.0, 1.0))
        for n in range(288)
    ]
    assert len(pack_day(flat, DAY, FIVE_MINUTES, width=4)) < 700


def test_what_is_no_packed_day_is_refused():
    assert unpack_day(b"", DAY, HOUR) == []
    packed = pack_day([Bucket(DAY, 1)], DAY, HOUR)
    odd = zlib.compress(struct.pack("<BBH", 1, 8, 0) + b"odd")
    bad_heads = (pack_of(2, 8), pack_of(1, 5), pack_of(1, 8))
    for raw in (b"nothing", packed[:-4], odd, *bad_heads):
        with pytest.raises(BadPack):
            unpack_day(raw, DAY, HOUR)
    for bucket in (Bucket(DAY + FIVE_MINUTES), Bucket(DAY + 24 * HOUR)):
        with pytest.raises(BadPack):
            pack_day([bucket], DAY, HOUR)


def pack_of(version, width):
    """Return a head that promises a step, and nothing behind it."""
    return zlib.compress(struct.pack("<BBH", version, width, 1))
