"""The two ways between a zone's wall clock and UTC, without the traps.

Wall clocks jump and repeat, so "Monday 09:00" is not always one instant. The rule
here is one sentence: a wall time stands for *the first instant at which the zone's
clock shows it or later*. A repeated time is therefore its first pass, a skipped one
is the instant of the jump, and the order of two wall times is never reversed.

Instants and wall readings are also kept as whole microseconds since 1970 (`int`):
the rotation kernel counts with those and never builds a datetime inside a loop.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_EPOCH = EPOCH.replace(tzinfo=None)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_BLOCK = 3_000 * DAY
_MARGIN = 4 * DAY
# No zone since 1970 changes its offset twice within a week; half of that finds all.
_STRIDE = 3 * DAY
_BEFORE_ALL = -(10**20)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH).days * DAY + _MARGIN
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH).days * DAY - _MARGIN


def to_utc(naive: datetime, zone: tzinfo) -> datetime:
    """Return the first instant at which `zone`'s clock shows `naive` or later.

    Raises ValueError when `naive` carries a zone of its own.
    """
    if naive.tzinfo is not None:
        raise ValueError("A wall time has no zone of its own: drop its tzinfo.")
    return from_micros(wall_clock(zone).instant(wall_micros(naive)))


def to_wall(at: datetime, zone: tzinfo) -> datetime:
    """Return the naive reading of `zone`'s clock at the aware moment `at`.

    Raises ValueError when `at` is naive.
    """
    if at.tzinfo is None:
        raise ValueError("A moment needs a zone: pass an aware UTC datetime.")
    return from_wall_micros(wall_clock(zone).reading(to_micros(at)))


def to_micros(at: datetime) -> int:
    """Return the aware moment `at` as microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_micros(at: int) -> datetime:
    """Return microseconds since 1970 as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=at)


def wall_micros(naive: datetime) -> int:
    """Return a naive wall time as microseconds on the wall clock since 1970."""
    since = naive - WALL_EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_wall_micros(wall: int) -> datetime:
    """Return microseconds on the wall clock since 1970 as a naive datetime."""
    return WALL_EPOCH + timedelta(microseconds=wall)


class _Offsets(NamedTuple):
    """What a zone's clock does in one block of time, one row for each offset.

    `peaks[i]` is the highest reading the clock ever showed before row i began.
    """

    starts: list[int]
    offsets: list[int]
    peaks: list[int]


class WallClock:
    """The clock on the wall of one zone, from tables read once for each 3,000 days.

    All arguments and results are microseconds since 1970.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._blocks: dict[int, _Offsets] = {}
        # The stretch that was asked about last, of instants and of readings alike:
        # within it the one is the other plus the offset.
        self._even = (0, 0, 0)

    def reading(self, at: int) -> int:
        """Return what the clock shows at the instant `at`."""
        starts, offsets, _ = self._block(at)
        return at + offsets[bisect_right(starts, at) - 1]

    def reach(self, at: int) -> int:
        """Return the highest reading the clock has shown up to the instant `at`.

        It never falls, and `instant(wall) <= at` exactly when `wall <= reach(at)`:
        a question about instants becomes plain arithmetic on the wall.
        """
        low, high, offset = self._even
        if low <= at < high:
            return at + offset
        starts, offsets, peaks = self._block(at)
        row = bisect_right(starts, at) - 1
        self._even = self._find_even(at, row)
        return max(peaks[row], at + offsets[row])

    def instant(self, wall: int) -> int:
        """Return the first instant at which the clock shows `wall` or later."""
        low, high, offset = self._even
        if low <= wall - offset < high:
            return wall - offset
        starts, offsets, peaks = self._block(wall)
        row = bisect_left(peaks, wall, 1) - 1
        return max(starts[row], wall - offsets[row])

    def _find_even(self, at: int, row: int) -> tuple[int, int, int]:
        """Return the instants from low to high around which nothing jumps."""
        starts, offsets, peaks = self._block(at)
        block = at // _BLOCK * _BLOCK
        low = max(starts[row], peaks[row] - offsets[row] + 1, block)
        high = min(starts[row + 1] if row + 1 < len(starts) else _LAST, block + _BLOCK)
        return low, high, offsets[row]

    def _block(self, near: int) -> _Offsets:
        number = near // _BLOCK
        found = self._blocks.get(number)
        if found is None:
            found = self._read(number * _BLOCK)
            self._blocks[number] = found
        return found

    def _read(self, start: int) -> _Offsets:
        at = max(start - _MARGIN, _FIRST)
        end = min(start + _BLOCK + _MARGIN, _LAST)
        starts, offsets, peaks = [_BEFORE_ALL], [self._offset(at)], [_BEFORE_ALL]
        while at < end:
            ahead = min(at + _STRIDE, end)
            if self._offset(ahead) == offsets[-1]:
                at = ahead
                continue
            at = self._find_change(at, ahead)
            peaks.append(max(peaks[-1], at + offsets[-1] - 1))
            starts.append(at)
            offsets.append(self._offset(at))
        return _Offsets(starts, offsets, peaks)

    def _find_change(self, before: int, after: int) -> int:
        offset = self._offset(before)
        while after - before > SECOND:
            middle = (before + after) // (2 * SECOND) * SECOND
            if self._offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, at: int) -> int:
        offset = from_micros(at).astimezone(self._zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)


@lru_cache(maxsize=1_024)
def wall_clock(zone: tzinfo) -> WallClock:
    """Return the shared clock of `zone`."""
    return WallClock(zone)
