"""Measured numbers as people read them."""

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


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
