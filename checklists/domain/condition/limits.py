"""The numbers that a condition holds a field against, for charts."""

from __future__ import annotations

from collections.abc import Iterator

from checklists.domain.condition import tree
from checklists.domain.condition.units import PLAIN, find_unit

_ORDERS = {"<", "<=", ">", ">="}


def find_limits(node: tree.Expression, name: str, unit: str) -> tuple[float, ...]:
    """Return the limits of a field, lowest first, in ``unit``, that of its chart.

    Only written numbers count: ``value < 1.5 * baseline(7d)`` has no one line.
    """
    return tuple(sorted(set(_find(node, name, unit))))


def _find(node: tree.Expression, name: str, unit: str) -> Iterator[float]:
    match node:
        case tree.Compare(sign=sign, left=left, right=right) if sign in _ORDERS:
            yield from _limits_in(left, (right,), name, unit)
            yield from _limits_in(right, (left,), name, unit)
        case tree.Between(inner=inner, low=low, high=high):
            yield from _limits_in(inner, (low, high), name, unit)
        case tree.Every(parts=parts) | tree.Either(parts=parts):
            for part in parts:
                yield from _find(part, name, unit)
        case tree.Not(inner=inner) | tree.Given(inner=inner):
            yield from _find(inner, name, unit)


def _limits_in(
    field: tree.Expression, numbers: tuple[tree.Expression, ...], name: str, unit: str
) -> Iterator[float]:
    if not isinstance(field, tree.Name) or field.name != name:
        return
    shown = find_unit(unit) or PLAIN
    for number in numbers:
        if isinstance(number, tree.Number):
            written = find_unit(number.unit) or shown
            yield shown.from_base(written.to_base(number.number))
