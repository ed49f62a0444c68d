"""The blocks of days that a fair plan deals out: whole weeks, and weeks cut in parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

WEEK = 7
# A longer block would reach into a second weekend; finer ones separate more.
_LONGEST = (6, 3, 3, 2)
FINEST = len(_LONGEST) - 1
# From here on, everybody gives up a whole week as well.
_MORE_WEEKS = 2
_TWO_HOLIDAYS, _SPLIT_WEEKEND, _IN_TWO = 8, 2, 1


@dataclass(frozen=True, slots=True)
class Block:
    """Days, counted from the plan's first, that one person serves."""

    days: tuple[int, ...]
    is_week: bool

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first day and the day after the last of each unbroken run."""
        first = self.days[0]
        for day, following in pairwise((*self.days, self.days[-1] + 2)):
            if following != day + 1:
                yield first, day + 1
                first = following


@dataclass(frozen=True, slots=True)
class Days:
    """What is known of each day of whole weeks.

    `is_blocked` tells that nobody is there for the whole of the day's week.
    """

    holidays: Sequence[bool]
    is_weekend: Sequence[bool]
    is_blocked: Sequence[bool]


def keep_weeks(days: Days) -> list[Block]:
    """Return a block for each week."""
    return [_week(number) for number in range(len(days.holidays) // WEEK)]


def cut_blocks(days: Days, people: int, fineness: int) -> list[Block]:
    """Return blocks that cover all days, so that equal numbers make equal hours.

    The weeks that remain when each of the people has as many as the others are cut,
    first those that nobody can serve or that hold too many holidays. `fineness`, 0
    to FINEST, makes shorter blocks and more of them.
    """
    cut = _weeks_to_cut(days, people, fineness)
    blocks = [block for n, block in enumerate(keep_weeks(days)) if n not in cut]
    loose = [week * WEEK + day for week in sorted(cut) for day in range(WEEK)]
    if not loose:
        return blocks
    parts = people * -(-len(loose) // (people * _LONGEST[fineness]))
    return blocks + [
        Block(tuple(loose[low:high]), is_week=False)
        for low, high in _cut(loose, days, min(len(loose), parts))
    ]


def _week(number: int) -> Block:
    return Block(tuple(range(number * WEEK, number * WEEK + WEEK)), is_week=True)


def _weeks_to_cut(days: Days, people: int, fineness: int) -> set[int]:
    weeks = len(days.holidays) // WEEK
    counts = [sum(days.holidays[w * WEEK : w * WEEK + WEEK]) for w in range(weeks)]
    fair = max(1, -(-sum(counts) // people))
    rest = weeks % people
    if fineness >= _MORE_WEEKS and weeks - rest >= people:
        rest += people
    urgent = [
        week
        for week in range(weeks)
        if counts[week] > fair or days.is_blocked[week * WEEK]
    ]
    urgent.sort(key=lambda week: (not days.is_blocked[week * WEEK], -counts[week]))
    chosen = set(urgent[:rest])
    for number in range(rest - len(chosen)):
        ideal = (2 * number + 1) * weeks // (2 * rest)
        free = (week for week in range(weeks) if week not in chosen)
        chosen.add(min(free, key=lambda week: (abs(week - ideal), week)))
    return chosen


def _cut(loose: Sequence[int], days: Days, parts: int) -> list[tuple[int, int]]:
    """Return where to cut days, into parts whose lengths differ by one at most."""
    length, extra = divmod(len(loose), parts)

    def cost_of(low: int, high: int) -> int:
        block = loose[low:high]
        cost = _TWO_HOLIDAYS * max(0, sum(days.holidays[day] for day in block) - 1)
        cost += _IN_TWO * (block[-1] - block[0] >= len(block))
        goes_on = high < len(loose) and loose[high] == block[-1] + 1
        if goes_on and days.is_weekend[block[-1]] and days.is_weekend[loose[high]]:
            cost += _SPLIT_WEEKEND
        return cost

    @cache
    def best(part: int, longer: int) -> tuple[int, int]:
        """The least cost from here on, and the length of the next part."""
        if part == parts:
            return 0, 0
        low = part * length + longer
        lengths = []
        if extra - longer < parts - part:
            lengths.append(length)
        if longer < extra:
            lengths.append(length + 1)
        return min(
            (cost_of(low, low + size) + best(part + 1, longer + size - length)[0], size)
            for size in lengths
        )

    found, low, longer = [], 0, 0
    for part in range(parts):
        size = best(part, longer)[1]
        found.append((low, low + size))
        low, longer = low + size, longer + size - length
    return found
