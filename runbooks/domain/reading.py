"""Reading a whole runbook: what each reader finds, its keys and the warnings."""

from __future__ import annotations

import gc
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeVar

from runbooks.domain.blocks import read_blocks
from runbooks.domain.expected_answers import read_answers
from runbooks.domain.feed import is_deep
from runbooks.domain.findings import (
    ON_DEMAND,
    Checklist,
    Finding,
    Threshold,
    Warn,
)
from runbooks.domain.inline import fold
from runbooks.domain.lint_code import lint_code
from runbooks.domain.lint_plan import (
    lint_gaps,
    lint_people,
    lint_recovery,
    lint_thresholds,
)
from runbooks.domain.outline import Entry, EntryKind, Outline, build_outline
from runbooks.domain.plan import Plan
from runbooks.domain.proposals import propose_checks
from runbooks.domain.read_alert_rules import read_alert_rules
from runbooks.domain.read_checklists import read_checklists
from runbooks.domain.read_contacts import read_contacts
from runbooks.domain.read_escalation import read_escalation
from runbooks.domain.read_on_demand import read_on_demand
from runbooks.domain.read_procedures import read_procedures
from runbooks.domain.read_promises import read_retention, read_slos
from runbooks.domain.read_severities import read_severities
from runbooks.domain.read_templates import read_templates
from runbooks.domain.read_thresholds import read_thresholds
from runbooks.domain.scopes import find_scopes
from runbooks.domain.service_name import find_service, find_title
from runbooks.domain.text import read_text

_WORD: Final = re.compile(r"\w+")
_F = TypeVar("_F", bound=Finding)


def read_whole(raw: bytes) -> Plan:
    """Read a runbook from its bytes; never raises, whatever they are."""
    with _without_collecting():
        return _read(raw)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the collector from looking at thousands of new objects again and again.

    It takes a fifth of the time, and none of them is garbage before the plan is done.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(raw: bytes) -> Plan:
    source = read_text(raw)
    outline = build_outline(read_blocks(source.lines))
    scopes = find_scopes(outline)
    checklists = read_checklists(outline, scopes)
    lines = {item.line for each in checklists for item in each.items}
    ladder = read_escalation(outline)
    found = read_thresholds(outline, lines, {each.line for each in ladder})
    rungs = {each.line for each in ladder if not each.severity}
    checklists = _in_order(checklists, read_on_demand(outline, lines))
    plan = Plan(
        source=source,
        service=find_service(outline),
        title=find_title(outline),
        checklists=_key_checklists(
            propose_checks(checklists, found.live, read_answers(outline))
        ),
        thresholds=_key("threshold", found.live, _say_threshold),
        severities=_key(
            "severity", read_severities(outline, rungs), lambda each: each.name
        ),
        escalation=_key(
            "step",
            ladder,
            lambda each: f"{each.level} {each.severity} {each.who}",
        ),
        contacts=_key(
            "contact", read_contacts(outline), lambda each: f"{each.role} {each.kind}"
        ),
        procedures=_key(
            "procedure", read_procedures(outline, scopes), lambda each: each.title
        ),
        alert_rules=_key(
            "rule", read_alert_rules(outline), lambda each: each.name or each.metric
        ),
        slos=_key("slo", read_slos(outline), lambda each: f"{each.service} {each.sli}"),
        retention=_key(
            "retention", read_retention(outline, lines), lambda each: each.what
        ),
        templates=_key("template", read_templates(outline), lambda each: each.name),
        apart=found.apart,
    )
    return replace(plan, warnings=_warn(plan, outline))


def _in_order(*found: Sequence[Checklist]) -> tuple[Checklist, ...]:
    both = [each for lists in found for each in lists]
    return tuple(sorted(both, key=lambda each: each.items[0].line))


def make_key(kind: str, *parts: str) -> str:
    """A key that follows from words alone: spacing, marks and capitals do not count."""
    words = " / ".join(" ".join(_WORD.findall(fold(part))) for part in parts)
    digest = hashlib.sha256(f"{kind}:{words}".encode()).hexdigest()
    return f"{kind}-{digest[:16]}"


def _say_threshold(each: Threshold) -> str:
    # Not the value: a limit that was edited is the same limit with a new number.
    direction = "up" if each.op in {">", ">="} else "down"
    return f"{each.metric} {each.severity} {each.where} {direction}"


def _key(kind: str, found: Sequence[_F], say: Callable[[_F], str]) -> tuple[_F, ...]:
    keys = _Keys()
    return tuple(each.keyed(keys.make(kind, say(each))) for each in found)


class _Keys:
    """Makes keys; findings that say the same are told apart by their order."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def make(self, kind: str, *parts: str) -> str:
        key = make_key(kind, *parts)
        self._seen[key] += 1
        count = self._seen[key]
        return key if count == 1 else f"{key}-{count}"


def _key_checklists(checklists: Sequence[Checklist]) -> tuple[Checklist, ...]:
    keys = _Keys()
    for each in checklists:
        slot = (each.cadence, each.weekday, each.ordinal, each.time_of_day)
        # An item keeps its key when its list moves to another day.
        for item in each.items:
            item.keyed(keys.make("item", each.title, item.text))
        each.keyed(keys.make("checklist", each.title, *slot))
    return tuple(checklists)


def _is_deep(plan: Plan, entry: Entry) -> bool:
    return entry.kind is EntryKind.ITEM and is_deep(plan.source.lines[entry.line - 1])


def _warn(plan: Plan, outline: Outline) -> tuple[Warn, ...]:
    found = [
        *lint_code(outline),
        *lint_thresholds(plan.thresholds, plan.alert_rules, plan.procedures),
        *lint_gaps(plan.thresholds, plan.alert_rules, plan.procedures),
        *lint_recovery(outline),
        *lint_people(plan.contacts, plan.escalation, plan.severities),
    ]
    if plan.source.repaired:
        lines = plan.source.repaired
        found.append(
            Warn(
                line=lines[0], last=lines[-1], kind="encoding", rule="encoded twice",
                text=f"{len(lines)} lines were encoded twice and have been repaired",
            )
        )  # fmt: skip
    deep = [each.line for each in outline.entries if _is_deep(plan, each)]
    if deep:
        found.append(
            Warn(
                line=deep[0], last=deep[-1], kind="nesting", rule="nested too deep",
                text=f"{len(deep)} lines stand in more than 15 lists; each is kept and read as if it stood in 15",
            )
        )  # fmt: skip
    if all(each.cadence == ON_DEMAND for each in plan.checklists):
        found.append(
            Warn(line=1, last=1, kind="no checklist", rule="no checklist",
                 text="There is no recurring checklist in this runbook.")
        )  # fmt: skip
    found.sort(key=lambda each: each.line)
    keys = _Keys()
    return tuple(
        each.keyed(keys.make("warning", each.kind, each.text)) for each in found
    )
