"""What runbooks and the portal hold, in words."""

from datetime import time
from textwrap import shorten

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_words import describe
from runbooks.domain.entries import Entry, Value
from runbooks.queries.review import Row

MOST_SHOWN = 160


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


def _say_due(value: Value) -> str:
    due = time.fromisoformat(value["due_time"])
    return describe(rule_from_json(value["rule"]), due)


def _say_after(minutes: float | None) -> str:
    if minutes is None:
        return "when somebody asks"
    return f"after {minutes:g} min" if minutes else "at once"


def _say_response(value: Value) -> str:
    if value["is_next_business_day"]:
        return "answer on the next business day"
    minutes = value["response_minutes"]
    return "no answer time" if minutes is None else f"answer in {minutes:g} min"
