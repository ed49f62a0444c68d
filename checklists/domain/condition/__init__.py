"""The language in which a check says what it takes to pass.

``value < 100ms and not (status in (500, 503))``: names of what the probe saw,
numbers with units, functions, comparisons, ``and or not``. Every judgement has
three values; what is missing, not a number or of the wrong type is unknown.

Numbers with units must meet numbers with units. The value of a check has the
unit of the check, and a plain number beside it is meant in that unit; a name
such as ``lag_seconds`` states its own. ``latency`` (ms) and ``age`` (s) have
theirs; any other name is a plain number until it is multiplied: ``p95 * 1ms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from checklists.domain.condition.compiler import Compiler, read_units
from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.parser import read_tree
from checklists.domain.condition.rule import Rule
from checklists.domain.condition.tree import Expression
from checklists.domain.condition.value import Fields, History, TruthRun
from checklists.domain.condition.writer import name_key, write
from checklists.domain.observation import Outcome

__all__ = [
    "Condition",
    "ConditionError",
    "Evaluation",
    "History",
    "name_key",
    "parse",
]

_OUTCOMES = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.UNKNOWN}
_NO_UNITS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A judgement with what decided it.

    ``value`` and ``threshold`` are in ``unit``, the unit of the check where it
    has one; ``explanation`` is one line for people: ``142 ms, not < 100 ms``.
    """

    outcome: Outcome
    value: float | str | bool | None
    threshold: float | str | None
    unit: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read, checked and compiled once.

    ``text`` is canonical, ``names`` are the fields that it reads. Two conditions
    are equal when they say the same in the same units.
    """

    text: str
    tree: Expression
    units: tuple[tuple[str, str], ...]
    names: frozenset[str] = field(compare=False)
    rule: Rule = field(compare=False, repr=False)
    holds: TruthRun = field(compare=False, repr=False)

    def evaluate(
        self, fields: Fields, *, now: datetime, history: History | None = None
    ) -> Evaluation:
        """Judge what a probe saw at ``now``; never raises for any data."""
        outcome = _OUTCOMES[self.holds(fields, now, history)]
        clauses = self.rule.explain(fields, now, history)
        lead = next((clause for clause in clauses if clause.value is not None), None)
        lead = lead or clauses[0]
        words = " and ".join(dict.fromkeys(clause.words for clause in clauses))
        return Evaluation(outcome, lead.value, lead.threshold, lead.unit, words)

    def describe(
        self, fields: Fields, *, now: datetime, history: History | None = None
    ) -> str:
        """The judgement in one line for people: ``42 ms < 100 ms``."""
        return self.evaluate(fields, now=now, history=history).explanation


def parse(
    text: str,
    value_unit: str | None = None,
    *,
    units: Mapping[str, str] = _NO_UNITS,
) -> Condition:
    """Read a condition; raises ConditionError with the place and the remedy.

    ``value_unit`` is the unit of the check, ``units`` those of other fields by
    name. ``condition.holds(fields, now, history)`` is the quick judgement: True,
    False or None for unknown, about a microsecond a comparison.
    """
    tree = read_tree(text)
    declared = read_units(value_unit, units)
    compiler = Compiler(declared)
    rule = compiler.compile_rule(tree)
    return Condition(
        write(tree),
        tree,
        tuple(sorted((name, unit.text) for name, unit in declared.items())),
        frozenset(compiler.names),
        rule,
        rule.holds,
    )
