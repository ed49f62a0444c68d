"""How incidents went: times to detect, acknowledge and resolve, as distributions."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The moments of one incident, aware UTC; None: not reached.

    ``levels`` holds when each level began, in order, the first at the declaration.
    """

    ref: str
    service: str
    severity: str
    level: int
    started_at: datetime
    detected_at: datetime
    declared_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    levels: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """All lengths of one kind, shortest first, and what they come to."""

    points: tuple[timedelta, ...]
    median: timedelta
    p90: timedelta
    mean: timedelta

    @property
    def worst(self) -> timedelta:
        """The longest."""
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class Stint:
    """Somebody who worked on an incident, from one moment to another."""

    person: str
    start: datetime
    end: datetime


Measure = Callable[[Story], timedelta | None]


def time_to_detect(story: Story) -> timedelta:
    """Return how long it went unnoticed; an acknowledgement is a detection too."""
    return _detected(story) - story.started_at


def time_to_acknowledge(story: Story) -> timedelta | None:
    """Return how long it took from being noticed until somebody had it."""
    if story.acknowledged_at is None:
        return None
    return story.acknowledged_at - _detected(story)


def time_to_resolve(story: Story) -> timedelta | None:
    """Return how long it lasted, from its start."""
    return None if story.resolved_at is None else story.resolved_at - story.started_at


def spread(lengths: Iterable[timedelta | None]) -> Spread | None:
    """Return the distribution of the known lengths, None when there is none.

    The median is the middle, or the mean of both; p90 is the least length that is not
    below nine of ten.
    """
    points = tuple(sorted(length for length in lengths if length is not None))
    if not points:
        return None
    count = len(points)
    middle = count // 2
    median = points[middle] if count % 2 else (points[middle - 1] + points[middle]) / 2
    p90 = points[math.ceil(0.9 * count) - 1]
    return Spread(points, median, p90, sum(points, ZERO) / count)


def spread_by(
    stories: Iterable[Story], measure: Measure, name: Callable[[Story], str]
) -> dict[str, Spread]:
    """Return the distribution for each name that ``name`` gives, names in order."""
    found: dict[str, list[timedelta | None]] = defaultdict(list)
    for story in stories:
        found[name(story)].append(measure(story))
    spreads = {each: spread(lengths) for each, lengths in sorted(found.items())}
    return {each: known for each, known in spreads.items() if known is not None}


def median_by_week(
    stories: Iterable[Story], measure: Measure, weeks: Sequence[date], zone: ZoneInfo
) -> list[timedelta | None]:
    """Return the median of each week, by when incidents were declared."""
    found: dict[date, list[timedelta | None]] = defaultdict(list)
    for story in stories:
        found[week_of(story.declared_at, zone)].append(measure(story))
    known = [spread(found[week]) for week in weeks]
    return [each.median if each else None for each in known]


def time_in_severity(story: Story) -> dict[int, timedelta]:
    """Return how long it was of each level: together from declaration to resolution."""
    if story.resolved_at is None:
        return {}
    spent: dict[int, timedelta] = defaultdict(timedelta)
    end = story.resolved_at
    turns = [*((min(at, end), level) for at, level in story.levels), (end, 0)]
    for (start, level), (stop, _) in pairwise(turns):
        spent[level] += stop - start
    return dict(spent)


def add_up(parts: Iterable[Mapping[int, timedelta]]) -> dict[int, timedelta]:
    """Return the sum for each level, gravest first."""
    total: dict[int, timedelta] = defaultdict(timedelta)
    for part in parts:
        for level, length in part.items():
            total[level] += length
    return dict(sorted(total.items()))


def time_worked(stints: Iterable[Stint]) -> dict[str, timedelta]:
    """Return how long each person worked; what overlaps counts once. Most first."""
    found: dict[str, list[Stint]] = defaultdict(list)
    for stint in stints:
        found[stint.person].append(stint)
    worked = {person: _union(mine) for person, mine in found.items()}
    return dict(sorted(worked.items(), key=lambda each: (-each[1], each[0])))


def week_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the week on that clock."""
    on = at.astimezone(zone).date()
    return on - timedelta(days=on.weekday())


def weeks_between(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """Return the Mondays of all weeks that the interval touches."""
    first, last = week_of(start, zone), week_of(end, zone)
    count = (last - first).days // 7 + 1
    return [first + timedelta(weeks=number) for number in range(count)]


def _detected(story: Story) -> datetime:
    known = [story.detected_at, story.acknowledged_at, story.resolved_at]
    return max(min(at for at in known if at is not None), story.started_at)


def _union(stints: list[Stint]) -> timedelta:
    worked, reached = ZERO, None
    for stint in sorted(stints, key=lambda each: each.start):
        start = stint.start if reached is None else max(stint.start, reached)
        worked += max(stint.end - start, ZERO)
        reached = stint.end if reached is None else max(stint.end, reached)
    return worked
