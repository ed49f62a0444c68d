"""Expressions made ready to run: a kind, a unit and one closure each.

A closure takes (fields, now, history) and gives ``None`` for anything that is
not known: a field that is missing, NaN, a division by zero, the wrong type.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias, cast

from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.units import PLAIN, Unit, format_number


class History(Protocol):
    """Earlier values of the same check, in the unit of the check.

    ``None`` means that nothing is known that far back.
    """

    def at(self, ago: timedelta, /) -> float | None:
        """The value that stood ``ago`` before now."""

    def median(self, window: timedelta, /) -> float | None:
        """The median of the values in the window that ends now."""

    def slope(self, window: timedelta, /) -> float | None:
        """The change a day, fitted over the window that ends now."""


Fields: TypeAlias = Mapping[str, object]
Run: TypeAlias = Callable[[Fields, datetime, History | None], object]
NumberRun: TypeAlias = Callable[[Fields, datetime, History | None], float | None]
TruthRun: TypeAlias = Callable[[Fields, datetime, History | None], bool | None]


class Form(StrEnum):
    """What an expression gives; ANY is decided by the data."""

    ANY = "any"
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Value:
    """An expression ready to run; numbers come out in base units.

    ``takes_bare``: a plain number beside it is meant in its unit.
    ``is_scaled``: somebody multiplied it, so that a quotient is no share.
    """

    form: Form
    run: Run
    text: str
    at: int
    unit: Unit = PLAIN
    constant: float | str | bool | None = None
    takes_bare: bool = False
    is_scaled: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """A Value that gives numbers; ``run`` never gives NaN or an infinity."""

    run: NumberRun
    text: str
    at: int
    unit: Unit
    constant: float | None
    takes_bare: bool
    is_scaled: bool

    @property
    def is_bare(self) -> bool:
        """True for a written number without a unit."""
        return self.constant is not None and self.unit == PLAIN


def read_number(raw: object) -> float | None:
    """A finite float from an int, a float or a Decimal; nothing else counts."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    try:
        number = float(raw)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def constant_run(constant: float) -> NumberRun:
    """A closure that always gives the same number."""
    return lambda _fields, _now, _history: constant


def number_from(run: Run, unit: Unit) -> NumberRun:
    """A closure that reads what ``run`` gives as a number of ``unit``."""
    up, down = unit.up, unit.down
    is_time = (unit.time, unit.size) == (1, 0)

    def read(fields: Fields, now: datetime, history: History | None) -> float | None:
        raw = run(fields, now, history)
        if is_time and isinstance(raw, timedelta):
            return raw.total_seconds()
        number = read_number(raw)
        return None if number is None else keep_finite(number * up / down)

    return read


def keep_finite(number: float) -> float | None:
    """The number, or None when a calculation left the floats."""
    return number if math.isfinite(number) else None


def as_quantity(value: Value) -> Quantity:
    """The value as a number; raises ConditionError for a text or a truth."""
    if value.form in {Form.TEXT, Form.TRUTH}:
        what = "a text" if value.form is Form.TEXT else "true or false"
        raise ConditionError(
            value.at,
            f"{value.text} is {what}, not a number.",
            "Compare it with == or use a number.",
        )
    constant = value.constant if isinstance(value.constant, float) else None
    run = (
        number_from(value.run, PLAIN)
        if value.form is Form.ANY
        else cast("NumberRun", value.run)
    )
    return Quantity(
        run,
        value.text,
        value.at,
        value.unit,
        constant,
        value.takes_bare,
        value.is_scaled,
    )


def as_value(quantity: Quantity, text: str, at: int) -> Value:
    """The quantity as an operand of something larger, under a new text."""
    return Value(
        Form.NUMBER,
        quantity.run,
        text,
        at,
        quantity.unit,
        quantity.constant,
        quantity.takes_bare,
        quantity.is_scaled,
    )


def match_units(left: Quantity, right: Quantity) -> tuple[Quantity, Quantity]:
    """Both in one dimension, bare numbers scaled; raises ConditionError."""
    if left.takes_bare and right.is_bare:
        return left, _take_unit(right, left.unit)
    if right.takes_bare and left.is_bare:
        return _take_unit(left, right.unit), right
    if _is_zero(left) or _is_zero(right) or _agree(left.unit, right.unit):
        return left, right
    raise _mismatch(left, right)


def _is_zero(quantity: Quantity) -> bool:
    return quantity.is_bare and quantity.constant == 0


def _agree(left: Unit, right: Unit) -> bool:
    if (left.time, left.size) != (right.time, right.size):
        return False
    if left.is_share == right.is_share:
        return True
    # A quotient is a fraction of one, so 0.99 says what it means; a per cent
    # beside a number that nobody gave a unit would be a guess.
    share = left if left.is_share else right
    return share.text == "ratio"


def _take_unit(bare: Quantity, unit: Unit) -> Quantity:
    scaled = unit.to_base(bare.constant or 0.0)
    return replace(bare, run=constant_run(scaled), unit=unit, constant=scaled)


def _mismatch(left: Quantity, right: Quantity) -> ConditionError:
    if right.unit == PLAIN:
        left, right = right, left
    if left.unit != PLAIN:
        return ConditionError(
            right.at,
            f"{left.text} is measured in {_say(left.unit)} and "
            f"{right.text} in {_say(right.unit)}.",
            f"Write both in {_say(left.unit)}.",
        )
    unit = right.unit.text or "its unit"
    return ConditionError(
        left.at,
        f"{left.text} has no unit, but {right.text} is measured in {_say(right.unit)}.",
        _advise(left, unit),
    )


def _advise(plain: Quantity, unit: str) -> str:
    if plain.constant is not None:
        return f"Write {format_number(plain.constant)}{unit} if that is what you mean."
    if plain.text == "value":
        return f"Set the unit of the check, for example {unit}, or use a plain number."
    factor = f"1{unit}"
    return f"Write {plain.text} * {factor} if it counts {unit}."


def _say(unit: Unit) -> str:
    if unit.text:
        return unit.text
    exponents = (("s", unit.time), ("B", unit.size))
    above = "*".join(sign for sign, n in exponents for _ in range(n))
    below = "".join(f"/{sign}" for sign, n in exponents for _ in range(-n))
    return f"{above}{below}"
