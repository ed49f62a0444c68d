"""Ladders without levels: people in a row of arrows, or one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runbooks.domain.escalation_parts import (
    ESCALATE_TO,
    name_who,
    read_delay,
    split_who,
)
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import Label, fold, strip_marks
from runbooks.domain.outline import Entry, EntryKind
from runbooks.domain.severity_words import read_minutes
from runbooks.domain.words.escalation import FIRST, LEVEL, ORDER, PEOPLE

CLAUSE: Final = re.compile(r"\s*(?:→|->|=>)\s*")
_ARROW: Final = re.compile("→|->|=>")
_HAND: Final = re.compile(r"\s#|\s(?:in|at|via|on)\s")
_ONLY: Final = re.compile(r"\b(?:p|sev-?)\d\b.*\bonly\b|\bor\b.*")


def read_chain(entry: Entry) -> Iterator[EscalationStep]:
    """``On-call → (15 min, no ack) → Team lead → Director (after 1 hour)``."""
    if entry.kind is EntryKind.CODE or entry.kind is EntryKind.ROW:
        return
    if not _ARROW.search(entry.text):
        return
    label = entry.label
    text = strip_marks(label.value) if label and label.value else entry.text
    if not CLAUSE.search(text) or ESCALATE_TO.search(text) or LEVEL.match(entry.folded):
        return
    links = _read_links(CLAUSE.split(text))
    people = sum(bool(PEOPLE.search(fold(who))) for who, _, _ in links)
    if people < 2 or people < len(links) - 1:
        return  # "me" and the like may stand first
    for level, (who, rest, minutes) in enumerate(links, 1):
        delay, condition = read_delay(rest)
        yield EscalationStep(
            line=entry.line, last=entry.last, level=level, who=name_who(who),
            after_minutes=delay if minutes is None else minutes,
            condition=condition, confidence=0.75, rule="chain of people",
        )  # fmt: skip


def _read_links(parts: Sequence[str]) -> list[tuple[str, str, float | None]]:
    """Who, what is said of when, and the minutes that stand between two arrows."""
    links = []
    before: float | None = None
    for part in parts:
        minutes = None if PEOPLE.search(fold(part)) else read_minutes(fold(part))
        if minutes is None:
            who, rest = split_who(part)
            links.append((who, rest.strip(" ()"), before))
        before = minutes
    return links


def is_turn(entry: Entry) -> bool:
    """Whether an item says whose turn it is: ``After 20 minutes: search lead``."""
    label = entry.label
    return label is not None and bool(label.value and ORDER.match(fold(label.name)))


def _is_after(entry: Entry) -> bool:
    return entry.folded.startswith("after ")


def read_turns(items: Sequence[Entry]) -> Iterator[EscalationStep]:
    """``First: the on-call``, ``After 20 minutes without ack: search lead``."""
    if len(items) < 2 or not all(map(is_turn, items)):
        return
    if not (FIRST.match(items[0].folded) or all(map(_is_after, items))):
        return
    for level, entry in enumerate(items, 1):
        label = entry.label or Label("", "", is_bold=False)
        delay, condition = read_delay(f"{label.name} {label.aside}")
        if delay is None:
            delay, condition = read_delay(split_who(label.value)[1])
        only = _ONLY.search(fold(label.name))
        yield EscalationStep(
            line=entry.line, last=entry.last, level=level, who=read_turn(label.value),
            after_minutes=delay, confidence=0.75, rule="people in turn",
            condition=only[0].strip(" ,)") if only else condition,
        )  # fmt: skip


def read_turn(value: str) -> str:
    """Who is meant in ``the search lead, Slack @search-lead``."""
    who = _HAND.split(split_who(strip_marks(value))[0], maxsplit=1)[0]
    return re.sub(r"^(?:the|our|your) ", "", who.strip(" `*"), flags=re.IGNORECASE)
