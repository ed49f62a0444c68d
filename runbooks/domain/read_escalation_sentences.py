"""Ladders told in sentences: ``After 10 minutes the backup engineer is paged.``"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from runbooks.domain.escalation_parts import read_delay
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry, EntryKind
from runbooks.domain.words.escalation import CALLS, NAMES_WHO, PEOPLE, TELLS, TOLD

_SENTENCE: Final = re.compile(r"(?<=[.!;])\s+(?=[A-Z])")
_ARTICLE: Final = re.compile(
    r"(?:^|.*[\s,](?<!\bof\s))(?:the|our|your|an?)\s", re.IGNORECASE
)
_CLAUSE: Final = re.compile(r".*,\s*(?:then\s+)?")
# Such as "Still open after 2 h: head of data."
_AFTER: Final = re.compile(
    r"(?P<when>[^:]*\d ?(?:min|m|h|hour)[^:]*):\s*(?:the )?(?P<who>[\w' -]+)\.?$"
)
_MAX_WORDS: Final = 6


def read_sentences(entries: Sequence[Entry]) -> Iterator[EscalationStep]:
    """Yield a step for each sentence that says who is told; one alone is no ladder."""
    steps = [
        step
        for entry in entries
        if entry.kind is EntryKind.LINE
        for sentence in _SENTENCE.split(entry.text)
        for step in _read_sentence(entry, sentence)
    ]
    if len(steps) > 1:
        for level, step in enumerate(steps, 1):
            yield step if step.level else replace(step, level=level)


def read_named_levels(entries: Sequence[Entry]) -> list[EscalationStep]:
    """``Level 1 is the NOC. Level 2 is ...``, below whatever title, from 1 on."""
    lines = (each for each in entries if each.kind is EntryKind.LINE)
    if not any(_COUNTED.search(each.folded) for each in lines):
        return []
    steps = [step for step in read_sentences(entries) if step.rule == _NAMED]
    return steps if [each.level for each in steps] == _count(steps) else []


_NAMED: Final = "level in a sentence"
_COUNTED: Final = re.compile(r"(?:level|tier|l) ?\d")


def _count(steps: Sequence[EscalationStep]) -> list[int]:
    return list(range(1, len(steps) + 1))


def _read_sentence(entry: Entry, sentence: str) -> Iterator[EscalationStep]:
    after = _AFTER.match(sentence)
    if after:
        sentence = f"{after['when']}, call {after['who']}."
    named = NAMES_WHO.match(sentence)
    told = None if named else TOLD.search(sentence)
    tells = None if named or told else TELLS.search(sentence) or CALLS.search(sentence)
    if named:
        who = named["who"]
    elif told:
        who = _last_named(sentence[: told.start()])
    else:
        who = tells["who"] if tells else ""
    who = who.strip(" ,")
    is_person = bool(PEOPLE.search(fold(who))) or named is not None
    if not who or not is_person or len(who.split()) > _MAX_WORDS:
        return
    delay, condition = read_delay(sentence)
    yield EscalationStep(
        line=entry.line, last=entry.last, level=int(named["number"]) if named else 0,
        who=who, after_minutes=delay, condition=condition if not named else "",
        confidence=0.75, rule=_NAMED if named else "who is told in a sentence",
    )  # fmt: skip


def _last_named(before: str) -> str:
    """Who stands right before "is paged": behind the last article, else the comma."""
    article = _ARTICLE.match(before)
    return before[article.end() :] if article else _CLAUSE.sub("", before)
