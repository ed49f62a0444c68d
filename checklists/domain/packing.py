"""The buckets of one day as bytes: column by column, compressed.

A thousand checks a minute leave 8.6 million steps of five minutes in a month. As
rows they would take more than a gigabyte; a day of one check packed takes some
kilobytes at most, and next to nothing while nothing moves. The layout, all little
endian: a version, the width of a number (4 or 8 bytes), how many steps; then for
each step its place in the day and its counts, 16 bits each; then eight columns of
numbers. What has no number is written as not-a-number.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from checklists.domain.rollup import Bucket, Spread

_VERSION = 1
_HEAD = struct.Struct("<BBH")
_CODES = {4: "f", 8: "d"}
_GREATEST = 65_535
_NUMBERS = ("least", "mean", "high", "greatest")
_DAY = timedelta(days=1)


class BadPack(ValueError):  # noqa: N818 -- reads as what was found
    """Bytes that are no packed day."""


def pack_day(
    buckets: Sequence[Bucket], day: datetime, step: timedelta, *, width: int = 8
) -> bytes:
    """Return the buckets of the UTC day that begins at ``day``.

    ``width`` 4 keeps seven digits of a number and 8 all of them.
    """
    counts = [_counts_of(bucket, day, step) for bucket in buckets]
    columns = [*zip(*counts, strict=True)]
    whole = [number for column in columns for number in column]
    reals = [
        _fit(getattr(spread, name), width) if spread else math.nan
        for kind in ("value", "latency")
        for name in _NUMBERS
        for spread in (getattr(bucket, kind) for bucket in buckets)
    ]
    counted = struct.pack(f"<{len(whole)}H", *whole)
    measured = struct.pack(f"<{len(reals)}{_CODES[width]}", *reals)
    head = _HEAD.pack(_VERSION, width, len(buckets))
    return zlib.compress(head + counted + _split(measured, width), 9)


def unpack_day(raw: bytes, day: datetime, step: timedelta) -> list[Bucket]:
    """Return what ``pack_day`` wrote; raises BadPack. No bytes are no buckets."""
    if not raw:
        return []
    try:
        body = zlib.decompress(raw)
        version, width, count = _HEAD.unpack_from(body)
        code = _CODES[width] if version == _VERSION else ""
        edge = _HEAD.size + 14 * count
        counted = struct.unpack(f"<{7 * count}H", body[_HEAD.size : edge])
        measured = struct.unpack(f"<{8 * count}{code}", _join(body[edge:], width))
    except (zlib.error, struct.error, KeyError) as error:
        raise BadPack("These bytes are no packed day of a check.") from error
    rows = zip(
        zip(*_cut(counted, count), strict=True),
        zip(*_cut(measured, count), strict=True),
        strict=True,
    )
    return [_read(counts, reals, day, step) for counts, reals in rows]


def _cut(numbers: tuple[Any, ...], count: int) -> list[tuple[Any, ...]]:
    """Return the columns, of ``count`` numbers each."""
    return [numbers[at : at + count] for at in range(0, len(numbers), count or 1)]


def _split(raw: bytes, width: int) -> bytes:
    """Return first bytes first: those of like numbers are alike, and pack well."""
    return b"".join(raw[place::width] for place in range(width))


def _join(raw: bytes, width: int) -> bytes:
    if len(raw) % width:
        raise BadPack("These bytes are no packed day of a check.")
    whole, length = bytearray(len(raw)), len(raw) // width
    for place in range(width):
        whole[place::width] = raw[place * length : (place + 1) * length]
    return bytes(whole)


def _counts_of(bucket: Bucket, day: datetime, step: timedelta) -> tuple[int, ...]:
    place, rest = divmod(bucket.starts_at - day, step)
    if rest or not 0 <= place < _DAY // step:
        raise BadPack(f"{bucket.starts_at} is no step of {day:%Y-%m-%d}.")
    counts = (
        bucket.passed,
        bucket.failed,
        bucket.unknown,
        bucket.quiet,
        bucket.value.count if bucket.value else 0,
        bucket.latency.count if bucket.latency else 0,
    )
    return (place, *(min(count, _GREATEST) for count in counts))


def _fit(number: float, width: int) -> float:
    """Return the number as far as four bytes hold it."""
    edge = 3.4e38 if width == 4 else math.inf
    return min(max(number, -edge), edge)


def _read(
    counts: tuple[int, ...], reals: tuple[float, ...], day: datetime, step: timedelta
) -> Bucket:
    place, passed, failed, unknown, quiet, values, latencies = counts
    return Bucket(
        day + place * step,
        passed,
        failed,
        unknown,
        quiet,
        Spread(values, *reals[:4]) if values else None,
        Spread(latencies, *reals[4:]) if latencies else None,
    )
