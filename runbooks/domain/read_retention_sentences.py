"""How long things are kept, told in flowing sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from runbooks.domain.bounds import find_bounds
from runbooks.domain.context import topics_around
from runbooks.domain.findings import Retention
from runbooks.domain.outline import Entry, EntryKind
from runbooks.domain.words.retention import (
    AGAIN,
    AND,
    ARTICLE,
    BEFORE,
    BEHIND,
    DATA,
    DROPPED,
    DROPS,
    ELIDED,
    EVERY,
    HELD,
    IS_DROPPED,
    KEEPS,
    LAST_VERBS,
    LENGTH,
    NOT_SAID,
    OF,
    OLDER,
    OTHER_STEMS,
    PERHAPS,
    THEY,
    UNIT_STEMS,
    VERB_LAST,
    WORDY,
    count,
)
from runbooks.domain.words.topics import Topic
from runbooks.domain.words.units import DAYS

_SENTENCE: Final = re.compile(r"(?:[^.!?。！？]|[.!?](?=\w))+[.!?。！？]*")
_ELSEWHERE: Final = frozenset({Topic.TEMPLATE, Topic.EXAMPLE, Topic.CHANGES})
_NO_WORDS: Final = frozenset({EntryKind.CODE, EntryKind.ROW})
_WORK: Final = frozenset({Topic.TROUBLE, Topic.PROCEDURE, Topic.STEPS, Topic.EVENTUAL})
_DO: Final = re.compile(r"(?:please )?keep\s")
_AND_LAST: Final = re.compile(r"[\s,;]*(?:\b(?:and|und))?\s*$")
# Nobody writes a paragraph or a sentence as long by hand; what is, is not read.
_MOST_LINES: Final = 40
_LONGEST: Final = 800
# So far back "they" looks for whom it stands.
_BACK: Final = 300
_MOST_WORDS: Final = 8
_FEW_WORDS: Final = 2
# The forms in which a length is said of something.
_IS_KEPT, _IS_GONE, _IS_OF = "kept", "thrown away", "so much of it"
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, by where its words stand in a text, and its length stands ``at``."""

    start: int
    end: int
    days: float
    at: int


def read_sentences(
    entries: Sequence[Entry], skipped: Collection[int]
) -> Iterator[Retention]:
    """Yield what paragraphs and items say, but those of the lines that are ``skipped``.

    Below a title about retention whatever is kept counts; elsewhere only what is data.
    """
    for lines in _group(entries):
        folded = " ".join(each.folded for each in lines)
        if _may_tell(folded) and lines[0].line not in skipped:
            yield from _read_lines(lines, folded)


def _group(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The lines of a paragraph together, since sentences go on in the next line."""
    group: list[Entry] = []
    for entry in entries:
        if entry.kind in _NO_WORDS:
            continue
        is_whole = len(group) == _MOST_LINES
        if group and (is_whole or not _goes_on(group[-1], entry)):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _goes_on(before: Entry, entry: Entry) -> bool:
    is_next = entry.kind is EntryKind.LINE and entry.line == before.last + 1
    is_next = is_next and before.kind is EntryKind.LINE
    return is_next and entry.section is before.section


def _may_tell(folded: str) -> bool:
    """A first look, for most lines say nothing of the kind."""
    is_long = any(stem in folded for stem in UNIT_STEMS)
    if not is_long and not folded.isascii():
        is_long = any(stem in folded for stem in OTHER_STEMS)
    return is_long and PERHAPS.search(folded) is not None


def _read_lines(entries: Sequence[Entry], folded: str) -> Iterator[Retention]:
    around = topics_around(entries[0].section, below_level=1)
    if around & _ELSEWHERE or (_DO.match(folded) and _is_work(entries[0], around)):
        return
    text = " ".join(each.text for each in entries)
    # Folding may have shortened the text; then its small letters have to do.
    shown = text if len(text) == len(folded) else folded
    for kept in find_kept(folded, is_home=Topic.RETENTION in around):
        entry = _entry_at(entries, kept.at)
        yield Retention(
            line=entry.line, last=entry.last, what=shown[kept.start : kept.end],
            days=kept.days, confidence=0.75, rule="kept, told in a sentence",
        )  # fmt: skip


def _is_work(entry: Entry, around: frozenset[Topic]) -> bool:
    """``3. Keep the dump for 7 days`` is done once, in a procedure."""
    is_numbered = entry.marker[:1].isdigit()
    return is_numbered or (entry.kind is EntryKind.ITEM and bool(around & _WORK))


def _entry_at(entries: Sequence[Entry], at: int) -> Entry:
    """The line in which a place of their joined words stands."""
    ends = accumulate(len(each.folded) + 1 for each in entries)
    return next(each for each, end in zip(entries, ends, strict=True) if at < end)


def find_kept(folded: str, *, is_home: bool = False) -> Iterator[Kept]:
    """Yield what folded text says is kept, in order."""
    for sentence in _SENTENCE.finditer(folded):
        if len(sentence[0]) <= _LONGEST and not sentence[0].endswith("?"):
            yield from _read_sentence(folded, sentence.span(), is_home=is_home)


def _read_sentence(text: str, whole: _Span, *, is_home: bool) -> Iterator[Kept]:
    form, done = "", whole[0]
    for length in LENGTH.finditer(text, *whole):
        days = _count_days(length)
        span = (0, 0)
        if not NOT_SAID.search(text, whole[0], length.start()):
            form, span = _find_what(text, done, length, whole[1], form)
            span = _trim(text, span)
        is_long = days >= 1 or form == _IS_KEPT
        if form and days and is_long and _is_kept(text, span, form, is_home=is_home):
            yield Kept(*span, days, length.start())
        else:
            form = ""
        done = max(length.end(), span[1])


def _count_days(length: re.Match[str]) -> float:
    """The days of a length, 0 where nobody keeps anything for its unit."""
    bound = next(iter(find_bounds(f"1 {length['unit']}")), None)
    days = count(length["number"]) * DAYS.get(bound.unit, 0.0) if bound else 0.0
    return int(days) if days.is_integer() else days


def _find_what(
    text: str, done: int, length: re.Match[str], end: int, form: str
) -> tuple[str, _Span]:
    """In which form a length is said, and where the name of what it is said of stands.

    ``done`` is where the length before ended, which was said in ``form``.
    """
    head, tail = text[done : length.start()], text[length.end() : end]
    if EVERY.search(head):
        return "", (0, 0)
    is_of = KEEPS.search(head) or (form == _IS_OF and AND.fullmatch(head))
    named = OF.match(_before_next(tail)) if is_of else None
    if named:
        return _IS_OF, _shift(named, length.end())
    for kind, match in _look_before(head, tail, form):
        if match:
            return kind, _shift(match, done)
    return "", (0, 0)


def _before_next(tail: str) -> str:
    """What is said behind a length, up to the next one."""
    following = LENGTH.search(tail)
    upto = tail[: following.start()] if following else tail
    return _AND_LAST.sub("", upto)


def _shift(match: re.Match[str], by: int) -> _Span:
    start, end = match.span("what")
    return start + by, end + by


def _look_before(
    head: str, tail: str, form: str
) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The forms whose name stands before the length, those that say most first."""
    yield from ((_IS_KEPT, pattern.search(head)) for pattern in BEFORE)
    yield _IS_GONE, DROPPED.search(head)
    yield _IS_GONE, DROPS.search(head)
    yield _IS_GONE, OLDER.search(head) if IS_DROPPED.match(tail) else None
    if LAST_VERBS.search(tail) or LAST_VERBS.search(head):
        yield _IS_KEPT, VERB_LAST.search(head)
    if form:
        yield form, AGAIN.match(head)


def _trim(text: str, span: _Span) -> _Span:
    """The name alone: behind verbs and articles, or whom "they" stands for."""
    start, end = span
    if ELIDED.search(text[start:end]):
        names = list(_find_names(text, start, end))
        end = names[0][1] if names else start
    for match in WORDY.finditer(text, start, end):
        start = match.end()
    while start < end and text[start] in " ,;":
        start += 1
    article = ARTICLE.match(text[start:end])
    start += article.end() if article else 0
    if THEY.fullmatch(text[span[0] : end].strip()):
        names = list(_find_names(text, max(0, span[0] - _BACK), span[0]))
        return names[-1] if names else (0, 0)
    return start, max(start, end)


def _find_names(text: str, start: int, end: int) -> Iterator[_Span]:
    for match in DATA.finditer(text, start, end):
        if BEHIND.match(text, match.end()) or WORDY.match(text, match.end() + 1):
            yield match.span()


def _is_kept(text: str, span: _Span, form: str, *, is_home: bool) -> bool:
    """Whether a name is one of something that is kept for a time."""
    name = text[slice(*span)].strip()
    words = len(name.split())
    if not name or words > _MOST_WORDS:
        return False
    if is_home or any(BEHIND.match(name, each.end()) for each in DATA.finditer(name)):
        return True
    held = form == _IS_KEPT and HELD.search(name)
    return bool(held) or (form == _IS_OF and words <= _FEW_WORDS)
