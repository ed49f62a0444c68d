"""Turns a tree into closures, once, checking every unit on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checklists.domain.condition import tree
from checklists.domain.condition.arithmetic import combine, negate
from checklists.domain.condition.comparison import (
    compare,
    is_between,
    is_match,
    is_true,
)
from checklists.domain.condition.document import compile_pattern
from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.functions import Call, compile_call
from checklists.domain.condition.rule import (
    Rule,
    guard_rule,
    join_either,
    join_every,
    negate_rule,
)
from checklists.domain.condition.units import (
    PLAIN,
    SAMPLES,
    UNITS,
    Unit,
    find_unit,
    unit_of_name,
)
from checklists.domain.condition.value import (
    Fields,
    Form,
    History,
    Value,
    as_quantity,
    as_value,
    constant_run,
    number_from,
)
from checklists.domain.condition.writer import name_key, write

# What every probe measures alike. Their numbers carry no visible unit, so a
# condition has to write one.
_KNOWN_UNITS = {"latency": UNITS["ms"], "age": UNITS["s"]}


@dataclass(slots=True)
class Compiler:
    """Compiles trees for one check; collects the names of the fields it reads."""

    units: Mapping[str, Unit]
    names: set[str] = field(default_factory=set)

    def compile_rule(self, node: tree.Expression) -> Rule:
        """A rule for a condition; raises ConditionError."""
        match node:
            case tree.Every():
                return join_every(tuple(map(self.compile_rule, node.parts)))
            case tree.Either():
                return join_either(tuple(map(self.compile_rule, node.parts)))
            case tree.Not():
                return negate_rule(self.compile_rule(node.inner))
            case tree.Given():
                guard = self.compile_rule(node.guard)
                return guard_rule(self.compile_rule(node.inner), guard)
            case _:
                return self._compile_comparison(node)

    def _compile_comparison(self, node: tree.Expression) -> Rule:
        match node:
            case tree.Compare():
                left = self.compile_value(node.left)
                return compare(node.sign, left, self.compile_value(node.right))
            case tree.Between():
                return is_between(
                    self.compile_value(node.inner),
                    self.compile_value(node.low),
                    self.compile_value(node.high),
                )
            case tree.OneOf():
                return self._compile_choices(node)
            case tree.Matches():
                test = compile_pattern(node.pattern, node.at)
                return is_match(self.compile_value(node.inner), node.pattern, test)
            case _:
                return is_true(self.compile_value(node))

    def _compile_choices(self, node: tree.OneOf) -> Rule:
        if not node.choices:
            raise ConditionError(
                node.at, "The list of choices is empty.", "Write in (200, 204)."
            )
        inner = self.compile_value(node.inner)
        return join_either(
            tuple(
                compare("==", inner, self.compile_value(choice))
                for choice in node.choices
            )
        )

    def compile_value(self, node: tree.Expression) -> Value:
        """Something that has a value; raises ConditionError for a condition."""
        match node:
            case tree.Number():
                return self._compile_number(node)
            case tree.Text() | tree.Truth():
                return _compile_fact(node)
            case tree.Name():
                return self._compile_name(node)
            case tree.Call():
                arguments = tuple(map(self.compile_value, node.arguments))
                return compile_call(Call(node, arguments, self.units.get("value")))
            case tree.Minus() | tree.Sum():
                return self._compile_arithmetic(node)
            case _:
                raise ConditionError(
                    node.at,
                    f"{write(node)} is a condition, not a value.",
                    "Join conditions with and, or, not.",
                )

    def _compile_arithmetic(self, node: tree.Minus | tree.Sum) -> Value:
        if isinstance(node, tree.Minus):
            result = negate(as_quantity(self.compile_value(node.inner)))
        else:
            left = as_quantity(self.compile_value(node.left))
            right = as_quantity(self.compile_value(node.right))
            result = combine(node.sign, left, right)
        return as_value(result, write(node), node.at)

    def _compile_number(self, node: tree.Number) -> Value:
        unit = find_unit(node.unit) or PLAIN
        number = unit.to_base(node.number)
        return Value(
            Form.NUMBER, constant_run(number), write(node), node.at, unit, number
        )

    def _compile_name(self, node: tree.Name) -> Value:
        key = name_key(node.name, node.labels)
        self.names.add(key)

        def read(fields: Fields, _now: datetime, _history: History | None) -> object:
            return fields.get(key)

        shown = self.units.get(key) or self.units.get(node.name)
        shown = shown or unit_of_name(node.name)
        unit = shown or _KNOWN_UNITS.get(node.name)
        if unit is None:
            return Value(Form.ANY, read, key, node.at)
        return Value(
            Form.NUMBER, number_from(read, unit), key, node.at, unit,
            takes_bare=shown is not None,
        )  # fmt: skip


def _compile_fact(node: tree.Text | tree.Truth) -> Value:
    fact: str | bool = node.text if isinstance(node, tree.Text) else node.is_true
    form = Form.TEXT if isinstance(node, tree.Text) else Form.TRUTH

    def give(_fields: Fields, _now: datetime, _history: History | None) -> object:
        return fact

    return Value(form, give, write(node), node.at, constant=fact)


def read_units(value_unit: str | None, units: Mapping[str, str]) -> dict[str, Unit]:
    """Declared units by field name; raises ConditionError for an unknown one."""
    declared = {**units, "value": value_unit or units.get("value", "")}
    found: dict[str, Unit] = {}
    for name, text in declared.items():
        if not text:
            continue
        unit = find_unit(text)
        if unit is None:
            raise ConditionError(
                0,
                f"{text!r}, the unit of {name}, is not a unit.",
                f"Use one of {SAMPLES}, ratio, or leave it empty.",
            )
        found[name] = unit
    return found
