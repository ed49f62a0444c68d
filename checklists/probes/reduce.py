"""Many numbers to one, without hiding that some are not numbers."""

import math
from collections.abc import Callable, Mapping, Sequence

from checklists.probes.failures import unknown

REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "max": max,
    "min": min,
    "sum": math.fsum,
}


def reduce_samples(values: Sequence[float], how: str | None) -> float:
    """One finite number.

    Raises ProbeFailed (unknown) when there is none, when one of them is NaN or
    infinite (a division by zero, mostly), or when nobody said how to join several.
    """
    if not values:
        raise unknown("no_data", "There is no sample.")
    if not all(math.isfinite(value) for value in values):
        raise unknown("not_a_number", "The value is NaN or infinite.")
    if len(values) == 1:
        return values[0]
    if how is None:
        raise unknown(
            "many_series", f"There are {len(values)} samples: choose max, min or sum."
        )
    return REDUCERS[how](values)


def divide(above: float, below: float) -> float:
    """A share; raises ProbeFailed (unknown) when nothing was counted."""
    if below == 0:
        raise unknown("nothing_counted", "The total is 0, so there is no share.")
    return above / below
