"""Many looks as few numbers: what is left of a stretch of time.

A bucket is one step of a UTC day, an hour or five minutes. Looks in planned work
are counted and otherwise left out, as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from checklists.domain.observation import Outcome

HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Look:
    """One judged look; ``latency`` is in ms."""

    at: datetime
    outcome: Outcome
    value: float | None = None
    latency: float | None = None
    is_quiet: bool = False


# Not frozen, though nobody changes them: a chart makes thousands, and freezing costs
# three times as much as making one.
@dataclass(slots=True, unsafe_hash=True)
class Spread:
    """What many numbers had in common; ``high`` is their 95th percentile.

    The percentile is the smallest number that at least 95 % of them do not exceed;
    of spreads that were merged it is the greatest of theirs, which the true one
    never exceeds.
    """

    count: int
    least: float
    mean: float
    high: float
    greatest: float


@dataclass(slots=True, unsafe_hash=True)
class Bucket:
    """One step of time; ``quiet`` counts the looks in planned work."""

    starts_at: datetime
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    quiet: int = 0
    value: Spread | None = None
    latency: Spread | None = None

    @property
    def looks(self) -> int:
        """How many looks count."""
        return self.passed + self.failed + self.unknown


def start_of_step(at: datetime, step: timedelta) -> datetime:
    """Return where the step begins that ``at`` falls into; UTC days hold whole ones."""
    return at - (at - _EPOCH) % step


def roll_up(looks: Iterable[Look], step: timedelta) -> list[Bucket]:
    """Return the buckets in which there was a look, in order."""
    groups: dict[datetime, list[Look]] = {}
    for look in looks:
        groups.setdefault(start_of_step(look.at, step), []).append(look)
    return [_sum_up(start, groups[start]) for start in sorted(groups)]


def _sum_up(starts_at: datetime, looks: Sequence[Look]) -> Bucket:
    heard = [look for look in looks if not look.is_quiet]
    outcomes = [look.outcome for look in heard]
    return Bucket(
        starts_at,
        passed=outcomes.count(Outcome.PASS),
        failed=outcomes.count(Outcome.FAIL),
        unknown=outcomes.count(Outcome.UNKNOWN),
        quiet=len(looks) - len(heard),
        value=spread_of(look.value for look in heard),
        latency=spread_of(look.latency for look in heard),
    )


def spread_of(numbers: Iterable[float | None]) -> Spread | None:
    """Return the spread of the finite numbers; None without any."""
    known = sorted(n for n in numbers if n is not None and math.isfinite(n))
    if not known:
        return None
    count = len(known)
    # Ints only: 0.95 * 20 is more than 19.
    high = known[(95 * count + 99) // 100 - 1]
    # Each a part of the whole, so that no sum leaves the floats.
    mean = math.fsum(n / count for n in known)
    return Spread(count, known[0], min(max(mean, known[0]), known[-1]), high, known[-1])


def merge(buckets: Iterable[Bucket], step: timedelta) -> list[Bucket]:
    """Return the same in steps that are so many times as long, in order."""
    groups: dict[datetime, list[Bucket]] = {}
    for bucket in buckets:
        groups.setdefault(start_of_step(bucket.starts_at, step), []).append(bucket)
    return [merge_all(start, groups[start]) for start in sorted(groups)]


def merge_all(starts_at: datetime, parts: Sequence[Bucket]) -> Bucket:
    """Return one bucket for all of them."""
    return Bucket(
        starts_at,
        passed=sum([part.passed for part in parts]),
        failed=sum([part.failed for part in parts]),
        unknown=sum([part.unknown for part in parts]),
        quiet=sum([part.quiet for part in parts]),
        value=_merge_spreads([part.value for part in parts if part.value]),
        latency=_merge_spreads([part.latency for part in parts if part.latency]),
    )


def _merge_spreads(parts: Sequence[Spread]) -> Spread | None:
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    count = sum([part.count for part in parts])
    least = min([part.least for part in parts])
    greatest = max([part.greatest for part in parts])
    mean = math.fsum([part.mean * (part.count / count) for part in parts])
    high = max([part.high for part in parts])
    return Spread(count, least, min(max(mean, least), greatest), high, greatest)
