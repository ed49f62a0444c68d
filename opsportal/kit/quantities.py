"""Measured numbers as people read them."""

from collections.abc import Sequence

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


def say_number(value: float) -> str:
    """A number with three figures that matter: "0.125", "91.4", "1,204"."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def find_size(greatest: float) -> tuple[int, str]:
    """Return how many bytes the unit has that leaves less than a thousand of them."""
    step = 0
    while abs(greatest) >= 1000 ** (step + 1) and step < len(_SIZES) - 1:
        step += 1
    return 1000**step, _SIZES[step]


def scale_bytes(value: float, unit: str) -> tuple[float, str]:
    """Return bytes ("B") in a readable unit; what is not in bytes stays as it is."""
    if unit != "B":
        return value, unit
    size, name = find_size(value)
    return value / size, name


def scale_series(
    values: Sequence[float | None], threshold: float | None, unit: str
) -> tuple[list[float | None], float | None, str]:
    """Return bytes in the unit that suits the greatest of them."""
    if unit != "B":
        return [*values], threshold, unit
    size, name = find_size(max((abs(each) for each in values if each), default=0))
    limit = None if threshold is None else threshold / size
    return [None if each is None else each / size for each in values], limit, name
