"""The lines that a condition draws into a chart."""

import pytest

from checklists.domain.condition import parse
from checklists.domain.condition.limits import find_limits


@pytest.mark.parametrize(
    ("text", "unit", "limits"),
    [
        ("value < 100ms", "ms", (100,)),
        ("value < 100", "ms", (100,)),
        ("value < 1s and 20ms <= value", "ms", (20, 1000)),
        ("value between 100 and 500", "", (100, 500)),
        ("not (value > 80%) or value <= 95", "%", (80, 95)),
        ("value < 5 given latency < 1s", "", (5,)),
        ("value == 3 and status == 200", "", ()),
        ("value <= 1.5 * baseline(7d) and latency < 1s", "ms", ()),
    ],
)
def test_limits_are_the_written_numbers(text, unit, limits):
    assert find_limits(parse(text, unit or None).tree, "value", unit) == limits


def test_each_field_has_its_own():
    tree = parse("status == 200 and latency < 0.3s", None).tree
    assert find_limits(tree, "latency", "ms") == (300,)
    assert find_limits(tree, "value", "") == ()
