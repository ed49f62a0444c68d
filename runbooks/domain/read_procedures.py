"""Procedures: what to do when something is wrong, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from runbooks.domain.alike_titles import ALIKE, Group, group_alike, labels_of
from runbooks.domain.bounds import find_bounds
from runbooks.domain.context import topics_around
from runbooks.domain.findings import Procedure, Step, Threshold
from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_promises import is_objective
from runbooks.domain.scopes import Scope
from runbooks.domain.severity_words import find_code
from runbooks.domain.threshold_context import severity_of_title
from runbooks.domain.threshold_parts import is_bound_of_metric, take_window
from runbooks.domain.words.escalation import LEVEL
from runbooks.domain.words.procedures import DIAGNOSIS, RESOLUTION, SYMPTOMS
from runbooks.domain.words.topics import Topic

_PARTS: Final = (
    ("symptoms", SYMPTOMS),
    ("diagnosis", DIAGNOSIS),
    ("resolution", RESOLUTION),
)
_NEVER: Final = frozenset(
    {
        Topic.CONTACTS, Topic.ESCALATION, Topic.TEMPLATE, Topic.CONTENTS, Topic.CHANGES,
        Topic.SLO, Topic.RETENTION, Topic.SUMMARY, Topic.COMMUNICATION, Topic.STEPS,
        Topic.DASHBOARD, Topic.CAPACITY, Topic.SCALING, Topic.BUDGET, Topic.RESPONSE,
    }
)  # fmt: skip
# Steps below these are of something else than a trouble.
_OTHER: Final = frozenset(
    {Topic.MAINTENANCE, Topic.ASIDE, Topic.SEVERITIES, Topic.METRICS, Topic.EVENTUAL}
)
# Titles of several; one trouble has "Fix" below it.
_FIXES: Final = frozenset(
    {"fixes", "remedies", "recipes", "solutions", "how-tos", "remediation"}
)
# "When dbt fails" names a trouble; "When to escalate" does not.
_CASE: Final = re.compile(
    r"(?:when|if) (?!(?:to|you|we|it|things?|something|anything)\b)\S+ \S"
)
_LOOSE: Final = frozenset(
    {
        "check",
        "checks",
        "verify",
        "restore",
        "rollback",
        "alert",
        "alerts",
        "when",
        "see",
        "look",
        "look at",
        "do",
    }
)
_SHELLS: Final = frozenset(
    {
        "bash", "sh", "shell", "zsh", "console", "sql", "powershell", "cmd", "promql",
        "psql", "redis", "",
    }
)  # fmt: skip


def read_procedures(
    outline: Outline, recurring: Mapping[Section, Scope]
) -> tuple[Procedure, ...]:
    """Find the procedures, none inside another; ``recurring`` are the scopes of work."""
    found: list[Procedure] = []
    taken: set[Section | None] = set()
    groups = group_alike(outline)
    for section in outline.sections:
        if section.parent in taken:
            taken.add(section)
        if section in taken or not _can_be(section):
            continue
        rule = _find_rule(section, groups[section])
        if rule is None or (
            section in recurring and not recurring[section].is_weak and rule != "parts"
        ):
            continue
        taken.add(section)
        found.append(_make(section, rule))
    return tuple(found)


def _can_be(section: Section) -> bool:
    if section.is_label or not section.title:
        return False
    if section.level <= 1 and not _is_page(section):
        return False
    if section.topics & _NEVER or LEVEL.match(section.folded):
        return False
    return any(_has_content(each) for each in section.walk())


def _is_page(section: Section) -> bool:
    """Whether a whole text is one procedure: its main titles are the parts of it."""
    headings = [each for each in section.children if not each.is_label]
    parts = {
        _part_of(each.folded) for each in headings if each.folded not in _FIXES | _LOOSE
    }
    is_whole = "resolution" in parts and bool(parts & {"symptoms", "diagnosis"})
    return is_whole and not _is_container(headings)


def _has_content(section: Section) -> bool:
    return any(each.text or each.body for each in section.entries)


def _find_rule(section: Section, group: Group) -> str | None:
    """Why a section is a procedure: its own parts, or what it stands below."""
    headings = [each for each in section.children if not each.is_label]
    own_parts = _count_parts(section)
    if own_parts >= 2 and not _is_container(headings):
        return "parts"
    names = {each.folded for each in headings}
    if headings and not (_are_parts(headings) or group.repeats(names)):
        return None
    return _find_rule_of_one(section, group, is_part_said=own_parts > 0)


def _find_rule_of_one(
    section: Section, group: Group, *, is_part_said: bool
) -> str | None:
    """The same of a section that holds no several procedures."""
    parent = section.parent
    around = parent.topics if parent else frozenset()
    if parent is not None and parent.level > 1 and parent.folded in _FIXES:
        return None if _part_of(section.folded) else "below fixes"
    if parent is not None and parent.level > 1 and _is_trouble(parent):
        return (
            None
            if Topic.STEPS in around or _is_reference(section)
            else "below troubleshooting"
        )
    if is_part_said and _acts(section) and not _is_told_apart(section):
        return "parts"
    if Topic.ALERTS in around and _answers_alert(section):
        return "below alerts"
    if _is_own(section) or _is_of_form(section, group):
        return "title"
    return "one of several alike" if _is_one_of_alike(section, group) else None


def _is_told_apart(section: Section) -> bool:
    """``Recovery:`` below "Objectives" is no part of a procedure."""
    topics = section.topics
    return Topic.ASIDE in topics and Topic.TROUBLE not in topics


def _answers_alert(section: Section) -> bool:
    """``### LatencyHigh (page)`` with steps or commands below."""
    if severity_of_title(section) is not None or section.topics & _NEVER:
        return False
    below = list(section.entries_below())
    steps = [each for each in below if each.marker[:1].isdigit()]
    shells = [
        each
        for each in below
        if each.kind is EntryKind.CODE and each.info in _SHELLS - {"promql", "sql", ""}
    ]
    return len(steps) >= 2 or bool(shells)


def _is_trouble(section: Section) -> bool:
    """Whether a section, or the one around it, collects troubles."""
    topics = section.topics
    return Topic.TROUBLE in topics and not topics & (_NEVER - {Topic.COMMUNICATION})


def _is_reference(section: Section) -> bool:
    topics = section.topics
    return bool(
        topics & {Topic.SEVERITIES, Topic.METRICS, Topic.ONCALL, Topic.ASIDE}
    ) and not _count_parts(section)


def _count_parts(section: Section) -> int:
    return len({part for part, _ in _walk_parts(section) if part})


def _are_parts(headings: list[Section]) -> bool:
    return all(_part_of(each.folded) or each.folded[:4] == "step" for each in headings)


def _is_one_of_alike(section: Section, group: Group) -> bool:
    """Whether all titles beside have numbered steps, most told from what is seen."""
    outer = section.parent
    around = topics_around(outer) if outer else frozenset()
    if around & _NEVER or section.topics & _OTHER or not group.all_have_steps:
        return False
    is_named = outer is not None and Topic.PROCEDURE in outer.topics
    is_of_procedures = is_named and outer is not None and outer.level > 1
    return is_of_procedures or group.told_first >= ALIKE


def _is_of_form(section: Section, group: Group) -> bool:
    """Whether a title beside has the same labels, among them what is done or seen."""
    around = topics_around(section.parent) if section.parent else frozenset()
    if around & (_NEVER - {Topic.STEPS} | _OTHER | {Topic.ALERTS}):
        return False
    return any(map(_part_of, labels_of(section))) and group.shares_labels(section)


def _is_container(headings: list[Section]) -> bool:
    """Whether the parts belong to several procedures below it."""
    return any(_count_parts(each) and not _part_of(each.folded) for each in headings)


def _acts(section: Section) -> bool:
    return any(
        each.kind is EntryKind.CODE or each.kind is EntryKind.ITEM
        for each in section.entries_below()
    )


def _is_own(section: Section) -> bool:
    """``## Rollback procedure`` with steps or commands of its own."""
    topics = section.topics
    is_case = bool(_CASE.match(section.folded))
    if not (is_case or topics & {Topic.PROCEDURE, Topic.TROUBLE}) or topics & {
        Topic.MAINTENANCE,
        Topic.ASIDE,
        Topic.SEVERITIES,
        Topic.METRICS,
    }:
        return False
    if topics_around(section, below_level=1) & {
        Topic.CONTENTS,
        Topic.TEMPLATE,
        Topic.SUMMARY,
    }:
        return False
    steps = [
        each
        for each in section.entries_below()
        if each.kind is EntryKind.ITEM and (is_case or each.marker[:1].isdigit())
    ]
    return len(steps) >= 2 or any(
        each.kind is EntryKind.CODE for each in section.entries_below()
    )


@lru_cache(maxsize=8192)
def _part_of(folded: str) -> str:
    # "Diagnosis steps" is a part; "Check alert engine status" is a step.
    if len(folded.split()) > (4 if folded.startswith(("what", "how")) else 3):
        return ""
    for name, pattern in _PARTS:
        match = pattern.match(folded)
        if match and (match[0] not in _LOOSE or match[0] == folded):
            return name
    return ""


def _sections_of(section: Section) -> Iterator[tuple[str, Section]]:
    """The sections below with their parts; of a whole page only what is in one."""
    if section.level > 1:
        for each in section.walk():
            yield _part_of(each.folded) if each is not section else "", each
        return
    for heading in section.children:
        part = _part_of(heading.folded)
        for each in heading.walk() if part else ():
            yield _part_of(each.folded) or part, each


def _walk_parts(section: Section) -> Iterator[tuple[str, Entry]]:
    """Each entry below with the part that it belongs to, "" where none is said."""
    for outer, each in _sections_of(section):
        part, is_told = outer, False
        for entry in each.entries:
            said = (
                _part_of(fold(entry.label.name))
                if entry.label and not entry.parent
                else ""
            )
            if entry.kind is EntryKind.ROW:
                yield _part_of(_head(entry)) or part, entry
                continue
            if said and (
                entry.kind is EntryKind.LINE or (entry.label and entry.label.is_bold)
            ):
                part = said
            elif part == "symptoms" and is_told and _is_step(entry):
                part = outer
            yield part, entry
            is_told = bool(said and entry.label and entry.label.value) or (
                is_told and not said
            )
            if said and entry.kind is EntryKind.ITEM and not entry.children:
                part = outer


def _is_step(entry: Entry) -> bool:
    """Whether an entry is done, below symptoms that were told in their own line."""
    return entry.kind is EntryKind.CODE or entry.marker[:1].isdigit()


def _head(row: Entry) -> str:
    return fold(strip_marks(row.cells[0]))


def _make(section: Section, rule: str) -> Procedure:
    steps: dict[str, list[Step]] = {"symptoms": [], "diagnosis": [], "resolution": []}
    last = section.line
    for part, entry in _walk_parts(section):
        last = max(last, entry.last)
        steps[part or _guess(entry)] += _steps_of(entry)
    is_sure = rule == "parts" or find_code(section.folded) is not None
    return Procedure(
        line=section.line,
        last=last,
        title=section.title,
        symptoms=tuple(steps["symptoms"]),
        diagnosis=tuple(steps["diagnosis"]),
        resolution=tuple(steps["resolution"]),
        triggers=tuple(_triggers(section)),
        confidence=0.95 if is_sure else 0.8,
        rule=f"procedure: {rule}",
    )


def _guess(entry: Entry) -> str:
    """What nobody named is done to resolve, unless it only looks."""
    return (
        "diagnosis"
        if entry.folded.startswith(("check", "verify", "检查", "провер"))
        else "resolution"
    )


def _steps_of(entry: Entry) -> Iterator[Step]:
    if entry.kind is EntryKind.CODE:
        is_command = entry.info in _SHELLS
        text = "\n".join(entry.body).strip("\n")
        if text:
            yield Step(
                text=text, line=entry.opens, command=is_command, language=entry.info
            )
        return
    text = entry.text
    if is_objective(entry):
        return
    if entry.kind is EntryKind.ROW and _part_of(_head(entry)):
        text = strip_marks(" | ".join(filter(None, entry.cells[1:])))
    label = entry.label if not entry.parent else None
    # "4. **Immediate Recovery**" is a step, though parts are called so as well.
    if label and _part_of(fold(label.name)) and (label.value or not _is_step(entry)):
        text = strip_marks(label.value)
    if text:
        yield Step(text=text, line=entry.line)


def _triggers(section: Section) -> Iterator[Threshold]:
    """Bounds in the title and the symptoms: what the procedure answers."""
    texts = [(section.title, section.line)]
    texts += [
        (entry.text, entry.line)
        for part, entry in _walk_parts(section)
        if part == "symptoms"
    ]
    for text, line in texts:
        window, folded = take_window(fold(text))
        for bound in find_bounds(folded):
            if bound.is_symbol and is_bound_of_metric(folded, bound):
                yield Threshold(
                    line=line, last=line, op=bound.op, unit=bound.unit or "count",
                    metric=folded[: bound.start].strip(" :(,[").rsplit(",", 1)[-1].strip(),
                    value=bound.value if bound.high is None else (bound.value, bound.high),
                    window=window, where="trigger", confidence=0.7, rule="bound in a procedure",
                )  # fmt: skip
