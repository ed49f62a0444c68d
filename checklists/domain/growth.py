"""How something grows, and when it reaches a limit.

The growth is the median of the slopes between all pairs of days, after Theil; its
interval is Sen's, from the distribution of Kendall's tau (P. K. Sen, "Estimates of
the Regression Coefficient Based on Kendall's Tau", Journal of the American
Statistical Association 63, 1968). Nearly a third of the days may be outliers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

# Fewer days say nothing of a month.
FEWEST = 7
# Of the normal distribution: nine of ten such intervals hold the true growth.
_TEN_PERCENT = 1.6449
# Nobody plans farther ahead.
FARTHEST = 3650.0


@dataclass(frozen=True, slots=True)
class Growth:
    """A change a day, within ``low`` and ``high``; ``level`` is where it stands now."""

    a_day: float
    low: float
    high: float
    level: float

    @property
    def is_clear(self) -> bool:
        """False while it may as well fall as grow."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Reach:
    """In how many days a limit is reached; ``latest`` None is more than ten years."""

    limit: float
    expected: float
    earliest: float
    latest: float | None


def fit_growth(points: Sequence[tuple[float, float]]) -> Growth | None:
    """Fit (days from now, value), days below zero; None for too few days."""
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in combinations(sorted(points), 2)
        if later[0] > earlier[0]
    )
    days = len({day for day, _ in points})
    if days < FEWEST:
        return None
    a_day = median(slopes)
    count = len(points)
    spread = _TEN_PERCENT * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    lowest = max(math.floor((len(slopes) - spread) / 2) - 1, 0)
    highest = len(slopes) - 1 - lowest
    level = median(value - a_day * day for day, value in points)
    return Growth(a_day, slopes[lowest], slopes[highest], level)


def find_reach(growth: Growth, limits: Sequence[float]) -> Reach | None:
    """Return when the next limit on the way is reached.

    None while there is no clear growth, or nothing on its way within ten years.
    """
    if not growth.is_clear:
        return None
    way = math.copysign(1, growth.a_day)
    ahead = [limit for limit in limits if (limit - growth.level) * way > 0]
    if not ahead:
        return None
    limit = min(ahead, key=lambda each: abs(each - growth.level))
    left = limit - growth.level
    days = sorted(_days(left, each) for each in (growth.low, growth.a_day, growth.high))
    if days[1] > FARTHEST:
        return None
    return Reach(limit, days[1], days[0], days[2] if days[2] <= FARTHEST else None)


def _days(left: float, a_day: float) -> float:
    """Return the days; a growth too small to count takes for ever."""
    return left / a_day if abs(a_day) > abs(left) / (2 * FARTHEST) else math.inf
