"""Logic in three values: True, False and None for unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from checklists.domain.condition.value import Fields, History, TruthRun


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison as it came out, for people and for charts.

    ``value`` and ``threshold`` are in ``unit`` when they are numbers.
    """

    holds: bool | None
    words: str
    value: float | str | bool | None = None
    threshold: float | str | None = None
    unit: str = ""


Explain: TypeAlias = Callable[[Fields, datetime, History | None], tuple[Clause, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds, does not, or is unknown, and can say why."""

    holds: TruthRun
    explain: Explain


def join_every(rules: tuple[Rule, ...]) -> Rule:
    """All must hold: one False decides, else one unknown."""
    return Rule(
        _fold_pairs([rule.holds for rule in rules], decisive=False),
        _explain_parts(rules, decisive=False),
    )


def join_either(rules: tuple[Rule, ...]) -> Rule:
    """One must hold: one True decides, else one unknown."""
    return Rule(
        _fold_pairs([rule.holds for rule in rules], decisive=True),
        _explain_parts(rules, decisive=True),
    )


def _fold_pairs(runs: list[TruthRun], *, decisive: bool) -> TruthRun:
    parts = tuple(runs)

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        result: bool | None = not decisive
        for part in parts:
            outcome = part(fields, now, history)
            if outcome is decisive:
                return decisive
            if outcome is None:
                result = None
        return result

    return holds


def _explain_parts(rules: tuple[Rule, ...], *, decisive: bool) -> Explain:
    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        outcomes = [rule.holds(fields, now, history) for rule in rules]
        if decisive in outcomes:
            wanted: tuple[bool | None, ...] = (decisive,)
        else:
            wanted = (None,) if None in outcomes else (not decisive,)
        chosen = [
            rule for rule, came in zip(rules, outcomes, strict=True) if came in wanted
        ]
        return _gather(chosen, fields, now, history)

    return explain


def _gather(
    rules: Iterable[Rule], fields: Fields, now: datetime, history: History | None
) -> tuple[Clause, ...]:
    return tuple(
        clause for rule in rules for clause in rule.explain(fields, now, history)
    )


def negate_rule(rule: Rule) -> Rule:
    """Holds when the other does not; unknown stays unknown."""
    inner = rule.holds

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        outcome = inner(fields, now, history)
        return None if outcome is None else not outcome

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        return tuple(
            replace(
                clause,
                holds=None if clause.holds is None else not clause.holds,
                words=f"{clause.words}, which must not be"
                if clause.holds
                else clause.words,
            )
            for clause in rule.explain(fields, now, history)
        )

    return Rule(holds, explain)


def guard_rule(rule: Rule, guard: Rule) -> Rule:
    """The rule while the guard holds, unknown while it does not."""
    inner, allowed = rule.holds, guard.holds

    def holds(fields: Fields, now: datetime, history: History | None) -> bool | None:
        if allowed(fields, now, history) is not True:
            return None
        return inner(fields, now, history)

    def explain(
        fields: Fields, now: datetime, history: History | None
    ) -> tuple[Clause, ...]:
        if allowed(fields, now, history) is True:
            return rule.explain(fields, now, history)
        clauses = guard.explain(fields, now, history)
        return tuple(
            Clause(None, f"not judged because {clause.words}") for clause in clauses
        )

    return Rule(holds, explain)
