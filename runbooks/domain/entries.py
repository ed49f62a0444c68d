"""A plan as entries: each one thing to accept, with the value that it would write.

An entry is known by its key, which follows from the words of the runbook. Its
value is plain JSON in the portal's own terms, so that what a runbook said then,
says now, and what the portal holds can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runbooks.domain.findings import (
    Checklist,
    Contact,
    EscalationStep,
    Finding,
    Item,
    Severity,
    SideCheck,
    Step,
)
from runbooks.domain.plan import Plan
from runbooks.domain.timetable import plan_schedule

Value = dict[str, Any]
LADDER: Final = "ladder"
MOST_TEXT: Final = 250
_MOST_NAME: Final = 120
_MOST_LABEL: Final = 32
MOST_MINUTES: Final = 7 * 24 * 60
_MOST_STEPS: Final = 20
_NEXT_DAY: Final = re.compile(
    r"next (?:business |working )?day|nächste[rn]? (?:arbeits|werk)tag|siguiente día|próximo día|jour (?:ouvré|suivant)|下一?个?工作日|次日|следующий рабочий день",
    re.IGNORECASE,
)
_KINDS: Final = {"email": "email", "phone": "phone", "url": "url"}
_CHATS: Final = frozenset({"channel", "handle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to accept. ``parent`` is the key of the list that it belongs to.

    ``field`` names the part of the value that says what it is. ``check`` is
    what can tick an item with nothing more to know; ``hint`` says what is missing.
    Of one that ``is_assisted`` a person confirms what it saw.
    """

    kind: str
    key: str
    line: int
    last: int
    confidence: float
    value: Value
    field: str
    parent: str = ""
    note: str = ""
    check: Value | None = None
    condition: str = ""
    check_kind: str = ""
    hint: str = ""
    is_assisted: bool = False
    beside: tuple[SideCheck, ...] = ()
    instructions: str = ""
    parts: tuple[Entry, ...] = ()


def list_entries(plan: Plan) -> list[Entry]:
    """Return what a plan would write, lists first, each before its items."""
    return [
        *(entry for each in plan.checklists for entry in _list_checklist(each)),
        *(_severity(each) for each in plan.severities),
        *_ladder(plan),
        *(_contact(each) for each in plan.contacts),
        *_procedures(plan),
    ]


def _place(found: Finding) -> dict[str, Any]:
    return {
        "key": found.key,
        "line": found.line,
        "last": max(found.last, found.line),
        "confidence": found.confidence,
    }


def _list_checklist(found: Checklist) -> Iterator[Entry]:
    plan = plan_schedule(found)
    yield Entry(
        kind="checklist",
        **_place(found),
        value={
            "title": (found.title or "Checklist")[:_MOST_NAME],
            "rule": plan.rule,
            "due_time": plan.due_time,
        },
        field="title",
        note=plan.note,
    )
    section = ""
    for item in found.items:
        section = section if item.depth else ""
        yield _item(item, found.key, section)
        section = section or item.text[:_MOST_NAME]


def _item(item: Item, parent: str, section: str) -> Entry:
    proposal = item.check
    return Entry(
        kind="item",
        **_place(item),
        value={"text": item.text[:MOST_TEXT], "section": section},
        field="text",
        parent=parent,
        check=_ready_check(item),
        check_kind=proposal.kind if proposal else "",
        condition=proposal.condition if proposal else "",
        hint=proposal.hint if proposal else "",
        note=proposal.note if proposal else "",
        is_assisted=proposal is not None and proposal.is_assisted,
        beside=proposal.beside if proposal else (),
        instructions=item.text if len(item.text) > MOST_TEXT else "",
    )


def _ready_check(item: Item) -> Value | None:
    """Return the check that needs nothing from a person but a yes."""
    proposal = item.check
    if proposal is None or not proposal.condition:
        return None
    made = {"kind": proposal.kind, "condition": proposal.condition}
    if proposal.kind == "heartbeat":
        return made | {"spec": {}}
    return made | {"spec": dict(proposal.spec)} if proposal.spec else None


def _severity(found: Severity) -> Entry:
    minutes = found.response_minutes
    is_next_day = minutes is None and bool(_NEXT_DAY.search(found.response_text))
    return Entry(
        kind="severity",
        **_place(found),
        value={
            "label": found.name[:_MOST_LABEL],
            "level": found.level,
            "response_minutes": minutes,
            "is_next_business_day": is_next_day,
        },
        field="label",
    )


def _ladder(plan: Plan) -> Iterator[Entry]:
    steps = plan.escalation[:_MOST_STEPS]
    if not steps:
        return
    levels = {
        name.casefold(): each.level
        for each in plan.severities
        for name in (each.name, *each.aliases)
    }
    parts = tuple(_step(each, levels) for each in steps)
    yield Entry(
        kind=LADDER,
        key=LADDER,
        line=steps[0].line,
        last=max(part.last for part in parts),
        confidence=min(part.confidence for part in parts),
        value={"steps": [part.value for part in parts]},
        field="",
        parts=parts,
    )


def _step(found: EscalationStep, levels: Mapping[str, int]) -> Entry:
    minutes = found.after_minutes
    level = levels.get(found.severity.casefold())
    who = found.who.strip()[:_MOST_NAME] or f"Level {found.level}"
    is_kept = minutes is not None and 0 <= minutes <= MOST_MINUTES
    return Entry(
        kind="step",
        **_place(found),
        value={
            "who": who,
            "minutes": minutes if is_kept else None,
            "level": level or 0,
            "condition": found.condition,
        },
        field="who",
        parent=LADDER,
    )


def _contact(found: Contact) -> Entry:
    kind = "chat" if found.kind in _CHATS else _KINDS.get(found.kind, "pager")
    return Entry(
        kind="contact",
        **_place(found),
        value={
            "title": found.role[:_MOST_NAME],
            "kind": kind,
            "value": found.value[:MOST_TEXT],
            "is_placeholder": found.placeholder,
        },
        field="value",
    )


def _procedures(plan: Plan) -> Iterator[Entry]:
    for found in plan.procedures:
        yield Entry(
            kind="procedure",
            **_place(found),
            value={
                "title": found.title[:_MOST_NAME],
                "symptoms": _write_steps(found.symptoms),
                "diagnosis": _write_steps(found.diagnosis),
                "resolution": _write_steps(found.resolution),
            },
            field="title",
        )


def _write_steps(steps: tuple[Step, ...]) -> str:
    """Return steps as Markdown: words as a list, commands in fences."""
    return "\n".join(
        f"\n{_fence(each.text)}{each.language}\n{each.text}\n{_fence(each.text)}\n"
        if each.command
        else f"- {each.text}"
        for each in steps
    ).strip()


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
