"""What of a plan makes nothing, in words: thresholds, rules, objectives and more."""

from __future__ import annotations

from runbooks.domain.findings import Threshold
from runbooks.domain.plan import Plan
from runbooks.domain.proposals import propose_bound

# What, how much, how bad, which check would watch it, and in which line.
Known = tuple[str, str, str, str, int]


def list_known(plan: Plan) -> list[tuple[str, list[Known]]]:
    """Return what was understood and makes nothing, by what it is."""
    found: list[tuple[str, list[Known]]] = [
        (
            "Thresholds",
            [
                (each.metric, _say_bound(each.op, each.value, each.unit),
                 each.severity or "", _say_check(each), each.line)
                for each in plan.thresholds
            ],
        ),
        (
            "Alert rules",
            [
                (each.name or each.metric, _say_bound(each.op, each.value, each.unit),
                 each.severity, "", each.line)
                for each in plan.alert_rules
            ],
        ),
        (
            "Service levels",
            [
                (f"{each.service} {each.sli}".strip(), each.target, "", "", each.line)
                for each in plan.slos
            ],
        ),
        (
            "Retention",
            [(each.what, f"{each.days:g} days", "", "", each.line) for each in plan.retention],
        ),
        (
            "Templates",
            [
                (each.name, ", ".join(each.fields), "", "", each.line)
                for each in plan.templates
            ],
        ),
    ]  # fmt: skip
    return [(title, rows) for title, rows in found if rows]


def _say_check(bound: Threshold) -> str:
    check = propose_bound(bound)
    return f"{check[0]}: {check[1]}" if check else ""


def _say_bound(op: str | None, value: object, unit: str | None) -> str:
    if op is None or value is None:
        return "happens"
    if isinstance(value, tuple):
        return f"{value[0]:g} to {value[1]:g} {unit or ''}".strip()
    return f"{op} {value:g} {unit or ''}".strip()
