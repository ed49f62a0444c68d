"""What runbooks and the portal hold, in words."""

from datetime import time
from textwrap import shorten

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_words import describe
from runbooks.domain.entries import Entry, Value
from runbooks.domain.findings import Threshold
from runbooks.domain.plan import Plan
from runbooks.domain.proposals import propose_bound
from runbooks.queries.review import Row

MOST_SHOWN = 160
# What, how much, how bad, which check would watch it, and in which line.
Known = tuple[str, str, str, str, int]


def name_value(kind: str, value: Value) -> str:
    """Return what a value is called."""
    if kind == "ladder":
        return "The escalation ladder"
    names = ("title", "text", "label")
    return str(next(value[name] for name in names if name in value))


def say_detail(entry: Entry) -> str:
    """Return what an entry says beside its name."""
    value = entry.value
    if entry.kind == "checklist":
        said = _say_due(value)
        return f"{said} ({entry.note})" if entry.note else said
    if entry.kind == "severity":
        return f"level {value['level']} · {_say_response(value)}"
    if entry.kind == "step":
        after, condition = _say_after(value["minutes"]), value["condition"]
        return f"{after} · {condition}" if condition else after
    if entry.kind == "contact":
        placeholder = " · never filled in" if value["is_placeholder"] else ""
        return f"{value['title']} · {value['kind']}{placeholder}"
    return ""


def say_was(row: Row) -> str:
    """Return what the runbook said when a row was applied."""
    return say_value(row.kind, row.applied.source if row.applied else {})


def say_there(row: Row) -> str:
    """Return what the portal holds of a row."""
    if row.there is None:
        return "nothing any more"
    if row.kind == "ladder":
        return "an escalation policy of its own"
    return say_value(row.kind, row.there)


def say_value(kind: str, value: Value) -> str:
    """Return a value in one line."""
    if kind == "ladder":
        return ", ".join(
            f"{step['who']} {_say_after(step['minutes'])}" for step in value["steps"]
        )
    if kind == "severity":
        return f"{value['label']}, level {value['level']}, {_say_response(value)}"
    if kind == "checklist":
        when = _say_due(value) if value["rule"] else "no cadence"
        return f"{value['title']}, {when}"
    if kind == "contact":
        return f"{value['title']}, {value['kind']}, {value['value']}"
    said = " ".join(str(part) for part in value.values() if part)
    return shorten(said, width=MOST_SHOWN, placeholder="…")


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


def _say_due(value: Value) -> str:
    due = time.fromisoformat(value["due_time"])
    return describe(rule_from_json(value["rule"]), due)


def _say_after(minutes: float | None) -> str:
    return "when somebody asks" if minutes is None else f"after {minutes:g} min"


def _say_response(value: Value) -> str:
    if value["is_next_business_day"]:
        return "answer on the next business day"
    minutes = value["response_minutes"]
    return "no answer time" if minutes is None else f"answer in {minutes:g} min"


def _say_bound(op: str | None, value: object, unit: str | None) -> str:
    if op is None or value is None:
        return "happens"
    if isinstance(value, tuple):
        return f"{value[0]:g} to {value[1]:g} {unit or ''}".strip()
    return f"{op} {value:g} {unit or ''}".strip()
