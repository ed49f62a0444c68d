"""The words of an item, and what looks like one but is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from runbooks.domain.inline import find_links, fold, strip_marks
from runbooks.domain.outline import Entry, EntryKind
from runbooks.domain.scopes import read_item_cadence

if TYPE_CHECKING:
    from runbooks.domain.read_checklists import Found

_FILL_IN: Final = re.compile(r"_{3,}|\.{5,}|…{2,}|[☐□].*[☐□]|\[\s*\]\s*\S+.*\[\s*\]")
_FILLED_BY: Final = re.compile("__|\\.\\.|……|[☐□\\[]")
_EVENT: Final = re.compile(r"^`?(?:[\w.]+:)?[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*){1,}`?$")
_CODE_ONLY: Final = re.compile(r"^`[^`\s]+`$")
_META: Final = re.compile(
    r"^(?:owner|owners|responsible|assigned to|assignee|duration|estimated (?:time|duration)"
    r"|time required|est\.? time|effort|output|outputs|purpose|goal|objective|why|note|notes|tip"
    r"|warning|caution|important|expected|expected (?:result|output|value)s?|frequency|cadence|schedule|schedule[ds]?"
    r"|when|prerequisites?|tools?|escalate|escalation|contact|channel|last (?:run|updated|reviewed)"
    r"|version|status|date|signed|completed by|performed by|checked by|reviewer|approved by|name|signature"
    r"|time|participants|attendees|deliverables?|sla|runbook|dashboards?|links?|see also|reference|references"
    r"|ответственный|длительность|примечание|负责人|备注|说明|注意|时间|频率)$"
)
_MARK: Final = re.compile(
    r"^(?:[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*)+"
)
_REPEAT: Final = re.compile(r"^\s*(?:[-*+]\s*)?[✓✔]")
_WORD: Final = re.compile(r"\w+")
_ENOUGH: Final = 0.5
_MANY: Final = 500


def clean_item(entry: Entry) -> str:
    """The words of an item without its cadence label and its decoration."""
    text = entry.text
    if entry.label is not None and entry.label.value and read_item_cadence(entry):
        text = strip_marks(entry.label.value)
        text = text.strip(" -–—")
    return _MARK.sub("", text).strip().rstrip(":：").strip() or entry.text


def is_live(entry: Entry) -> bool:
    """Whether an entry can be work at all: no form field, no link of a contents list."""
    if entry.kind is EntryKind.CODE or entry.kind is EntryKind.LINE:
        return False
    if entry.quoted and entry.task is None:
        return False
    if not entry.text or _is_blank(entry.raw):
        return False
    if entry.kind is EntryKind.ROW:
        return True
    return not (_is_name(entry) or _is_meta(entry) or _is_contents(entry))


def _is_blank(raw: str) -> bool:
    """Whether a line is there to be filled in: ``Checked by ____``."""
    return bool(_FILLED_BY.search(raw)) and bool(_FILL_IN.search(raw))


def _is_name(entry: Entry) -> bool:
    """The name of an event or a file, alone: `DeleteBucket`."""
    is_name = _EVENT.match(entry.text) or _CODE_ONLY.match(entry.text)
    return entry.task is None and bool(is_name)


def _is_meta(entry: Entry) -> bool:
    """``- **Owner**: SRE`` says something about the list."""
    if entry.label is None:
        return False
    is_meta = bool(_META.match(fold(entry.label.name)))
    return is_meta and (entry.task is None or not entry.label.value)


def _is_contents(entry: Entry) -> bool:
    links = find_links(entry.raw)
    return (
        entry.task is None
        and bool(links)
        and all(address.startswith("#") for _, address in links)
        and entry.text == links[0][0]
    )


def drop_repeats(found: Sequence[Found]) -> list[Found]:
    """Leave a summary away that says with ticks what was listed before it."""
    kept: list[Found] = []
    known: list[set[str]] = []
    for each in found:
        words = set(_WORD.findall(each.item.text.lower()))
        if each.is_ticked and any(_is_alike(words, old) for old in known[:_MANY]):
            continue
        kept.append(each)
        known.append(words)
    return kept


def _is_alike(words: set[str], old: set[str]) -> bool:
    return len(words & old) >= _ENOUGH * max(1, min(len(words), len(old)))


def is_ticked_summary(raw: str) -> bool:
    """Whether a line begins with a tick that says "done"."""
    return bool(_REPEAT.match(raw))
