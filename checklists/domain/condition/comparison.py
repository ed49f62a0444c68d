"""Comparisons: two things side by side, and how the result is told."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime

from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.rule import Clause, Rule, join_every
from checklists.domain.condition.units import PLAIN, Unit, format_quantity
from checklists.domain.condition.value import (
    Fields,
    Form,
    History,
    NumberRun,
    Quantity,
    Run,
    TruthRun,
    Value,
    as_quantity,
    match_units,
    read_number,
)

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def compare(sign: str, left: Value, right: Value) -> Rule:
    """``left sign right``; raises ConditionError for what cannot be compared."""
    is_order = sign not in {"==", "!="}
    if is_order or Form.NUMBER in {left.form, right.form}:
        first, second = match_units(as_quantity(left), as_quantity(right))
        return compare_numbers(sign, first, second)
    _refuse_mixed(left, right)
    is_equal = sign == "=="

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        same = _is_same(left.run(fields, now, history), right.run(fields, now, history))
        return None if same is None else same is is_equal

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        found = _plain(left.run(fields, now, history))
        wanted = _plain(right.run(fields, now, history))
        outcome = holds(fields, now, history)
        words = _say(
            outcome,
            f"{left.text} {_show_fact(found)}",
            f"{sign} {_show_fact(wanted)}",
            right.text if wanted is None else left.text,
        )
        threshold = None if isinstance(wanted, bool) else wanted
        return (Clause(outcome, words, found, threshold),)

    return Rule(holds, explain)


def _refuse_mixed(left: Value, right: Value) -> None:
    if Form.ANY not in {left.form, right.form} and left.form is not right.form:
        raise ConditionError(
            right.at,
            f"{left.text} and {right.text} are never alike.",
            "Compare a text with a text and true with true.",
        )


def _is_same(left: object, right: object) -> bool | None:
    for kind in (bool, str):
        if isinstance(left, kind) or isinstance(right, kind):
            both = isinstance(left, kind) and isinstance(right, kind)
            return left == right if both else None
    first, second = read_number(left), read_number(right)
    return None if first is None or second is None else first == second


def _plain(raw: object) -> float | str | bool | None:
    if isinstance(raw, str):
        return raw if len(raw) <= 200 else f"{raw[:199]}…"
    return raw if isinstance(raw, bool) else read_number(raw)


def _show_fact(fact: object) -> str:
    if isinstance(fact, bool):
        return "true" if fact else "false"
    if isinstance(fact, str):
        return f'"{fact}"'
    number = read_number(fact)
    return "nothing" if number is None else format_quantity(number, None)


def _say(holds: bool | None, shown: str, wanted: str, subject: str) -> str:  # noqa: FBT001 -- a three-valued outcome
    if holds is None:
        return f"{subject} is missing or cannot be compared"
    return f"{shown} {wanted}" if holds else f"{shown}, not {wanted}"


def compare_numbers(sign: str, left: Quantity, right: Quantity) -> Rule:
    """``left sign right`` for two quantities of one dimension."""
    order = _ORDERS[sign]
    holds = (
        _compare_runs(order, left.run, right.run)
        if right.constant is None
        else _compare_limit(order, left.run, right.constant)
    )
    view = _View(left, right)

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        found, limit = left.run(fields, now, history), right.run(fields, now, history)
        outcome = holds(fields, now, history)
        unknown = left.text if found is None else right.text
        words = _say(
            outcome, view.show_left(found), f"{sign} {view.show_right(limit)}", unknown
        )
        return (
            Clause(outcome, words, view.own(found), view.own(limit), view.unit.text),
        )

    return Rule(holds, explain)


def _compare_limit(
    order: Callable[[float, float], bool], left: NumberRun, limit: float
) -> TruthRun:
    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        number = left(fields, now, history)
        return None if number is None else order(number, limit)

    return holds


def _compare_runs(
    order: Callable[[float, float], bool], left: NumberRun, right: NumberRun
) -> TruthRun:
    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        first = left(fields, now, history)
        second = right(fields, now, history)
        return None if first is None or second is None else order(first, second)

    return holds


class _View:
    """How two sides are shown: people see the written unit, charts the check's."""

    def __init__(self, left: Quantity, right: Quantity) -> None:
        self._left, self._right = left, right
        written = right.unit if right.unit.text not in {"", "ratio"} else left.unit
        self._written = written
        self.unit: Unit = left.unit if left.takes_bare else written

    def own(self, base: float | None) -> float | None:
        """In the unit of the check."""
        # The twelfth digit hides what scaling to base units and back does.
        return None if base is None else float(f"{self.unit.from_base(base):.12g}")

    def show_left(self, base: float | None) -> str:
        """``42 ms`` for the value, ``age 3 h`` for anything else."""
        shown = "" if base is None else format_quantity(base, self._written)
        text = self._left.text
        return shown if text == "value" else f"{text} {shown}"

    def show_right(self, base: float | None) -> str:
        """``100 ms``, with its source when it was computed."""
        shown = "" if base is None else format_quantity(base, self._written)
        if self._right.constant is not None:
            return shown
        return f"{shown} ({self._right.text})"


def is_between(inner: Value, low: Value, high: Value) -> Rule:
    """``low <= inner <= high``."""
    middle, floor = match_units(as_quantity(inner), as_quantity(low))
    _, ceiling = match_units(as_quantity(inner), as_quantity(high))
    if floor.constant is not None and ceiling.constant is not None:
        _refuse_empty(floor, ceiling)
    return join_every(
        (compare_numbers(">=", middle, floor), compare_numbers("<=", middle, ceiling))
    )


def _refuse_empty(low: Quantity, high: Quantity) -> None:
    if (low.constant or 0.0) > (high.constant or 0.0):
        raise ConditionError(
            low.at,
            f"Nothing lies between {low.text} and {high.text}.",
            "Write the smaller number first.",
        )


def is_match(inner: Value, pattern: str, test: Callable[[str], bool]) -> Rule:
    """The whole text follows the pattern."""
    if inner.form in {Form.NUMBER, Form.TRUTH}:
        raise ConditionError(
            inner.at, f"{inner.text} is no text.", "Match a text, or compare with ==."
        )

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        raw = inner.run(fields, now, history)
        return test(raw) if isinstance(raw, str) else None

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        outcome = holds(fields, now, history)
        found = _plain(inner.run(fields, now, history))
        shown = f"{inner.text} {_show_fact(found)}"
        words = _say(outcome, shown, f'matching "{pattern}"', inner.text)
        return (Clause(outcome, words, found, pattern),)

    return Rule(holds, explain)


def is_true(inner: Value) -> Rule:
    """A field that says true or false, or a function that does."""
    if inner.form in {Form.NUMBER, Form.TEXT}:
        raise ConditionError(
            inner.at,
            f"{inner.text} alone is no condition.",
            f"Compare it, for example {inner.text} == {_example(inner)}.",
        )
    run: Run = inner.run

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        raw = run(fields, now, history)
        return raw if isinstance(raw, bool) else None

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        outcome = holds(fields, now, history)
        fact = "not known" if outcome is None else _show_fact(outcome)
        return (Clause(outcome, f"{inner.text} is {fact}", outcome),)

    return Rule(holds, explain)


def _example(inner: Value) -> str:
    if inner.form is Form.TEXT:
        return '"ok"'
    return "0" if inner.unit == PLAIN else f"1{inner.unit.text}"
