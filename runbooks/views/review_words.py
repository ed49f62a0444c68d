"""The review as groups of lines to accept, correct or reject."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from checklists.domain.cadence_rule import CadenceKind
from checklists.forms.cadences import RuleForm
from runbooks.domain.corrections import Part, parts_of
from runbooks.domain.entries import Entry
from runbooks.domain.findings import SideCheck
from runbooks.domain.proposals import CHOOSE
from runbooks.domain.three_way import Status
from runbooks.queries.review import SURE, Row
from runbooks.services.choosing import Choices
from runbooks.views.value_words import name_value, say_detail, say_there, say_was

CADENCE = "cadence:"
# How a row stands in words, and the tone of the pill that says so.
_STATUS = {
    Status.NEW: ("", ""),
    Status.SAME: ("as it is", ""),
    Status.CHANGED: ("changed in the runbook", "acc"),
    Status.EDITED: ("edited here", "warn"),
    Status.BOTH: ("changed in both", "warn"),
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
class Fix:
    """One part of a finding as a field: what it is, its name and its value."""

    part: Part
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding as a row of the review."""

    key: str
    text: str
    line: int = 0
    last: int = 0
    is_open: bool
    is_ticked: bool
    is_guess: bool = False
    detail: str = ""
    status: str = ""
    tone: str = ""
    was: str = ""
    held: str = ""
    fixes: tuple[Fix, ...] = ()
    check: str = ""
    condition: str = ""
    is_check_guess: bool = False
    is_assisted: bool = False
    hint: str = ""
    beside: tuple[SideCheck, ...] = ()
    can_check: bool = False
    is_check_ticked: bool = False


@dataclass(slots=True, kw_only=True)
class Group:
    """Findings of one category, or one checklist with its items.

    ``rule`` is the form of the checklist's cadence, if there is anything to choose.
    """

    kind: str
    title: str
    head: Line | None = None
    lines: list[Line] = field(default_factory=list)
    rule: RuleForm | None = None

    @property
    def everything(self) -> list[Line]:
        """The head and the lines."""
        return [self.head, *self.lines] if self.head else self.lines

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"group-{self.everything[0].key}"

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
        if row.entry is None:
            continue
        if row.kind == "checklist":
            groups[row.key] = _group_list(row, row.entry, choices)
            continue
        group = groups.setdefault(
            row.parent or row.kind,
            Group(kind=row.kind, title=_TITLES.get(row.kind, row.kind)),
        )
        if row.entry.parts:
            group.head = _line(row, row.entry, choices)
            group.lines += [_part(row, part, choices) for part in row.entry.parts]
        else:
            group.lines.append(_line(row, row.entry, choices))
    return list(groups.values())


def gone_lines(rows: Iterable[Row], choices: Choices | None) -> list[Line]:
    """Return what was applied once and is no longer in the runbook."""
    return [
        Line(
            key=row.key,
            text=name_value(row.kind, row.applied.source),
            is_open=True,
            is_ticked=choices is not None and row.key in choices.accepted,
            detail=row.kind,
            status="no longer in the portal" if row.there is None else "",
        )
        for row in rows
        if row.entry is None and row.applied is not None
    ]


def keys_by_line(groups: Iterable[Group]) -> dict[int, str]:
    """Return for each line that something was found in the key of what it is.

    Of several, the shortest: an item and not the procedure that it stands in.
    """
    spans = [
        (each.last - each.line, each.line, each.last, each.key)
        for group in groups
        for each in group.lines
    ]
    spans += [
        (0, group.head.line, group.head.line, group.head.key)
        for group in groups
        if group.head
    ]
    found: dict[int, str] = {}
    for _, first, last, key in sorted(spans):
        for number in range(first, last + 1):
            found.setdefault(number, key)
    return found


def _group_list(row: Row, entry: Entry, choices: Choices | None) -> Group:
    head = _line(row, entry, choices)
    group = Group(kind=row.kind, title=str(entry.value["title"]), head=head)
    if row.is_open:
        rule: Any = _fixes_of(entry, choices).get("rule", entry.value["rule"])
        group.rule = RuleForm(
            initial={"every": 1, **rule}, prefix=f"{CADENCE}{entry.key}"
        )
        kind: Any = group.rule.fields["kind"]
        # Which rotation hands over, and what is counted from a completion, the
        # checklist says, not a runbook.
        others = {CadenceKind.HANDOFF, CadenceKind.FLOATING}
        kind.choices = [each for each in kind.choices if each[0] not in others]
    return group


def _line(row: Row, entry: Entry, choices: Choices | None) -> Line:
    status, tone = _STATUS[row.status]
    shown = {Status.EDITED, Status.BOTH, Status.EXISTS}
    ticked = row.is_ready if choices is None else row.key in choices.accepted
    return Line(
        **_say(entry, choices, is_open=row.is_open),
        is_ticked=ticked and row.is_open,
        status=status,
        tone=tone,
        was=say_was(row) if row.status in {Status.CHANGED, Status.BOTH} else "",
        held=say_there(row) if row.status in shown else "",
        check=entry.check_kind,
        condition=_fixes_of(entry, choices).get("condition") or entry.condition,
        is_check_guess=entry.note == CHOOSE,
        is_assisted=entry.is_assisted,
        hint=entry.hint,
        beside=entry.beside,
        can_check=entry.check is not None and row.status is Status.NEW,
        is_check_ticked=choices is not None and row.key in choices.checks,
    )


def _part(row: Row, part: Entry, choices: Choices | None) -> Line:
    is_ticked = choices is None or part.key in choices.accepted
    return Line(
        **_say(part, choices, is_open=row.is_open), is_ticked=row.is_open and is_ticked
    )


def _say(entry: Entry, choices: Choices | None, *, is_open: bool) -> dict[str, Any]:
    """Return what every line says of its entry."""
    fixes = _fixes_of(entry, choices)
    return {
        "key": entry.key,
        "text": fixes.get(entry.field) or str(entry.value.get(entry.field, "")),
        "line": entry.line,
        "last": entry.last,
        "is_open": is_open,
        "is_guess": entry.confidence < SURE,
        "detail": say_detail(entry),
        "fixes": tuple(_fix(entry, part, fixes) for part in parts_of(entry)),
    }


def _fixes_of(entry: Entry, choices: Choices | None) -> dict[str, Any]:
    return dict(choices.fixes.get(entry.key, {})) if choices else {}


def _fix(entry: Entry, part: Part, fixes: dict[str, Any]) -> Fix:
    held = entry.value.get(part.name, entry.condition)
    value = fixes.get(part.name, _write(held))
    return Fix(part=part, name=f"fix:{entry.key}:{part.name}", value=value)


def _write(value: object) -> str:
    """Return a value as a field holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return "" if value is None else str(value)
