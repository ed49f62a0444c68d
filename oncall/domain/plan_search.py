"""Dealing blocks of duty to people, and changing places until nothing gets better."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

_CLASH, _NEIGHBOUR, _UNEVEN, _NEAR = 2_000, 300, 40, 6
_ROUNDS = 8
_KICK = 6


@dataclass(frozen=True, slots=True)
class Ground:
    """What each block means for each person.

    `clashes[block][person]` are days on which the person is away, `holidays` are
    theirs; `weekends` and `days` are of the block. `line` names the block of each
    unbroken run of days, in time.
    """

    people: int
    clashes: Sequence[Sequence[int]]
    holidays: Sequence[Sequence[int]]
    weekends: Sequence[int]
    days: Sequence[int]
    is_week: Sequence[bool]
    line: Sequence[int]


def find_order(ground: Ground) -> list[int]:
    """Return for each block the person, by number, who serves it."""
    search = _Search(ground)
    search.descend()
    best, least = list(search.who), search.cost()
    for number in range(_ROUNDS):
        if search.is_fair():
            break
        search.who = list(best)
        search.count()
        # The chance is the same every time, so that a plan is as well.
        search.kick(random.Random(number))  # noqa: S311 -- nothing secret
        search.descend()
        if search.cost() < least:
            best, least = list(search.who), search.cost()
    return best[: len(ground.days)]


class _Search:
    """One way to deal the blocks, with the sums that it makes for each person."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._pad()
        self._beside = _find_beside(ground.line, len(self._days))
        self.who = [0] * len(self._days)
        for blocks in self._kinds:
            for number, block in enumerate(blocks):
                self.who[block] = number % ground.people
        self.count()

    def _pad(self) -> None:
        """Add empty blocks, so that everybody has equally many of each kind."""
        ground = self.ground
        nothing = [0] * ground.people
        self._clashes = [*ground.clashes]
        self._holidays = [*ground.holidays]
        self._weekends = [*ground.weekends]
        self._days = [*ground.days]
        self._kinds: list[list[int]] = []
        for kind in (True, False):
            blocks = [n for n, each in enumerate(ground.is_week) if each is kind]
            for _ in range(-len(blocks) % ground.people):
                blocks.append(len(self._days))
                self._clashes.append(nothing)
                self._holidays.append(nothing)
                self._weekends.append(0)
                self._days.append(0)
            self._kinds.append(blocks)

    def count(self) -> None:
        """Make the sums anew."""
        people = range(self.ground.people)
        self._sums = [[0, 0, 0] for _ in people]
        for block, person in enumerate(self.who):
            self._add(person, block, 1)

    def _add(self, person: int, block: int, sign: int) -> None:
        sums = self._sums[person]
        sums[0] += sign * self._days[block]
        sums[1] += sign * self._weekends[block]
        sums[2] += sign * self._holidays[block][person]

    def descend(self) -> None:
        """Change places while that makes it better."""
        is_better = True
        while is_better:
            is_better = False
            for blocks in self._kinds:
                for one, other in combinations(blocks, 2):
                    if self._try(one, other):
                        is_better = True

    def _try(self, one: int, other: int) -> bool:
        if self.who[one] == self.who[other]:
            return False
        before = self._local(one, other)
        self._swap(one, other)
        if self._local(one, other) < before:
            return True
        self._swap(one, other)
        return False

    def _swap(self, one: int, other: int) -> None:
        first, second = self.who[one], self.who[other]
        self._add(first, one, -1)
        self._add(second, other, -1)
        self.who[one], self.who[other] = second, first
        self._add(second, one, 1)
        self._add(first, other, 1)

    def kick(self, chance: random.Random) -> None:
        """Change some places whatever comes of it."""
        for _ in range(_KICK):
            blocks = chance.choice([each for each in self._kinds if each])
            self._swap(chance.choice(blocks), chance.choice(blocks))

    def _local(self, one: int, other: int) -> int:
        first, second = self.who[one], self.who[other]
        cost = _CLASH * (self._clashes[one][first] + self._clashes[other][second])
        cost += self._near(one) + self._near(other)
        return cost + self._unevenness(first) + self._unevenness(second)

    def _unevenness(self, person: int) -> int:
        days, weekends, holidays = self._sums[person]
        # Squares are least where all have the same.
        return days * days + _UNEVEN * (weekends * weekends + holidays * holidays)

    def _near(self, block: int) -> int:
        """What it costs that the same person serves just before or after."""
        who, person = self.who, self.who[block]
        return sum(price for each, price in self._beside[block] if who[each] == person)

    def cost(self) -> int:
        """Return what the whole deal costs."""
        blocks = range(len(self.who))
        clashes = sum(self._clashes[block][self.who[block]] for block in blocks)
        near = sum(self._near(block) for block in blocks)
        uneven = sum(map(self._unevenness, range(self.ground.people)))
        return _CLASH * clashes + near // 2 + uneven

    def is_fair(self) -> bool:
        """Say whether there is nothing left to wish for."""
        blocks = range(len(self.who))
        return (
            all(
                max(column) - min(column) <= 1
                for column in zip(*self._sums, strict=True)
            )
            and not any(self._clashes[block][self.who[block]] for block in blocks)
            and all(self._near(block) < _NEIGHBOUR for block in blocks)
        )


def _find_beside(line: Sequence[int], count: int) -> list[list[tuple[int, int]]]:
    """Return for each block those that serve just before or after, with the price."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for spot, block in enumerate(line):
        for ahead, price in ((1, _NEIGHBOUR), (2, _NEAR)):
            for at in (spot - ahead, spot + ahead):
                if 0 <= at < len(line):
                    found[block].append((line[at], price))
    return found
