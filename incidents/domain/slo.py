"""Error budgets in whole seconds.

A budget is what a rolling window allows to be bad. Bad time is a union of half-open
spans, so that what is bad twice counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

PAGE: Final = "page"
TICKET: Final = "ticket"
CALM: Final = ""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
HOUR: Final = 3600
DAY: Final = 24 * HOUR


class Span(NamedTuple):
    """Whole seconds since 1970, half-open."""

    start: int
    end: int


class BurnRule(NamedTuple):
    """Burning ``rate`` times as fast as the window allows, lately and just now.

    Lengths are in seconds. The short one ends the alert soon after the trouble.
    """

    rate: Fraction
    long: int
    short: int
    kind: str

    @property
    def words(self) -> str:
        """Say it as people do."""
        rate = float(self.rate)
        return f"{rate:g} times too fast over {say_seconds(self.long)}"


class BurnReading(NamedTuple):
    """How many times as fast as allowed it burned over the two windows of a rule."""

    rule: BurnRule
    lately: Fraction
    just_now: Fraction

    @property
    def windows(self) -> str:
        """Say over which two lengths it is read."""
        return f"{say_seconds(self.rule.long)} and {say_seconds(self.rule.short)}"

    @property
    def is_too_fast(self) -> bool:
        """Say whether both windows burn: then there is an alert."""
        return min(self.lately, self.just_now) >= self.rule.rate


# The four of the SRE workbook, for a window of 30 days; gravest first.
BURN_RULES: Final = (
    BurnRule(Fraction(144, 10), HOUR, 5 * 60, PAGE),
    BurnRule(Fraction(6), 6 * HOUR, 30 * 60, PAGE),
    BurnRule(Fraction(3), DAY, 2 * HOUR, TICKET),
    BurnRule(Fraction(1), 3 * DAY, 6 * HOUR, TICKET),
)


@dataclass(frozen=True, slots=True)
class Objective:
    """``target`` in percent, as Decimal("99.95"); the window in days."""

    target: Decimal
    window_days: int

    @property
    def window(self) -> int:
        """The length of the window in seconds."""
        return self.window_days * DAY

    @property
    def share(self) -> Fraction:
        """What of any time may be bad."""
        return 1 - Fraction(self.target) / 100

    @property
    def budget(self) -> Fraction:
        """How many seconds of the window may be bad, exactly."""
        return self.window * self.share


@dataclass(frozen=True, slots=True)
class Budget:
    """Where a window stands; seconds."""

    allowed: Fraction
    bad: int

    @property
    def consumed(self) -> Fraction:
        """The share of the budget that is gone: 0 and more, over 1 when overspent."""
        return self.bad / self.allowed

    @property
    def left(self) -> Fraction:
        """Seconds that may still be bad; negative when overspent."""
        return self.allowed - self.bad


def to_seconds(at: datetime) -> int:
    """Return the whole seconds since 1970 that are over at ``at``."""
    return (at - _EPOCH) // _SECOND


def to_spans(stretches: Iterable[tuple[datetime, datetime]]) -> list[Span]:
    """Return stretches of moments as seconds, without overlaps, in order."""
    return merge(Span(to_seconds(start), to_seconds(end)) for start, end in stretches)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the same time without overlaps and empty spans, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[Span], excluded: Iterable[Span]) -> list[Span]:
    """Return the time of ``spans`` outside of ``excluded``."""
    left = merge(spans)
    for hole in merge(excluded):
        cut = []
        for span in left:
            if span.end <= hole.start or hole.end <= span.start:
                cut.append(span)
                continue
            cut += [Span(span.start, hole.start), Span(hole.end, span.end)]
        left = [span for span in cut if span.start < span.end]
    return left


def measure(spans: Iterable[Span], start: int, end: int) -> int:
    """Return how many seconds of [start, end) lie in spans that do not overlap."""
    return sum(max(min(span.end, end) - max(span.start, start), 0) for span in spans)


def stand(objective: Objective, bad: Sequence[Span], at: int) -> Budget:
    """Return the budget of the window that ends at ``at``.

    ``bad`` does not overlap; see ``merge``.
    """
    spent = measure(bad, at - objective.window, at)
    return Budget(objective.budget, spent)


def burn_rate(
    objective: Objective, bad: Sequence[Span], at: int, length: int
) -> Fraction:
    """Return how many times faster than allowed the budget went in the last seconds."""
    return Fraction(measure(bad, at - length, at), length) / objective.share


def find_burn(objective: Objective, bad: Sequence[Span], at: int) -> BurnRule | None:
    """Return the gravest rule of which both windows burn, or None.

    A window that is shorter than a rule's is not asked by it.
    """
    readings = read_burns(objective, bad, at)
    return next((each.rule for each in readings if each.is_too_fast), None)


def read_burns(objective: Objective, bad: Sequence[Span], at: int) -> list[BurnReading]:
    """Return how fast the budget burns by each rule that asks such a window."""
    return [
        BurnReading(
            rule,
            lately=burn_rate(objective, bad, at, rule.long),
            just_now=burn_rate(objective, bad, at, rule.short),
        )
        for rule in BURN_RULES
        if rule.long <= objective.window
    ]


def is_half_due(budget: Budget, *, told_at: int | None, window: int, at: int) -> bool:
    """Say whether to tell that half of the budget is gone: once a window."""
    if budget.consumed < Fraction(1, 2):
        return False
    return told_at is None or at - told_at >= window


def plot(
    objective: Objective, bad: Sequence[Span], at: int, *, points: int = 90
) -> list[tuple[int, float]]:
    """Return (second, percent of the budget that is left) up to ``at``."""
    step = objective.window // points
    moments = [at - step * back for back in reversed(range(points + 1))]
    return [
        (moment, float(100 * (1 - stand(objective, bad, moment).consumed)))
        for moment in moments
    ]


def say_seconds(length_s: Fraction | int) -> str:
    """Return a length as people compare budgets: 21.6 min, 4.38 h, 36 s."""
    seconds = float(length_s)
    for unit, least, size in (
        ("d", 2 * DAY, DAY),
        ("h", 2 * HOUR, HOUR),
        ("min", 60, 60),
    ):
        if abs(seconds) >= least:
            return f"{round(seconds / size, 2):g} {unit}"
    return f"{round(seconds, 1):g} s"
