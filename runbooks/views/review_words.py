"""The review in words: groups of lines to accept, correct or reject."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from textwrap import shorten

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_words import describe
from runbooks.domain.entries import Entry, Value
from runbooks.domain.plan import Plan
from runbooks.domain.three_way import Status
from runbooks.queries.review import Row
from runbooks.services.choosing import Choices

SURE = 0.8
MOST_SHOWN = 160
_STATUS = {
    Status.NEW: ("", ""),
    Status.SAME: ("as it is", ""),
    Status.CHANGED: ("changed in the runbook", "acc"),
    Status.EDITED: ("edited here", "warn"),
    Status.BOTH: ("changed in both", "warn"),
    Status.GONE: ("gone from the runbook", "warn"),
    Status.REJECTED: ("rejected before", ""),
    Status.EXISTS: ("the portal has it otherwise", ""),
}
_TITLES = {
    "severity": "Severities",
    "ladder": "Escalation",
    "contact": "Contacts",
    "procedure": "Procedures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding as a row of the review."""

    key: str
    text: str
    field: str
    line: int
    last: int
    is_open: bool
    is_ticked: bool
    is_guess: bool
    detail: str = ""
    status: str = ""
    tone: str = ""
    was: str = ""
    held: str = ""
    check: str = ""
    condition: str = ""
    can_check: bool = False
    is_check_ticked: bool = False


@dataclass(slots=True, kw_only=True)
class Group:
    """Findings of one category, or one checklist with its items."""

    title: str
    head: Line | None = None
    lines: list[Line] = field(default_factory=list)
    due_time: str = ""

    @property
    def everything(self) -> list[Line]:
        """The head and the lines."""
        return [self.head, *self.lines] if self.head else self.lines

    @property
    def span(self) -> str:
        """The lines of the runbook that it comes from."""
        first = min(each.line for each in self.everything)
        last = max(each.last for each in self.everything)
        return f"line {first}" if first == last else f"lines {first}\u2013{last}"

    @property
    def open_count(self) -> int:
        """How many there are to choose from."""
        return sum(each.is_open for each in self.everything)

    @property
    def ready_count(self) -> int:
        """How many are ticked."""
        return sum(each.is_ticked for each in self.everything)

    @property
    def check_count(self) -> int:
        """How many could be ticked by a check."""
        return sum(bool(each.check) for each in self.lines)

    @property
    def is_sure(self) -> bool:
        """Whether nothing in it is a guess."""
        return not any(each.is_guess for each in self.everything)


def group_rows(rows: Iterable[Row], choices: Choices | None) -> list[Group]:
    """Return what the runbook says now: a group a checklist, then a kind."""
    groups: dict[str, Group] = {}
    for row in rows:
        entry = row.entry
        if entry is None:
            continue
        if row.kind == "checklist":
            group = Group(title=str(entry.value["title"]), due_time=_due_time(entry))
            group.head = _line(row, entry, choices)
            groups[row.key] = group
            continue
        group = groups.setdefault(
            row.parent or row.kind, Group(title=_TITLES.get(row.kind, row.kind))
        )
        if entry.parts:
            group.head = _line(row, entry, choices)
            group.lines += [_part(row, part, choices) for part in entry.parts]
        else:
            group.lines.append(_line(row, entry, choices))
    return list(groups.values())


def gone_lines(rows: Iterable[Row], choices: Choices | None) -> list[Line]:
    """Return what was applied once and is no longer in the runbook."""
    return [
        Line(
            key=row.key,
            text=say_value(row.kind, row.applied.source if row.applied else {}),
            field="",
            line=0,
            last=0,
            is_open=True,
            is_ticked=choices is not None and row.key in choices.accepted,
            is_guess=False,
            detail=row.kind,
            status="no longer in the portal" if row.there is None else "",
        )
        for row in rows
        if row.entry is None
    ]


def marked_lines(rows: Iterable[Row]) -> set[int]:
    """Return the numbers of all lines that something was found in."""
    entries = [row.entry for row in rows if row.entry is not None]
    return {
        number
        for each in entries
        if each.kind not in {"checklist", "ladder"}
        for number in range(each.line, each.last + 1)
    } | {each.line for each in entries}


def known_lines(plan: Plan) -> list[tuple[str, list[tuple[str, str, str, int]]]]:
    """Return what was understood and makes nothing: title, then (what, how, tone, line)."""
    thresholds = [
        (
            each.metric,
            _say_bound(each.op, each.value, each.unit),
            each.severity or "",
            each.line,
        )
        for each in plan.thresholds
    ]
    rules = [
        (
            each.name or each.metric,
            _say_bound(each.op, each.value, each.unit),
            each.severity,
            each.line,
        )
        for each in plan.alert_rules
    ]
    slos = [
        (f"{each.service} {each.sli}".strip(), each.target, "", each.line)
        for each in plan.slos
    ]
    kept = [
        (each.what, f"{each.days:g} days", "", each.line) for each in plan.retention
    ]
    forms = [
        (each.name, ", ".join(each.fields), "", each.line) for each in plan.templates
    ]
    found = [
        ("Thresholds", thresholds),
        ("Alert rules", rules),
        ("Service levels", slos),
        ("Retention", kept),
        ("Templates", forms),
    ]
    return [(title, rows) for title, rows in found if rows]


def say_value(kind: str, value: Value) -> str:
    """Return what a value is called."""
    if kind == "ladder":
        return "The escalation ladder"
    names = ("title", "text", "label", "who")
    return next((str(value[name]) for name in names if name in value), kind)


def _due_time(entry: Entry) -> str:
    return str(entry.value["due_time"])


def _line(row: Row, entry: Entry, choices: Choices | None) -> Line:
    status, tone = _STATUS[row.status]
    shown = {Status.EDITED, Status.BOTH, Status.EXISTS}
    text = str(entry.value.get(entry.field, ""))
    if choices is not None:
        text = choices.fixes.get(row.key, {}).get(entry.field, text)
    ticked = row.is_ready if choices is None else row.key in choices.accepted
    return Line(
        key=row.key,
        text=text,
        field=entry.field,
        line=entry.line,
        last=entry.last,
        is_open=row.is_open,
        is_ticked=ticked and row.is_open,
        is_guess=entry.confidence < SURE,
        detail=_detail(entry),
        status=status,
        tone=tone,
        was=_say_was(row) if row.status in {Status.CHANGED, Status.BOTH} else "",
        held=_say_there(row) if row.status in shown else "",
        check=entry.check_kind,
        condition=entry.condition,
        can_check=entry.check is not None and row.status is Status.NEW,
        is_check_ticked=choices is not None and row.key in choices.checks,
    )


def _part(row: Row, part: Entry, choices: Choices | None) -> Line:
    text = str(part.value[part.field])
    if choices is not None:
        text = choices.fixes.get(part.key, {}).get(part.field, text)
    return Line(
        key=part.key,
        text=text,
        field=part.field,
        line=part.line,
        last=part.last,
        is_open=row.is_open,
        is_ticked=row.is_open and (choices is None or part.key in choices.accepted),
        is_guess=part.confidence < SURE,
        detail=_detail(part),
    )


def _detail(entry: Entry) -> str:
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


def _say_was(row: Row) -> str:
    """Return what the runbook said then."""
    source = row.applied.source if row.applied else {}
    return _say_plain(row.kind, source)


def _say_there(row: Row) -> str:
    if row.there is None:
        return "nothing any more"
    if row.kind == "ladder":
        return "an escalation policy of its own"
    return _say_plain(row.kind, row.there)


def _say_plain(kind: str, value: Value) -> str:
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
    if kind == "procedure":
        said = " ".join(str(part) for part in value.values())
        return shorten(said, width=MOST_SHOWN, placeholder="…")
    return ", ".join(str(part) for part in value.values() if part)


def _say_bound(op: str | None, value: object, unit: str | None) -> str:
    if op is None or value is None:
        return "happens"
    if isinstance(value, tuple):
        return f"{value[0]:g} to {value[1]:g} {unit or ''}".strip()
    return f"{op} {value:g} {unit or ''}".strip()
