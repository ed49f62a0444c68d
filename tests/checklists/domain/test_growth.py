"""Growth and the day on which a limit is reached."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.growth import FEWEST, Growth, find_reach, fit_growth

levels = st.floats(-1e6, 1e6)
slopes = st.floats(-1e3, 1e3)


def line(level, a_day, days=30):
    return [(-float(day), level - a_day * day) for day in range(days)]


@given(levels, slopes)
def test_a_straight_line_is_found(level, a_day):
    growth = fit_growth(line(level, a_day))
    for slope in (growth.a_day, growth.low, growth.high):
        assert slope == pytest.approx(a_day, abs=1e-6)
    assert growth.level == pytest.approx(level, abs=1e-3)


@given(st.lists(levels, min_size=FEWEST, max_size=25), st.randoms())
def test_the_growth_lies_in_its_interval_whatever_the_order(values, chance):
    points = [(-float(day), value) for day, value in enumerate(values)]
    growth = fit_growth(points)
    assert growth.low <= growth.a_day <= growth.high
    shuffled = list(points)
    chance.shuffle(shuffled)
    assert fit_growth(shuffled) == growth


@given(st.lists(levels, min_size=FEWEST, max_size=20))
def test_what_is_turned_over_grows_the_other_way(values):
    points = [(-float(day), value) for day, value in enumerate(values)]
    growth = fit_growth(points)
    turned = fit_growth([(day, -value) for day, value in points])
    assert turned.a_day == pytest.approx(-growth.a_day)
    assert (turned.low, turned.high) == pytest.approx((-growth.high, -growth.low))


def test_a_quarter_of_wild_days_changes_little():
    points = line(60, 0.5)
    for place in range(0, 28, 4):
        points[place] = (points[place][0], 900.0)
    assert fit_growth(points).a_day == pytest.approx(0.5, abs=0.05)


def test_nine_of_ten_intervals_hold_the_true_growth():
    chance = random.Random(6)  # noqa: S311 -- no secret
    held = 0
    for _ in range(200):
        noisy = [(day, value + chance.gauss(0, 3)) for day, value in line(50, 0.2)]
        growth = fit_growth(noisy)
        held += growth.low <= 0.2 <= growth.high
    assert 168 <= held <= 196


def test_few_days_say_nothing():
    assert fit_growth(line(1, 1, days=FEWEST - 1)) is None
    assert fit_growth([(-1.0, 5.0)] * 20) is None


@pytest.mark.parametrize(
    ("growth", "limits", "reach"),
    [
        (Growth(0.5, 0.4, 1.0, 60), (70, 80, 50), (70, 20, 10, 25)),
        (Growth(-2, -4, -1, 60), (70, 50), (50, 5, 2.5, 10)),
        (Growth(0.5, 1e-9, 1, 60), (70,), (70, 20, 10, None)),
        (Growth(0.5, -0.1, 1, 60), (70,), None),
        (Growth(0.5, 0.4, 1, 90), (70, 80), None),
        (Growth(1e-3, 1e-4, 2e-3, 60), (70,), None),
        (Growth(0.5, 0.4, 1, 60), (), None),
    ],
)
def test_the_next_limit_on_the_way_is_reached(growth, limits, reach):
    found = find_reach(growth, limits)
    if reach is None:
        assert found is None
    else:
        assert (found.limit, found.expected, found.earliest, found.latest) == reach
