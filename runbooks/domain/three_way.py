"""What a runbook said then, says now, and what the portal holds: who changed what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from runbooks.domain.entries import Entry

Value = Mapping[str, Any]
# How alike two texts are, 0 to 1, that are one item in other words.
ALIKE: Final = 0.7
# A list that is written anew is no list of reworded items; comparing all is slow.
MOST_COMPARED: Final = 60


class Status(StrEnum):
    """How an entry stands before it is applied."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    EDITED = "edited"
    BOTH = "both"
    GONE = "gone"
    REJECTED = "rejected"
    EXISTS = "exists"


# What nobody needs to ask for twice; everything else waits for a person's tick.
READY = frozenset({Status.NEW, Status.CHANGED})


def compare(
    *,
    then: Value | None,
    now: Value | None,
    applied: Value | None,
    there: Value | None,
    is_rejected: bool = False,
    is_corrected: bool = False,
) -> Status:
    """Judge one key.

    ``then`` and ``now`` are what the runbook said at the last apply and says now,
    ``applied`` what the portal held right after, ``there`` what it holds. None
    stands for nothing. A rejection counts as long as the runbook says the same.
    A correction of then (``is_corrected``) is an edit as any other.
    """
    if then is None:
        return _compare_unknown(now, there)
    if now is None:
        return Status.GONE
    if is_rejected:
        return Status.REJECTED if now == then else Status.NEW
    is_edited = is_corrected or there != applied
    if now == then:
        return Status.EDITED if is_edited else Status.SAME
    return Status.BOTH if is_edited and there != now else Status.CHANGED


def _compare_unknown(now: Value | None, there: Value | None) -> Status:
    """Judge what was never applied; the portal may hold it by another way."""
    if there is None:
        return Status.NEW
    return Status.SAME if there == now else Status.EXISTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One finding of the last apply, with what the runbook said then."""

    key: str
    kind: str
    parent: str
    source: Value


def adopt_keys(entries: Sequence[Entry], known: Iterable[Known]) -> list[Entry]:
    """Give what was only moved or reworded the key that it was applied under.

    A list is the same under its title when it moves to another day, an item when its
    words in that list are alike; so their history and people's edits stay.
    """
    gone = {each.key: each for each in known}
    fresh = {each.key for each in entries} - set(gone)
    for each in entries:
        gone.pop(each.key, None)
    adopted: dict[str, str] = {}
    result = []
    for each in entries:
        entry = replace(each, parent=adopted.get(each.parent, each.parent))
        found = _find_old(entry, gone.values()) if entry.key in fresh else None
        if found is not None:
            adopted[entry.key] = found.key
            entry = replace(entry, key=found.key)
            del gone[found.key]
        result.append(entry)
    return result


def _find_old(entry: Entry, gone: Iterable[Known]) -> Known | None:
    if entry.kind == "checklist":
        title = entry.value["title"]
        lists = (each for each in gone if each.kind == "checklist")
        return next((each for each in lists if each.source["title"] == title), None)
    if entry.kind != "item":
        return None
    text = str(entry.value["text"]).casefold()
    items = (each for each in gone if each.kind == "item")
    near = (each for each in items if each.parent == entry.parent)
    siblings = [
        (_likeness(text, str(each.source["text"]).casefold()), each)
        for each in islice(near, MOST_COMPARED)
    ]
    best = max(siblings, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= ALIKE else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
