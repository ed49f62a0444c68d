"""Single items that say their own cadence outside of any list for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from runbooks.domain.context import item_topics, topics_around
from runbooks.domain.inline import fold, fold_all
from runbooks.domain.item_text import is_live
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_task_tables import has_frequency, read_task_row
from runbooks.domain.scopes import Scope, read_item_cadence, starts_with_work
from runbooks.domain.when import When, read_when, settle
from runbooks.domain.words.cadences import NO_LIST, WORK_NOUNS
from runbooks.domain.words.topics import Topic

# Facts stand here, or things that happen once: never work of its own cadence.
_DENY: Final = frozenset(
    {
        Topic.AUTOMATED, Topic.CONTENTS, Topic.TEMPLATE, Topic.EXAMPLE, Topic.RETENTION,
        Topic.CONTACTS, Topic.ESCALATION, Topic.SEVERITIES, Topic.DASHBOARD, Topic.SLO,
        Topic.SUMMARY, Topic.CHANGES, Topic.SYMPTOMS, Topic.TROUBLE, Topic.EVENTUAL,
        Topic.COMMUNICATION, Topic.BUDGET, Topic.RECOVERY, Topic.SCALING,
    }
)  # fmt: skip
# A column "Frequency" makes rows work, except in tables of these.
_FACTS: Final = frozenset(
    {
        Topic.AUTOMATED, Topic.TEMPLATE, Topic.EXAMPLE, Topic.RETENTION, Topic.CHANGES,
        Topic.COMMUNICATION, Topic.ESCALATION, Topic.SEVERITIES, Topic.ALERTS,
    }
)  # fmt: skip
_FACT_COLUMN: Final = re.compile(
    r"retention|backup|snapshot|audience|recipient|storage|location|metric|threshold|severity|保留|хранени"
)
_FACT: Final = re.compile(
    r"\bautomat(?:ed|ic|ically)\b|\bsnapshots?\b|\bbackups? (?:are|is|to|at|run|taken)|\bincremental\b|\bfull backups?\b"
    r"|\bcron\b|\bretained\b|\bkept\b|自动|автоматич"
)
_TAIL: Final = re.compile(
    r"[(（\[]([^()（）\[\]]{3,40})[)）\]]\s*[.:]?$|\s[-–—]\s([^-–—]{4,30})$"
)


class Inline(NamedTuple):
    """An item with its own cadence."""

    entry: Entry
    when: When
    rule: str
    confidence: float


def find_inline(outline: Outline, scopes: Mapping[Section, Scope]) -> Iterator[Inline]:
    """Yield items outside of lists that say themselves how often they are due."""
    for entry in outline.entries:
        if entry.kind is EntryKind.ROW and entry.section not in scopes:
            yield from _read_row(entry)
        elif entry.kind is EntryKind.ITEM:
            found = _read_entry(entry, is_in_list=entry.section in scopes)
            if found and is_live(entry):
                yield found


def _read_row(entry: Entry) -> Iterator[Inline]:
    topics = entry.section.topics
    if topics & _FACTS or not (has_frequency(entry) or Topic.MAINTENANCE in topics):
        return
    if any(_FACT_COLUMN.search(name) for name in fold_all(entry.header)):
        return
    cell = read_task_row(entry, None, asks=False)
    if cell is not None and not _FACT.search(fold(cell.text)):
        entry.text = cell.text
        yield Inline(entry, cell.when, "frequency column", 0.9)


def _read_entry(entry: Entry, *, is_in_list: bool) -> Inline | None:
    topics = _topics(entry)
    if topics & _DENY:
        return None
    is_home = entry.task is not None or Topic.MAINTENANCE in topics or is_in_list
    found = _read_labelled(entry, is_home=is_home)
    if not (found or is_in_list):
        found = _read_tail(entry, is_home=is_home)
        found = found or _read_start(entry, is_home=is_home)
    return None if found and _FACT.search(entry.folded) else found


def _topics(entry: Entry) -> frozenset[Topic]:
    own = entry.section.topics | item_topics(entry)
    if Topic.MAINTENANCE in own:
        return own  # "Recovery testing" is work also below "Disaster recovery"
    return topics_around(entry.section, below_level=1) | own


def _read_labelled(entry: Entry, *, is_home: bool) -> Inline | None:
    own = read_item_cadence(entry)
    if own is not None:
        has_below = any(each.kind is EntryKind.ITEM for each in entry.children)
        value = fold(entry.label.value) if entry.label else ""
        if value and not has_below and (is_home or starts_with_work(value)):
            return Inline(entry, own, "label of the item", 0.9)
        return None
    around = _label_around(entry)
    outer = read_item_cadence(around) if around else None
    if (
        around is None
        or outer is None
        or (around.label is not None and around.label.value)
    ):
        return None
    if is_home or starts_with_work(entry.folded) or _is_among_cadences(around):
        return Inline(entry, outer, "label of the item around", 0.9)
    return None


def _is_among_cadences(around: Entry) -> bool:
    """Whether most bullets beside one say how often: ``daily``, ``each quarter``."""
    beside = [
        each
        for each in around.section.entries
        if each.kind is EntryKind.ITEM and each.parent is around.parent
    ]
    said = sum(read_item_cadence(each) is not None for each in beside)
    return said > 1 and said * 2 > len(beside)


def _label_around(entry: Entry) -> Entry | None:
    """The item around that may say the cadence; of a box also further out."""
    around = entry.parent
    if entry.task is not None:
        while around is not None and _is_group(around):
            around = around.parent
        return around
    if any(each.task is not None for each in entry.children):
        return None  # a group of boxes, not one of the items
    is_next = around is not None and entry.depth == around.depth + 1
    return around if is_next else None


def _is_group(entry: Entry) -> bool:
    """``- Numbers`` with boxes below, inside of ``- Every morning``."""
    return entry.task is None and read_item_cadence(entry) is None


def _read_tail(entry: Entry, *, is_home: bool) -> Inline | None:
    match = _TAIL.search(entry.folded)
    if not match or not (is_home or starts_with_work(entry.folded)):
        return None
    when = read_when(match[1] or match[2])
    if when is None or not when.cadence or len(when.rest.split()) > 1:
        return None
    return Inline(entry, settle(when), "words in parentheses", 0.8)


def _read_start(entry: Entry, *, is_home: bool) -> Inline | None:
    """Quarterly DR drills."""
    words = entry.folded.split(" ", 1)
    if len(words) < 2 or entry.parent is not None or entry.label is not None:
        return None
    when = read_when(words[0])
    if (
        when is None
        or not when.cadence
        or when.is_implied
        or NO_LIST.search(entry.folded)
    ):
        return None
    if not WORK_NOUNS.search(words[1]) or not is_home:
        return None
    return Inline(entry, settle(when), "first word of the item", 0.6)
