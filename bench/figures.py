"""What a benchmark says: figures, each beside its limit and its goal."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured.

    ``value`` and ``limit`` have the same ``unit``; less is better. ``limit`` is what
    the least possible work costs, measured in the same run. ``goal`` is in words.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the limit; None without one."""
        return self.value / self.limit if self.limit else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def time_call(call: Callable[[], object], *, seconds: float = 0.3) -> float:
    """Return the seconds of one call, the least of five rounds.

    The least, because whatever else the machine does only ever adds. Where time is
    short a tenth of ``seconds`` must do.
    """
    if os.environ.get("OPSPORTAL_SMALL"):
        seconds /= 10
    count, took = 1, 0.0
    while took < seconds / 5:
        took = _time_round(call, count)
        count *= 2 if took else 10
    count = max(count // 2, 1)
    return min(_time_round(call, count) for _ in range(5)) / count


def _time_round(call: Callable[[], object], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - began


def percentile(values: Iterable[float], percent: int) -> float:
    """Return the value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def write_table(figures: Iterable[Figure]) -> list[str]:
    """Return the figures as aligned lines, with a head."""
    rows = [("what", "measured", "limit", "ratio", "goal")]
    for each in figures:
        limit = "" if each.limit is None else f"{_say(each.limit, each.unit)}"
        ratio = "" if each.ratio is None else f"{each.ratio:.3g} x"
        measured = _say(each.value, each.unit)
        rows.append((each.what, measured, limit, ratio, each.goal))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [row[column].rjust(widths[column]) for column in (1, 2, 3)]
        lines.append("  ".join([*cells, row[4]]).rstrip())
    return lines


def write_notes(figures: Iterable[Figure]) -> list[str]:
    """Return what the limits are and what else there is to say, once each."""
    limits = [f"limit: {each.limit_is}" for each in figures if each.limit_is]
    notes = [each.note for each in figures if each.note]
    return list(dict.fromkeys([*limits, *notes]))


def _say(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value >= 10_000 else f"{value:.4g}"
    return f"{text} {unit}".rstrip()
