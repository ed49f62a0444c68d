"""Escalation in tables: a level a row, or severities by delay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.escalation_parts import read_length
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline
from runbooks.domain.severity_words import find_code, find_level, read_minutes
from runbooks.domain.words.escalation import LEVEL, PEOPLE
from runbooks.domain.words.topics import Topic

_AFTER: Final = re.compile(
    r"escalat\w* (?:after|in|time|if)|^after$|^time(?:frame)?$|elapsed|^time unresolved|^delay|^when$|^wait|^minutes?$|^mins?$|unresolved|timeout|^trigger|time (?:to|before) escalat|升级时间|超时|через|время"
)
_ONWARD: Final = re.compile(r"escalate after|time (?:to|before) escalat")
_WHO: Final = re.compile(
    r"^(?:whom?|wen|quién|qui|calls?|tells?|informs?|contacts?|role|escalate to|person|function|team|notify|responsible|name|owner|to|escalation (?:to|contact)|联系人|负责人|角色|кто|кому|роль|ответственный)\b"
)
_LEVEL: Final = re.compile(
    r"^(?:level|tier|order|step|escalation level|stage|#|级别|层级|уровень|шаг)\b"
)
_WAITS: Final = re.compile(r"^(?:wait|delay|after)|escalat\w* (?:after|in)|unresolved")
_CLASS: Final = re.compile(r"^(?:class|category) ([a-e])$")
_SEVERITY: Final = re.compile(
    r"^(?:severity|priority|sev|级别|严重|критичность|приоритет)\b"
)


def read_tables(outline: Outline) -> Iterator[EscalationStep]:
    """Yield the steps of tables that stand below a title about escalation."""
    counters: dict[tuple[object, ...], int] = {}
    onward: set[tuple[object, ...]] = set()
    for entry in outline.entries:
        if entry.kind is not EntryKind.ROW:
            continue
        names = fold_all(entry.header)
        home = Topic.ESCALATION in topics_around(entry.section, below_level=1)
        after = _find(names, _AFTER)
        home = home or any("escalate" in name for name in names)
        if not home and not _is_of_turns(names):
            continue
        coded = [at for at, name in enumerate(names) if at and _find_class(name)]
        if len(coded) > 1:
            key = (id(entry.section), *names)
            counters[key] = counters.get(key, 0) + 1
            yield from _read_columns(entry, names, coded, counters[key])
            continue
        severity = _find(names, _SEVERITY)
        if severity is not None and _find(names, _LEVEL) is None:
            yield from _read_matrix(entry, names, severity, after)
            continue
        key = (id(entry.section), *names)
        counters[key] = counters.get(key, 0) + 1
        step = _read_row(entry, names, after, counters[key])
        if step is not None:
            first = step.after_minutes if counters[key] == 1 else None
            # "Escalate after 15 min" at level 1 is when level 2 is told.
            if first and after is not None and _ONWARD.search(names[after]):
                onward.add(key)
            yield _hand_on(step) if key in onward else step


@lru_cache(maxsize=1024)
def _is_of_turns(names: tuple[str, ...]) -> bool:
    """Whether columns say in which order who is told after how long."""
    waits = _find(names, _WAITS)
    is_ordered = waits == 0 or _find(names, _LEVEL) is not None
    return waits is not None and is_ordered and _find(names, _WHO) is not None


def _hand_on(step: EscalationStep) -> EscalationStep:
    """The step with its delay meant for the next one."""
    return replace(step, after_minutes=None, hands_on_minutes=step.after_minutes)


@lru_cache(maxsize=2048)
def _find(names: tuple[str, ...], pattern: re.Pattern[str]) -> int | None:
    return next((at for at, name in enumerate(names) if pattern.search(name)), None)


def _cell(entry: Entry, at: int | None) -> str:
    return (
        strip_marks(entry.cells[at]) if at is not None and at < len(entry.cells) else ""
    )


def _read_row(
    entry: Entry, names: tuple[str, ...], after: int | None, position: int
) -> EscalationStep | None:
    at_level = _find(names, _LEVEL)
    who = _find(names, _WHO)
    head = _cell(entry, at_level)
    number = re.search(r"\d", head)
    match = LEVEL.match(fold(head))
    name = _cell(entry, who) or re.sub(
        r"^\W*", "", head[match.end() :] if match else head
    )
    if at_level is None and who is None:
        return None
    if after is None and at_level is None:
        return None
    level = int(number[0]) if number else position
    if not name or (at_level is None and not PEOPLE.search(fold(name))):
        return None
    said = _cell(entry, after)
    is_bare = after is not None and said.isdigit() and names[after][:3] == "min"
    delay = float(said) if is_bare else _delay(said)
    return EscalationStep(
        line=entry.line, last=entry.last, level=level, who=name, after_minutes=delay,
        condition="" if delay is not None else _cell(entry, after),
        confidence=0.9 if delay is not None else 0.6, rule="escalation table",
    )  # fmt: skip


def _delay(text: str) -> float | None:
    folded = fold(text)
    minutes = read_length(folded)
    return read_minutes(folded) if minutes is None else minutes


def _find_class(name: str) -> str | None:
    """P1 of "p1 incidents", A of "class a"."""
    match = _CLASS.match(name)
    return match[1].upper() if match else find_code(name)


def _read_columns(
    entry: Entry, names: tuple[str, ...], coded: Sequence[int], position: int
) -> Iterator[EscalationStep]:
    """A row a role, a column a severity: when this role is told of that severity."""
    match = LEVEL.match(fold(_cell(entry, 0)))
    named = _find(names, _WHO) if match else 0
    who = _cell(entry, named) or _cell(entry, 0)
    for at in coded:
        delay = _delay(_cell(entry, at))
        if delay is not None and (PEOPLE.search(fold(who)) or match):
            yield EscalationStep(
                line=entry.line, last=entry.last, after_minutes=delay,
                level=int(match["number"]) if match else position, who=who,
                severity=_find_class(names[at]) or "", confidence=0.8,
                rule="role by severity",
            )  # fmt: skip


def _read_matrix(
    entry: Entry, names: tuple[str, ...], severity: int, after: int | None
) -> Iterator[EscalationStep]:
    """A row a severity; columns are levels, or one says after how long to whom."""
    said = _cell(entry, severity)
    name = find_code(fold(said)) or said
    if not (find_code(fold(said)) or find_level(fold(said))):
        return
    who = _find(names, _WHO)
    columns = [at for at, head in enumerate(names) if LEVEL.match(head)]
    for at in columns:
        text = _cell(entry, at)
        match = LEVEL.match(names[at])
        if match and _delay(text) is not None:
            yield EscalationStep(
                line=entry.line, last=entry.last, level=int(match["number"]),
                who=re.sub(r"^\W+|\W+$", "", entry.header[at][match.end() :]) or entry.header[at],
                after_minutes=_delay(text), severity=name, confidence=0.8,
                rule="severity by delay",
            )  # fmt: skip
    if not columns and after is not None and who is not None:
        delay = _delay(_cell(entry, after))
        if delay is not None and _cell(entry, who):
            yield EscalationStep(
                line=entry.line, last=entry.last, level=1, who=_cell(entry, who),
                after_minutes=delay, severity=name, confidence=0.7, rule="severity by delay",
            )  # fmt: skip
