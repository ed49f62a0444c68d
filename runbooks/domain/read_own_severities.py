"""Severities in words of a team's own: "Nobody can pay" answered in 5 min, and so on.

No word says that such a name is one of how bad things are; that several stand together,
each with a time to answer, the more urgent the further up, does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runbooks.domain.contact_ways import find_way
from runbooks.domain.context import topics_around
from runbooks.domain.findings import Severity
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_severity_tables import (
    find_response_column,
    is_of_metrics,
    read_answer,
)
from runbooks.domain.severity_answers import find_response, read_inline_response
from runbooks.domain.severity_names import TRACKED, read_name
from runbooks.domain.severity_words import find_code, find_level
from runbooks.domain.words.escalation import PEOPLE
from runbooks.domain.words.severities import (
    NO_DEADLINE,
    NO_SEVERITY,
    SEVERITY_COLUMN,
)
from runbooks.domain.words.topics import Topic

_MOST_WORDS: Final = 4
_MOST_LETTERS: Final = 40
_FEWEST: Final = 2
_WORST, _MILDEST = 1, 5
# Sev A, Class B: the letter is the name.
_CLASS: Final = re.compile(
    r"(?:sev(?:erity)?|class|category|klasse|priority|prio)[ -](?P<letter>[a-e])",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_SHUT: Final = frozenset(
    {Topic.TEMPLATE, Topic.CONTENTS, Topic.EXAMPLE, Topic.ESCALATION, Topic.CHANGES}
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A name with its lines and its answer: minutes, or words that say none."""

    name: str
    line: int
    last: int
    minutes: float | None
    text: str


def read_own(
    outline: Outline, ladder: Collection[int], known: Collection[int]
) -> Iterator[Severity]:
    """Yield the severities that stand together in a table, a list, or as titles.

    Lines of the ``ladder`` say who is told; those ``known`` have one by its name.
    """
    groups = [_read_rows(rows) for rows in _tables(outline, ladder)]
    for section in outline.sections:
        if Topic.SEVERITIES in section.topics and not _is_shut(section):
            groups += [_read_items(section), _read_titles(section)]
    for words in groups:
        yield from (each for each in _settle(words) if each.line not in known)


def _is_shut(section: Section) -> bool:
    is_one = read_name(section.title) is not None
    return is_one or bool(topics_around(section, below_level=1) & _SHUT)


def _tables(outline: Outline, ladder: Collection[int]) -> Iterator[list[Entry]]:
    tables: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in outline.entries:
        if entry.kind is EntryKind.ROW and entry.line not in ladder:
            tables[id(entry.section), *entry.header].append(entry)
    yield from tables.values()


def _read_rows(rows: Sequence[Entry]) -> list[_Word]:
    names = fold_all(rows[0].header)
    column = _find_column(rows[0], names)
    answer = find_response_column(names, column) if column is not None else None
    if column is None or answer is None or is_of_metrics(names):
        return []
    found = []
    for entry in rows:
        minutes, text = read_answer(entry, answer)
        name = strip_marks("".join(entry.cells[column : column + 1]))
        found.append(_Word(name, entry.line, entry.last, minutes, text))
    return found


def _find_column(entry: Entry, names: tuple[str, ...]) -> int | None:
    named = next(
        (at for at, name in enumerate(names) if SEVERITY_COLUMN.search(name)), None
    )
    if named is None and Topic.SEVERITIES in entry.section.topics:
        return 0
    return named


def _read_items(section: Section) -> list[_Word]:
    """``- **Nobody can pay**: all cards fail. Answer in 5 min``."""
    found = []
    for entry in section.entries:
        if entry.kind is not EntryKind.ITEM or entry.parent is not None:
            continue
        label = entry.label
        if label is None:
            return []
        minutes, text = find_response(entry.children)
        if minutes is None and not text:
            value = strip_marks(label.value)
            minutes, text = read_inline_response(value, section.topics)
        found.append(_Word(label.name, entry.line, entry.last, minutes, text))
    return found


def _read_titles(section: Section) -> list[_Word]:
    """``### Nobody can pay`` with "Answer: 5 min" below."""
    found = []
    for child in section.children:
        minutes, text = find_response(list(child.entries_below()))
        found.append(_Word(child.title, child.line, child.line, minutes, text))
    return found


def _settle(words: Sequence[_Word]) -> Iterator[Severity]:
    """The words as severities, the one that is answered first the worst."""
    if len(words) < _FEWEST or not all(map(_is_word, words)):
        return
    if len({fold(each.name) for each in words}) < len(words):
        return
    waits = [float("inf") if each.minutes is None else each.minutes for each in words]
    is_rising = waits == sorted(waits)
    if len(set(waits)) < _FEWEST or not (is_rising or waits[::-1] == sorted(waits)):
        return
    levels = _rank(words if is_rising else words[::-1])
    for each in words:
        name, others = _name(each.name)
        yield Severity(
            line=each.line, last=each.last, name=name, aliases=others, level=levels[each.name],
            response_minutes=each.minutes, response_text=each.text, confidence=0.75,
            rule="words of their own",
        )  # fmt: skip


def _name(name: str) -> tuple[str, tuple[str, ...]]:
    """What a severity is called, without the scope of a label, and its letter alone."""
    letter = _CLASS.fullmatch(name)
    tracked = TRACKED.fullmatch(name)
    others = (letter["letter"].upper(),) if letter else ()
    return tracked["value"] if tracked else name, others


def _rank(words: Sequence[_Word]) -> dict[str, int]:
    """The levels of the words: those that they say, or else their order."""
    said = [find_level(fold(each.name)) for each in words]
    known = [level for level in said if level is not None]
    if len(known) < len(words) or known != sorted(set(known)):
        known = [min(at, _MILDEST) for at in range(_WORST, len(words) + 1)]
    return {each.name: level for each, level in zip(words, known, strict=True)}


def _is_word(word: _Word) -> bool:
    """Whether a name with its answer can be one of how bad something is."""
    folded = fold(word.name)
    is_late = word.minutes is None and bool(NO_DEADLINE.search(fold(word.text)))
    # A time below a minute is one of machines.
    is_answered = is_late or word.minutes == 0 or (word.minutes or 0) >= 1
    is_short = len(folded.split()) <= _MOST_WORDS and len(folded) <= _MOST_LETTERS
    is_other = (
        NO_SEVERITY.search(folded) or PEOPLE.search(folded) or find_way(word.name)
    )
    is_named = bool(_LETTER.search(folded)) and find_code(folded) is None
    return is_answered and is_short and is_named and not is_other
