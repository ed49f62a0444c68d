"""Escalation in tables: a level a row, or severities by delay."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from runbooks.domain.contact_ways import find_way
from runbooks.domain.context import topics_around
from runbooks.domain.escalation_parts import read_length
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline
from runbooks.domain.severity_words import find_code, find_level, read_minutes
from runbooks.domain.words.escalation import LEVEL, NOBODY, PEOPLE
from runbooks.domain.words.ladder_tables import (
    AFTER_COLUMN,
    HOW_COLUMN,
    LEVEL_COLUMN,
    ONWARD_COLUMN,
    OR_IF,
    RECURS,
    SINCE,
    WAIT_COLUMN,
    WHO_COLUMN,
    WORK_COLUMN,
)
from runbooks.domain.words.topics import Topic

# Rows of so many people in the order of their times are a ladder.
_LADDER: Final = 2
_OF_OTHERS: Final = frozenset(
    {
        Topic.TEMPLATE, Topic.CHANGES, Topic.EXAMPLE, Topic.COMMUNICATION, Topic.CONTENTS,
        Topic.METRICS, Topic.TROUBLE,
    }
)  # fmt: skip
_CLASS: Final = re.compile(r"^(?:class|category) ([a-e])$")
_SEVERITY: Final = re.compile(
    r"^(?:severity|priority|sev|级别|严重|критичность|приоритет)\b"
)


def read_tables(outline: Outline) -> Iterator[EscalationStep]:
    """Yield the steps of tables below a title about escalation, or that are ladders."""
    tables: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in outline.entries:
        if entry.kind is EntryKind.ROW:
            tables[id(entry.section), *fold_all(entry.header)].append(entry)
    for (_, *names), rows in tables.items():
        yield from _read_table(rows, tuple(map(str, names)))


def _read_table(
    rows: Sequence[Entry], names: tuple[str, ...]
) -> Iterator[EscalationStep]:
    is_said = _says_ladder(rows, names)
    if not is_said and not _is_of_times(rows, names):
        return
    after = _find(names, AFTER_COLUMN)
    coded = [at for at, name in enumerate(names) if at and _find_class(name)]
    who = _find_who(rows, names)
    severity = _find(names, _SEVERITY)
    is_matrix = severity is not None and _find(names, LEVEL_COLUMN) is None
    steps = []
    for position, entry in enumerate(rows, 1):
        if len(coded) > 1:
            yield from _read_columns(entry, names, coded, position)
        elif severity is not None and is_matrix:
            yield from _read_matrix(entry, names, severity, after)
        elif step := _read_row(entry, names, who, after, position):
            steps.append(step)
    if not is_said:
        steps = list(_in_turn(steps))
    # "Escalate after 15 min" at level 1 is when level 2 is told.
    is_onward = after is not None and bool(ONWARD_COLUMN.search(names[after]))
    is_onward = is_onward and bool(steps) and bool(steps[0].after_minutes)
    yield from map(_hand_on, steps) if is_onward else steps


def _in_turn(steps: Sequence[EscalationStep]) -> Iterator[EscalationStep]:
    """The steps that have a time: whom "network trouble" calls is no rung."""
    timed = [each for each in steps if each.after_minutes is not None]
    is_numbered = len({each.level for each in timed}) == len(steps)
    for level, step in enumerate(timed, 1):
        yield step if is_numbered else replace(step, level=level)


def _says_ladder(rows: Sequence[Entry], names: tuple[str, ...]) -> bool:
    """Whether the titles around or the columns themselves speak of a ladder."""
    around = topics_around(rows[0].section, below_level=1)
    is_named = any("escalate" in name for name in names)
    return Topic.ESCALATION in around or is_named or _is_of_turns(names)


def _is_of_times(rows: Sequence[Entry], names: tuple[str, ...]) -> bool:
    """Who, when and how below whatever title: people, the later the further down."""
    after, who = _find(names, AFTER_COLUMN), _find_who(rows, names)
    is_how = _find(names, HOW_COLUMN) is not None and _find(names, WORK_COLUMN) is None
    is_ordered = is_how or _find(names, LEVEL_COLUMN) is not None
    around = topics_around(rows[0].section, below_level=1)
    if after is None or who is None or not is_ordered or around & _OF_OTHERS:
        return False
    said = [fold(_cell(each, after)) for each in rows]
    told = [time for each in said if (time := _delay(each)) is not None]
    people = sum(bool(PEOPLE.search(fold(_cell(each, who)))) for each in rows)
    is_rising = told == sorted(told) and bool(told) and told[-1] > 0
    is_recurring = any(map(RECURS.search, said))
    is_told = len(told) * 2 > len(rows) and people * 2 > len(rows)
    return len(rows) >= _LADDER and is_rising and is_told and not is_recurring


@lru_cache(maxsize=1024)
def _is_of_turns(names: tuple[str, ...]) -> bool:
    """Whether columns say in which order who is told after how long."""
    waits = _find(names, WAIT_COLUMN)
    is_ordered = waits == 0 or _find(names, LEVEL_COLUMN) is not None
    return waits is not None and is_ordered and _find(names, WHO_COLUMN) is not None


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


def _find_who(rows: Sequence[Entry], names: tuple[str, ...]) -> int | None:
    """The column that names people: not the one that says how they are reached."""
    named = [at for at, name in enumerate(names) if WHO_COLUMN.search(name)]
    for at in named:
        ways = sum(bool(find_way(_cell(each, at))) for each in rows)
        if ways * 2 <= len(rows):
            return at
    return named[0] if named else None


def _read_row(
    entry: Entry,
    names: tuple[str, ...],
    who: int | None,
    after: int | None,
    position: int,
) -> EscalationStep | None:
    at_level = _find(names, LEVEL_COLUMN)
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
        condition=said if delay is None else _find_condition(said),
        confidence=0.9 if delay is not None else 0.6, rule="escalation table",
    )  # fmt: skip


def _find_condition(said: str) -> str:
    """``or any loss of data`` of "2 h, or any loss of data"."""
    match = OR_IF.search(said)
    return match["said"].strip(" .)") if match else ""


def _delay(text: str) -> float | None:
    folded = fold(text)
    since = SINCE.fullmatch(folded)
    if since or folded == "0":
        return int(since["minutes"]) if since else 0
    minutes = read_length(folded)
    minutes = read_minutes(folded) if minutes is None else minutes
    return 0 if minutes is None and NOBODY.search(folded) else minutes


def _find_class(name: str) -> str | None:
    """P1 of "p1 incidents", A of "class a"."""
    match = _CLASS.match(name)
    return match[1].upper() if match else find_code(name)


def _read_columns(
    entry: Entry, names: tuple[str, ...], coded: Sequence[int], position: int
) -> Iterator[EscalationStep]:
    """A row a role, a column a severity: when this role is told of that severity."""
    match = LEVEL.match(fold(_cell(entry, 0)))
    named = _find(names, WHO_COLUMN) if match else 0
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
    who = _find(names, WHO_COLUMN)
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
