import pytest

from opsportal.kit.quantities import find_size, scale_bytes


@pytest.mark.parametrize(
    ("value", "unit", "scaled"),
    [
        (999, "B", (999, "B")),
        (1000, "B", (1, "kB")),
        (84_000_000_000, "B", (84, "GB")),
        (-2_500_000, "B", (-2.5, "MB")),
        (3e20, "B", (3e5, "PB")),
        (84_000_000_000, "ms", (84_000_000_000, "ms")),
        (5, "", (5, "")),
    ],
)
def test_bytes_are_told_in_a_unit_that_one_can_read(value, unit, scaled):
    assert scale_bytes(value, unit) == scaled


def test_a_series_has_the_unit_of_its_greatest_value():
    assert find_size(2_000_000) == (1_000_000, "MB")
