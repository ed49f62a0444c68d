"""A plan as text for a terminal: every line begins with its line in the runbook."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.domain.findings import (
    Checklist,
    EscalationStep,
    Finding,
    Item,
    Severity,
    Threshold,
)
from runbooks.domain.plan import Plan


def write_text(plan: Plan) -> str:
    """The plan in lines."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.title or 'Runbook without a title'} ({plan.service or 'no service named'})"
    for checklist in plan.checklists:
        yield from ("", _say_checklist(checklist))
        yield from (_line(item, _say_item(item)) for item in checklist.items)
    parts = (
        ("Thresholds", [_line(each, _say_threshold(each)) for each in plan.thresholds]),
        ("Severities", [_line(each, _say_severity(each)) for each in plan.severities]),
        ("Escalation", [_line(each, _say_step(each)) for each in plan.escalation]),
        ("Contacts", [_line(each, f"{each.role}: {each.value}{' (never filled in)' if each.placeholder else ''}") for each in plan.contacts]),
        ("Procedures", [_line(each, each.title) for each in plan.procedures]),
        ("Alert rules", [_line(each, f"{each.name}: {each.metric} {each.op} {each.value:g} {each.unit}") for each in plan.alert_rules]),
        ("Objectives", [_line(each, f"{each.service} {each.sli}: {each.target}".strip()) for each in plan.slos]),
        ("Retention", [_line(each, f"{each.what}: {each.days:g} days") for each in plan.retention]),
        ("Templates", [_line(each, f"{each.name}: {', '.join(each.fields)}") for each in plan.templates]),
        ("Look at", [_line(each, each.text) for each in plan.warnings]),
    )  # fmt: skip
    for title, lines in parts:
        if lines:
            yield from ("", title, *lines)


def _line(finding: Finding, text: str) -> str:
    sure = "" if finding.confidence >= 0.8 else f"  [{finding.confidence:.0%} sure]"
    return f"{finding.line:5}  {text}{sure}"


def _say_checklist(checklist: Checklist) -> str:
    said = (
        checklist.cadence,
        checklist.ordinal,
        checklist.weekday,
        checklist.time_of_day,
    )
    return f"Checklist {checklist.title or 'without a title'}: {' '.join(filter(None, said))}"


def _say_item(item: Item) -> str:
    text = "  " * item.depth + item.text
    check = item.check
    if check is None:
        return text
    return f"{text}  <- {check.kind}: {check.condition or check.note}"


def _say_threshold(each: Threshold) -> str:
    if each.op is None:
        bound = "happens"
    elif isinstance(each.value, tuple):
        bound = f"between {each.value[0]:g} and {each.value[1]:g} {each.unit}"
    else:
        bound = f"{each.op} {each.value:g} {each.unit}"
    return f"{each.metric} {bound}{f': {each.severity}' if each.severity else ''}"


def _say_severity(each: Severity) -> str:
    minutes = each.response_minutes
    answer = f"answer in {minutes:g} min" if minutes is not None else each.response_text
    return f"{each.name} (level {each.level}) {answer}".strip()


def _say_step(each: EscalationStep) -> str:
    after = "" if each.after_minutes is None else f" after {each.after_minutes:g} min"
    return (
        f"{each.level}. {each.who}{after}{f' {each.severity}' if each.severity else ''}"
    )
