"""Years of runs in few numbers: one a run, read back as days and standings.

A code is ``minute * 8 + rank``: the minute since 1970 (UTC) at which the run was
due, and the place of its standing in WORST_FIRST. So codes sort by time, and a
database can send a year of two hundred checklists as one line of text each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from checklists.domain.compliance import Compliance, Standing, tell_counts

# A day of several runs shows the worst of them.
WORST_FIRST = (
    Standing.MISSED,
    Standing.LATE,
    Standing.SYSTEM_MISSED,
    Standing.PENDING,
    Standing.ON_TIME,
    Standing.SKIPPED,
    Standing.VOID,
)
_NONE = len(WORST_FIRST)
_ON_TIME = WORST_FIRST.index(Standing.ON_TIME)
_BREAKING = {WORST_FIRST.index(Standing.LATE), WORST_FIRST.index(Standing.MISSED)}
_SHIFT, _MASK = 3, 7
_RANKED: tuple[Standing | None, ...] = (*WORST_FIRST, None)


def rank_of(standing: Standing) -> int:
    """Return the place of a standing in WORST_FIRST, below eight."""
    return WORST_FIRST.index(standing)


def encode_run(due_at: datetime, standing: Standing) -> int:
    """Return the code of a run."""
    return _shift(due_at) + rank_of(standing)


def count_codes(codes: Sequence[int]) -> Compliance:
    """Count runs of which only the codes are known, in order, as count_standings does."""
    ranks = [code & _MASK for code in codes]
    counts = {WORST_FIRST[rank]: count for rank, count in Counter(ranks).items()}
    return tell_counts(counts, streak=_count_streak(ranks))


def _count_streak(ranks: Sequence[int]) -> int:
    """Count as count_streak does, from the end: most stop soon."""
    streak = 0
    for rank in reversed(ranks):
        if rank in _BREAKING:
            break
        streak += rank == _ON_TIME
    return streak


def read_standings(codes: Iterable[int]) -> list[Standing]:
    """Return how each run stands, in the order of the codes."""
    return [WORST_FIRST[code & _MASK] for code in codes]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whole local days up to today.

    ``bounds`` are the codes at which each begins, and the one at which the last
    ends; ``since`` and ``until`` are the same of the whole, as moments.
    """

    first: date
    days: int
    since: datetime
    until: datetime
    bounds: tuple[int, ...]


def make_calendar(now: datetime, zone: tzinfo, days: int) -> Calendar:
    """Return so many days up to and with today."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    starts = [
        datetime.combine(first + timedelta(days=number), time(), zone).astimezone(UTC)
        for number in range(days + 1)
    ]
    bounds = tuple(_shift(start) for start in starts)
    return Calendar(first, days, starts[0], starts[-1], bounds)


def read_days(codes: Iterable[int], calendar: Calendar) -> list[Standing | None]:
    """Return the worst standing of each day; None where nothing was due.

    ``codes`` are in order and within the calendar.
    """
    bounds = calendar.bounds
    worst = [_NONE] * calendar.days
    day = 0
    for code in codes:
        while code >= bounds[day + 1]:
            day += 1
        rank = code & _MASK
        if rank < worst[day]:
            worst[day] = rank
    return [_RANKED[rank] for rank in worst]


def _shift(at: datetime) -> int:
    return int(at.timestamp()) // 60 << _SHIFT
