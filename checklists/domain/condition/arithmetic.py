"""Sums and products of quantities, with their units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.units import PLAIN, UNITS, Unit
from checklists.domain.condition.value import (
    Fields,
    History,
    NumberRun,
    Quantity,
    constant_run,
    keep_finite,
    match_units,
)


def _divide(left: float, right: float) -> float | None:
    return None if right == 0 else keep_finite(left / right)


_OPERATIONS: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda left, right: keep_finite(left + right),
    "-": lambda left, right: keep_finite(left - right),
    "*": lambda left, right: keep_finite(left * right),
    "/": _divide,
}


def combine(sign: str, left: Quantity, right: Quantity) -> Quantity:
    """``left sign right``; raises ConditionError when the units do not go."""
    if sign in "+-":
        left, right = match_units(left, right)
        unit, takes_bare = _unit_of_sum(left, right)
        is_scaled = left.is_scaled or right.is_scaled
    elif sign == "*":
        unit, takes_bare, is_scaled = _unit_of_product(left, right)
    else:
        unit, takes_bare, is_scaled = _unit_of_quotient(left, right)
    constant = _fold(sign, left, right)
    return Quantity(
        _pair(_OPERATIONS[sign], left.run, right.run)
        if constant is None
        else constant_run(constant),
        "",
        left.at,
        unit,
        constant,
        takes_bare,
        is_scaled,
    )


def negate(inner: Quantity) -> Quantity:
    """``-inner`` in the same unit."""
    if inner.constant is not None:
        constant = -inner.constant
        return replace(inner, run=constant_run(constant), constant=constant)
    zero = constant_run(0.0)
    return replace(inner, run=_pair(_OPERATIONS["-"], zero, inner.run))


def _pair(
    operate: Callable[[float, float], float | None], left: NumberRun, right: NumberRun
) -> NumberRun:
    def run(fields: Fields, now: datetime, history: History | None) -> float | None:
        first = left(fields, now, history)
        if first is None:
            return None
        second = right(fields, now, history)
        return None if second is None else operate(first, second)

    return run


def _fold(sign: str, left: Quantity, right: Quantity) -> float | None:
    if left.constant is None or right.constant is None:
        return None
    folded = _OPERATIONS[sign](left.constant, right.constant)
    if folded is None:
        raise ConditionError(
            right.at,
            f"{left.text} {sign} {right.text} has no result.",
            "Write the number that you mean.",
        )
    return folded


def _unit_of_sum(left: Quantity, right: Quantity) -> tuple[Unit, bool]:
    takes_bare = left.takes_bare or right.takes_bare
    lead = right if right.takes_bare and not left.takes_bare else left
    return (right.unit if left.unit == PLAIN else lead.unit), takes_bare


def _is_quotient(quantity: Quantity) -> bool:
    return quantity.unit.text == "ratio" and not quantity.takes_bare


def _unit_of_product(left: Quantity, right: Quantity) -> tuple[Unit, bool, bool]:
    if left.is_bare:
        left, right = right, left
    if right.is_bare:
        # 100 * errors / total is no share of one any more.
        unit = PLAIN if _is_quotient(left) else left.unit
        return unit, left.takes_bare, not left.takes_bare
    if PLAIN in {left.unit, right.unit}:
        unit = right.unit if left.unit == PLAIN else left.unit
        return unit, False, left.is_scaled or right.is_scaled
    shares = [unit for unit in (left.unit, right.unit) if unit.is_share]
    # Per cent a day times days is per cent again; per cent of a time is a time.
    is_share = len(shares) == 2 or any(unit.time or unit.size for unit in shares)
    time, size = left.unit.time + right.unit.time, left.unit.size + right.unit.size
    is_scaled = left.is_scaled or right.is_scaled
    return _unit_of(time, size, is_share=is_share), False, is_scaled


def _unit_of_quotient(left: Quantity, right: Quantity) -> tuple[Unit, bool, bool]:
    is_scaled = left.is_scaled or right.is_scaled
    if right.is_bare:
        return left.unit, left.takes_bare, is_scaled or not left.takes_bare
    time, size = left.unit.time - right.unit.time, left.unit.size - right.unit.size
    if time or size:
        return _unit_of(time, size, is_share=False), False, is_scaled
    is_computed = left.constant is None and right.constant is None
    is_alike = left.unit.is_share == right.unit.is_share
    if is_computed and is_alike and not is_scaled:
        return UNITS["ratio"], False, False
    return PLAIN, False, True


def _unit_of(time: int, size: int, *, is_share: bool) -> Unit:
    if is_share and not time and not size:
        return UNITS["ratio"]
    return Unit("", time=time, size=size, is_share=is_share)
