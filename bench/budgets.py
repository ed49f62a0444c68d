"""Error budgets beside counting every second of a thousand random years."""

import random
import time
from decimal import Decimal
from fractions import Fraction

from bench.figures import Figure
from incidents.domain import slo
from incidents.domain.slo import DAY, Objective, Span

NEEDS_DATABASE = False
YEARS, SEED = 1_000, 20_260_114
_YEAR = 365 * DAY
_TARGETS = ("99", "99.5", "99.9", "99.95", "99.99")
_LOOKS = 10


def measure() -> list[Figure]:
    """Compare spent budgets and burning with the counted seconds."""
    dice = random.Random(SEED)  # noqa: S311 -- the same years each time
    wrong = wrong_burns = burning = 0
    spent_s = 0.0
    for _ in range(YEARS):
        outages = [_outage(dice) for _ in range(dice.randint(0, 120))]
        seconds = bytearray(_YEAR)
        for start, end in outages:
            seconds[start:end] = b"\x01" * (end - start)
        objective = Objective(Decimal(dice.choice(_TARGETS)), dice.randint(1, 365))
        began = time.perf_counter()
        bad = slo.merge(Span(start, end) for start, end in outages)
        found = slo.stand(objective, bad, _YEAR)
        spent_s += time.perf_counter() - began
        counted = seconds.count(1, max(_YEAR - objective.window, 0), _YEAR)
        wrong += found.bad != counted
        wrong += found.consumed != Fraction(counted) / objective.budget
        for at in _moments(dice, outages):
            burn = slo.find_burn(objective, bad, at)
            burning += burn is not None
            wrong_burns += burn != _count_burn(objective, seconds, at)
    return [
        Figure(
            what=f"budgets of {YEARS:,} years that differ from counting their seconds",
            value=wrong,
            unit="budgets",
            goal="0",
            note=f"{burning:,} of {YEARS * _LOOKS:,} looks found it burning",
        ),
        Figure(
            what=f"burn alerts of {YEARS * _LOOKS:,} looks that differ",
            value=wrong_burns,
            unit="alerts",
            goal="0",
        ),
        Figure(
            what="one budget of up to 120 outages",
            value=1_000 * spent_s / YEARS,
            unit="ms",
        ),
    ]


def _outage(dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(_YEAR)
    length = dice.choice((dice.randint(1, 300), dice.randint(60, 6 * slo.HOUR)))
    return start, min(start + length, _YEAR)


def _moments(dice: random.Random, outages: list[tuple[int, int]]) -> list[int]:
    """Return moments of which half are just after trouble began."""
    first = 3 * DAY
    near = [start + dice.randint(0, slo.HOUR) for start, _ in outages[: _LOOKS // 2]]
    found = [at for at in near if first < at <= _YEAR]
    return found + [dice.randint(first, _YEAR) for _ in range(_LOOKS - len(found))]


def _count_burn(
    objective: Objective, seconds: bytearray, at: int
) -> slo.BurnRule | None:
    """Return the gravest rule of which both windows burn, second by second."""
    for rule in slo.BURN_RULES:
        if rule.long > objective.window:
            continue
        rates = [
            Fraction(seconds.count(1, at - length, at), length)
            for length in (rule.long, rule.short)
        ]
        if min(rates) >= rule.rate * objective.share:
            return rule
    return None
