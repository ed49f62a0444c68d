"""Escalation ladders: who is told next, after how long, on what condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.escalation_parts import (
    ESCALATE_TO,
    PARENS,
    name_called,
    name_who,
    read_delay,
    split_who,
)
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_escalation_chains import (
    CLAUSE,
    is_turn,
    read_chain,
    read_turns,
)
from runbooks.domain.read_escalation_code import read_code_ladder
from runbooks.domain.read_escalation_sentences import (
    read_named_levels,
    read_sentences,
)
from runbooks.domain.read_escalation_tables import read_tables
from runbooks.domain.read_escalation_times import read_timed
from runbooks.domain.severity_words import find_code
from runbooks.domain.words.escalation import (
    AGAIN,
    LEVEL,
    LEVEL_NAME,
    PEOPLE,
    TOLD_BY,
)
from runbooks.domain.words.topics import Topic

_HEAD: Final = re.compile(r"^\s*[:：\-–—.)→]*\s*")
_HEADING: Final = "level heading"
_ONWARD: Final = re.compile(
    r"\bescalate (?:to|after|if|when|in|within)\b|\bthen escalate\b|\bescalates to\b"
)
# "Step 1" is a step of work; these count people.
_RUNG: Final = re.compile(
    r"^(?=level|lvl|tier|l\s?-?\d|уровень|линия)" + LEVEL.pattern[1:]
)
_NO_LADDER: Final = frozenset(
    {
        Topic.TEMPLATE, Topic.CHANGES, Topic.TROUBLE, Topic.SEVERITIES, Topic.METRICS,
        Topic.ALERTS, Topic.EXAMPLE, Topic.CONTENTS,
    }
)  # fmt: skip
_OTHER_STEPS: Final = _NO_LADDER - {Topic.ALERTS, Topic.SEVERITIES}
# So many people in a row of arrows are a ladder below whatever title.
_CHAIN: Final = 3
_PAIR: Final = re.compile(r"\bprimary\b.*\bsecondary\b")


def read_escalation(outline: Outline) -> tuple[EscalationStep, ...]:
    """Find the ladder, lowest level first within each section."""
    found: list[EscalationStep] = []
    for section in outline.sections:
        found += _read_heading(section)
    for section in outline.sections:
        found += _read_section(section) if _is_home(section) else _read_beside(section)
    found += read_tables(outline)
    steps = _merge(found)
    return steps or tuple(_read_rotation(outline))


def _read_beside(section: Section) -> Sequence[EscalationStep]:
    """A ladder below a title about something else."""
    if not section.entries:
        return ()
    items = _first_items(section)
    if _is_bare_ladder(section, items):
        people = list(_read_items(items))
        return people if all(step.who for step in people) else ()
    found = read_named_levels(section.entries) or _read_untitled(section, items)
    if not found and Topic.CONTACTS in section.topics:
        return list(read_turns(items))
    return found


def _is_home(section: Section) -> bool:
    for each in section.chain():
        topics = each.topics
        if Topic.ESCALATION in topics:
            return True
        if topics & {Topic.TEMPLATE, Topic.CHANGES, Topic.TROUBLE}:
            return False
    return False


def _read_untitled(section: Section, items: Sequence[Entry]) -> list[EscalationStep]:
    """People by time below whatever title: ``2. Lead (after 20 min)``."""
    if topics_around(section, below_level=1) & _OTHER_STEPS:
        return []
    steps = list(read_timed(items))
    for entry in section.entries if not steps else ():
        chain = list(read_chain(entry))
        if len(chain) >= _CHAIN and any(step.after_minutes for step in chain):
            steps += chain
    return steps


def _is_bare_ladder(section: Section, items: Sequence[Entry]) -> bool:
    """``- L1: engineer on call``, ``- L2: team lead`` below whatever title."""
    if topics_around(section, below_level=1) & _NO_LADDER:
        return False
    numbers = []
    for each in items:
        match = _RUNG.match(each.folded)
        if match and PEOPLE.search(each.folded):
            numbers.append(int(match["number"]))
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))


def _read_heading(section: Section) -> Iterator[EscalationStep]:
    """``### Level 3 - Engineering Lead`` with "Escalated after 15 min" below."""
    match = LEVEL.match(section.folded)
    if not match or section.level == 1:
        return
    outer = section.parent
    if outer is None or not _is_ladder(section, outer):
        return
    title = _cut(section.title, match.end(), section.folded)
    who = name_who(title) or _first_person(section)
    texts = [*PARENS.findall(section.title)]
    texts += [each.text for each in section.entries if each.kind is not EntryKind.CODE]
    delay, condition, onward = _read_texts(texts)
    yield EscalationStep(
        line=section.line,
        last=section.line,
        level=int(match["number"]),
        who=who,
        after_minutes=delay,
        hands_on_minutes=onward,
        condition=condition,
        confidence=0.9 if delay is not None else 0.7,
        rule=_HEADING,
    )


def _is_ladder(section: Section, outer: Section) -> bool:
    around = topics_around(outer, below_level=1) | section.topics
    siblings = [each for each in outer.children if LEVEL.match(each.folded)]
    return Topic.ESCALATION in around or (
        len(siblings) > 1
        and not around & {Topic.SEVERITIES, Topic.METRICS, Topic.ALERTS}
    )


def _cut(title: str, at: int, folded: str) -> str:
    """The title after its level; folding may have shortened it at the front."""
    offset = len(title) - len(folded)
    return _HEAD.sub("", title[at + max(0, offset) :])


def _first_person(section: Section) -> str:
    for entry in section.entries:
        if entry.label and re.match(
            r"who|contact|role|escalate to|owner|负责人|кто", fold(entry.label.name)
        ):
            return strip_marks(entry.label.value)
    first = next((each for each in section.entries if each.text), None)
    if first is None:
        return section.title
    label = first.label
    is_way = label is not None and bool(TOLD_BY.match(fold(label.name)))
    return name_who(label.value if label and is_way else first.text)


def _read_texts(texts: Sequence[str]) -> tuple[float | None, str, float | None]:
    """Minutes until this level, its condition, and minutes until the next one.

    "Escalated after 15 min" is said of the level itself, "Escalate to level 2
    after 15 min" of the next.
    """
    own: float | None = None
    onward: float | None = None
    condition = ""
    for text in texts:
        delay, said = read_delay(text)
        if _ONWARD.search(fold(text)):
            onward = delay if onward is None else onward
            continue
        condition = condition or said
        own = delay if own is None else own
    return own, condition, onward


def _first_items(section: Section) -> list[Entry]:
    return [
        each
        for each in section.entries
        if each.kind is EntryKind.ITEM and each.parent is None
    ]


def _read_section(section: Section) -> Iterator[EscalationStep]:
    entries = section.entries
    ladder = _first_items(section)
    if LEVEL.match(section.folded):
        return
    ladder = ladder or [
        each for each in entries if each.kind is EntryKind.LINE and is_turn(each)
    ]
    chains = [step for each in entries for step in read_chain(each)]
    steps = chains or list(read_turns(ladder)) or list(_read_items(ladder))
    steps = steps or list(read_timed(ladder))
    yield from steps or list(read_sentences(entries)) or _read_prose(entries)
    for entry in entries:
        if entry.kind is EntryKind.CODE:
            yield from read_code_ladder(entry)


def _read_items(items: Sequence[Entry]) -> Iterator[EscalationStep]:
    """``1. **L2 - Senior Engineer**: If unresolved after 30 min``."""
    leveled = [each for each in items if LEVEL.match(each.folded)]
    if not leveled:
        yield from _read_ordered(items)
        return
    last_level = 0
    for entry in items:
        match = LEVEL.match(entry.folded)
        if match:
            last_level = int(match["number"])
            yield _step_of_item(entry, last_level, match.end())
        elif entry.label and entry.label.is_bold and last_level:
            last_level += 1
            yield _step_of_item(entry, last_level, 0)


def _step_of_item(entry: Entry, level: int, end: int) -> EscalationStep:
    label = entry.label
    head = label.name if label else entry.text
    head = "" if LEVEL_NAME.fullmatch(fold(head)) else head
    value = label.value if label else ""
    who, rest = split_who(_cut(head, end, fold(head))) if end < len(head) else ("", "")
    who = name_who(who)
    value_text = f"{rest} {strip_marks(value)}".strip()
    if not who:
        who, value_text = split_who(value_text)
    texts = [value_text, head, *(each.text for each in entry.children)]
    delay, condition, onward = _read_texts(texts)
    if delay is None and onward is None and level > 1:
        delay = _read_parens(value_text)
    return EscalationStep(
        line=entry.line,
        last=entry.last,
        level=level,
        who=who,
        after_minutes=delay,
        hands_on_minutes=onward,
        condition=condition,
        severity=find_code(fold(value_text)) or "",
        confidence=0.9 if delay is not None else 0.6,
        rule="level in a list",
    )


def _read_parens(text: str) -> float | None:
    """The delay that stands in parentheses, or None."""
    return _read_texts(PARENS.findall(text))[0]


def _read_ordered(items: Sequence[Entry]) -> Iterator[EscalationStep]:
    """People in order without levels: ``1. On-call engineer``, ``2. Team lead (15 min)``."""
    people = [
        each
        for each in items
        if PEOPLE.search(each.folded) or _read_parens(each.text) is not None
    ]
    is_ordered = bool(items) and all(each.marker[:1].isdigit() for each in items)
    arrows = [
        each
        for each in items
        if ESCALATE_TO.search(each.text) and read_delay(each.text)[0] is not None
    ]
    if arrows:
        yield from _read_prose(items)
        return
    if not is_ordered or len(people) * 2 <= len(items):
        return
    for level, entry in enumerate(items, 1):
        yield replace(
            _step_of_item(entry, level, 0), rule="ordered people", confidence=0.7
        )


def _read_prose(entries: Sequence[Entry]) -> Iterator[EscalationStep]:
    """``Not resolved in 10 min → Escalate to Tech Lead (Level 2)``."""
    level, before = 0, 0.0
    for entry in entries:
        if entry.kind is EntryKind.CODE or entry.kind is EntryKind.ROW:
            continue
        match = ESCALATE_TO.search(entry.text)
        delay, condition = read_delay(entry.text)
        if delay is not None and AGAIN.search(entry.folded):
            delay += before
        if delay is None and _begins(entry, match, entries):
            delay = 0
        if match and match.start() and condition:
            # "If nobody answers within 15 min, call ...": up to the call.
            condition = (
                read_delay(entry.text[: match.start()])[1].rstrip(" ,") or condition
            )
        if (
            not match
            or (delay is None and level == 0)
            or not PEOPLE.search(fold(match["who"]))
        ):
            continue
        said = re.search(r"(?:level|l|tier)\s?(\d)", entry.folded)
        level = int(said[1]) if said else max(level + 1, 1)
        before = delay or before
        yield EscalationStep(
            line=entry.line, last=entry.last, level=level,
            who=name_called(match), after_minutes=delay,
            condition=CLAUSE.split(condition)[0], confidence=0.75, rule="escalation prose",
        )  # fmt: skip


def _begins(
    entry: Entry, match: re.Match[str] | None, entries: Sequence[Entry]
) -> bool:
    """``1. Page the engineer on duty.`` at the head of a numbered ladder."""
    is_first = entry is entries[0] and entry.marker[:1].isdigit()
    return is_first and match is not None and not match.start()


def _read_rotation(outline: Outline) -> Iterator[EscalationStep]:
    """Primary, then secondary, then whom the text names, where nothing else is said."""
    level = 0
    for entry in outline.entries:
        if Topic.ONCALL not in entry.section.topics or entry.kind is not EntryKind.ITEM:
            continue
        if not level and _PAIR.search(entry.folded):
            for name, after in (("Primary on-call", 0), ("Secondary on-call", None)):
                level += 1
                yield EscalationStep(
                    line=entry.line, last=entry.last, level=level, who=name,
                    after_minutes=after, confidence=0.5, rule="primary and secondary",
                )  # fmt: skip
        elif level:
            match = re.search(
                r"escalat\w* to (?:the )?(?P<who>[\w -]+?)(?: if| when| after|$)",
                entry.folded,
            )
            if match:
                level += 1
                yield EscalationStep(
                    line=entry.line, last=entry.last, level=level, who=match["who"],
                    after_minutes=read_delay(entry.text)[0], condition="if needed",
                    confidence=0.5, rule="escalation in a rotation",
                )  # fmt: skip


def _merge(found: Sequence[EscalationStep]) -> tuple[EscalationStep, ...]:
    """Each level of a line once, in the order of the text."""
    kept: dict[tuple[object, ...], EscalationStep] = {}
    for each in sorted(found, key=lambda step: step.line):
        kept.setdefault((each.line, each.level, each.severity), each)
    return tuple(_pass_on(list(kept.values())))


def _pass_on(steps: Sequence[EscalationStep]) -> Iterator[EscalationStep]:
    """Give each level what was said of it below the level before it."""
    before: EscalationStep | None = None
    for step in steps:
        delay = step.after_minutes
        follows = before is not None and step.level == before.level + 1
        if delay is None and follows and before is not None:
            delay = before.hands_on_minutes
        if delay is None and (step.level == 1 or _is_told_at_once(step)):
            delay = 0
        yield (
            step if delay == step.after_minutes else replace(step, after_minutes=delay)
        )
        before = step


def _is_told_at_once(step: EscalationStep) -> bool:
    """The first two titled levels are told at once where nothing else is said."""
    return step.rule == _HEADING and step.level == 2
