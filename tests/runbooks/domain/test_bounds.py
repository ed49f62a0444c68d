"""Numbers in a line, with operator and unit."""

import pytest

from runbooks.domain.bounds import find_bounds


@pytest.mark.parametrize(
    ("words", "bounds"),
    [
        ("1000+ req/sec target", [("", 1000, "req/s")]),
        (
            "p50 <200ms, p95 <1s, p99 <2s",
            [("<", 200, "ms"), ("<", 1, "s"), ("<", 2, "s")],
        ),
        ("≤ 30 files", [("<=", 30, "")]),
        ("расхождение не более 0,5%", [("<=", 0.5, "%")]),
        ("超过 1000", [(">", 1000, "")]),
        ("at least 99.95 percent", [(">=", 99.95, "%")]),
        ("below 1,000 req/s", [("<", 1000, "req/s")]),
        ("queue > 10k", [(">", 10_000, "")]),
        ("95th percentile under 300 ms", [("<", 300, "ms")]),
        ("on 2024-12-03 at 10:15 version 1.2.3", []),
        ("no numbers", []),
    ],
)
def test_bounds_are_found(words, bounds):
    assert [(each.op, each.value, each.unit) for each in find_bounds(words)] == bounds


@pytest.mark.parametrize(
    ("words", "low", "high", "unit"),
    [
        ("100-1000 req/min", 100, 1000, "req/min"),
        ("5-15%", 5, 15, "%"),
        ("between 5% and 10%", 5, 10, "%"),
    ],
)
def test_ranges_have_two_ends(words, low, high, unit):
    (bound,) = find_bounds(words)
    assert (bound.op, bound.value, bound.high, bound.unit) == (
        "between",
        low,
        high,
        unit,
    )
