"""The functions that a condition may call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from checklists.domain.condition import tree
from checklists.domain.condition.document import (
    age_of,
    count_recent,
    follow_path,
    length_of,
    read_path,
    type_of,
)
from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.units import PLAIN, UNITS, Unit
from checklists.domain.condition.value import (
    Fields,
    Form,
    History,
    Quantity,
    Run,
    Value,
    as_quantity,
    constant_run,
    keep_finite,
    match_units,
    read_number,
)
from checklists.domain.condition.writer import write

_DAY = UNITS["d"]
_EXAMPLES = {
    "json": 'json("$.status")',
    "len": 'len(json("$.items"))',
    "age": 'age(json("$.timestamp"))',
    "exists": "exists(queue_size)",
    "type": 'type(json("$"))',
    "abs": "abs(delta(24h))",
    "min": "min(value, 5)",
    "max": "max(value, 5)",
    "count": "count(alerts, 1m)",
    "ago": "ago(7d)",
    "delta": "delta(24h)",
    "delta_ratio": "delta_ratio(7d)",
    "baseline": "baseline(7d)",
    "slope": "slope(7d)",
    "days_to_full": "days_to_full(90, 7d)",
}
_ARITY = {"min": (1, 8), "max": (1, 8), "count": (2, 2), "days_to_full": (2, 2)}
# What never fills is this far off.
_NEVER = 3650.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments made ready, and what the check is measured in."""

    node: tree.Call
    arguments: tuple[Value, ...]
    unit: Unit | None


def compile_call(call: Call) -> Value:
    """The call made ready to run; raises ConditionError."""
    name = call.node.name
    low, high = _ARITY.get(name, (1, 1))
    if name not in _EXAMPLES:
        raise ConditionError(
            call.node.at,
            f"There is no function {name}.",
            f"Use one of {', '.join(sorted(_EXAMPLES))}.",
        )
    if not low <= len(call.arguments) <= high:
        raise _misused(call)
    return _COMPILERS[name](call)


def _misused(call: Call) -> ConditionError:
    name = call.node.name
    return ConditionError(
        call.node.at, f"{name}() is not used so.", f"Write {_EXAMPLES[name]}."
    )


def _give(call: Call, form: Form, run: Run, unit: Unit = PLAIN) -> Value:
    return Value(form, run, write(call.node), call.node.at, unit)


def _window(call: Call, position: int) -> timedelta:
    argument = call.arguments[position]
    length = argument.constant
    # A sum such as 7 * 1d is folded already, so the constant is all there is.
    if not isinstance(length, float) or (argument.unit.time, argument.unit.size) != (
        1,
        0,
    ):
        raise _misused(call)
    if not 1 <= length <= 400 * 86400:
        raise ConditionError(
            argument.at,
            f"{argument.text} is no window to look back over.",
            "Write between 1s and 400d.",
        )
    return timedelta(seconds=length)


def _compile_json(call: Call) -> Value:
    (argument,) = call.node.arguments
    if not isinstance(argument, tree.Text):
        raise _misused(call)
    steps = read_path(argument.text, argument.at)

    def run(fields: Fields, _now: datetime, _history: History | None) -> object:
        return follow_path(fields.get("json"), steps)

    return _give(call, Form.ANY, run)


def _compile_len(call: Call) -> Value:
    inner = call.arguments[0].run

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        return length_of(inner(fields, now, history))

    return _give(call, Form.NUMBER, run)


def _compile_age(call: Call) -> Value:
    inner = call.arguments[0].run

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        return age_of(inner(fields, now, history), now)

    return _give(call, Form.NUMBER, run, UNITS["s"])


def _compile_exists(call: Call) -> Value:
    inner = call.arguments[0].run

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        found = inner(fields, now, history)
        # NaN is what a broken exporter says when it knows nothing.
        return found is not None and not (
            isinstance(found, float) and not math.isfinite(found)
        )

    return _give(call, Form.TRUTH, run)


def _compile_type(call: Call) -> Value:
    inner = call.arguments[0].run

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        return type_of(inner(fields, now, history))

    return _give(call, Form.TEXT, run)


def _compile_count(call: Call) -> Value:
    inner, window = call.arguments[0].run, _window(call, 1)

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        return count_recent(inner(fields, now, history), window, now)

    return _give(call, Form.NUMBER, run)


def _like(call: Call, quantity: Quantity, run: Run) -> Value:
    return Value(
        Form.NUMBER,
        run,
        write(call.node),
        call.node.at,
        quantity.unit,
        None,
        quantity.takes_bare,
        quantity.is_scaled,
    )


def _compile_abs(call: Call) -> Value:
    inner = as_quantity(call.arguments[0])

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        number = inner.run(fields, now, history)
        return None if number is None else abs(number)

    return _like(call, inner, run)


def _compile_extreme(call: Call) -> Value:
    choose: Callable[[list[float]], float] = min if call.node.name == "min" else max
    parts = [as_quantity(argument) for argument in call.arguments]
    # Bare numbers come last, so that they take the unit of what is measured.
    parts.sort(key=lambda part: (part.is_bare, not part.takes_bare))
    lead = parts[0]
    runs = [match_units(lead, part)[1].run for part in parts]

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        numbers = [part(fields, now, history) for part in runs]
        known = [number for number in numbers if number is not None]
        return choose(known) if len(known) == len(numbers) else None

    return _like(call, lead, run)


def _past(unit: Unit, read: Callable[[History], float | None]) -> Run:
    def run(_fields: Fields, _now: datetime, history: History | None) -> object:
        if history is None:
            return None
        number = read_number(read(history))
        return None if number is None else keep_finite(unit.to_base(number))

    return run


def _compile_history(call: Call) -> Value:
    unit, window = call.unit or PLAIN, _window(call, 0)
    readers: dict[str, Callable[[History], float | None]] = {
        "ago": lambda history: history.at(window),
        "baseline": lambda history: history.median(window),
        "slope": lambda history: history.slope(window),
    }
    if call.node.name == "slope":
        unit = unit.per(_DAY, f"{unit.text}/d")
    run = _past(unit, readers[call.node.name])
    return Value(
        Form.NUMBER, run, write(call.node), call.node.at, unit,
        takes_bare=call.unit is not None,
    )  # fmt: skip


def _compile_change(call: Call) -> Value:
    unit, window = call.unit or PLAIN, _window(call, 0)
    past = _past(unit, lambda history: history.at(window))
    is_relative = call.node.name == "delta_ratio"

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        current, then = (
            read_number(fields.get("value")),
            past(fields, now, history),
        )
        if current is None or not isinstance(then, float):
            return None
        change = unit.to_base(current) - then
        if is_relative:
            return keep_finite(change / abs(then)) if then else None
        return keep_finite(change)

    if is_relative:
        return _give(call, Form.NUMBER, run, UNITS["ratio"])
    return Value(
        Form.NUMBER, run, write(call.node), call.node.at, unit,
        takes_bare=call.unit is not None,
    )  # fmt: skip


def _compile_days_to_full(call: Call) -> Value:
    unit, window = call.unit or PLAIN, _window(call, 1)
    shown = Quantity(
        constant_run(0.0), "value", call.node.at, unit, None, call.unit is not None,
        is_scaled=False,
    )  # fmt: skip
    _, limit = match_units(shown, as_quantity(call.arguments[0]))
    growth = _past(unit, lambda history: history.slope(window))

    def run(fields: Fields, now: datetime, history: History | None) -> object:
        current, full = (
            read_number(fields.get("value")),
            limit.run(fields, now, history),
        )
        a_day = growth(fields, now, history)
        if current is None or full is None or not isinstance(a_day, float):
            return None
        left = full - unit.to_base(current)
        if left <= 0:
            return 0.0
        days = left / a_day if a_day > left / _NEVER else _NEVER
        return _DAY.to_base(days)

    return Value(
        Form.NUMBER, run, write(call.node), call.node.at, _DAY, takes_bare=True
    )


_COMPILERS: dict[str, Callable[[Call], Value]] = {
    "json": _compile_json,
    "len": _compile_len,
    "age": _compile_age,
    "exists": _compile_exists,
    "type": _compile_type,
    "abs": _compile_abs,
    "min": _compile_extreme,
    "max": _compile_extreme,
    "count": _compile_count,
    "ago": _compile_history,
    "baseline": _compile_history,
    "slope": _compile_history,
    "delta": _compile_change,
    "delta_ratio": _compile_change,
    "days_to_full": _compile_days_to_full,
}
