"""A checklist that is being written: its text, with a key an item.

The key is that of the item it goes on as when it is published, so that an item keeps
its history under other words and in another place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checklists.domain.checklist_text import (
    ChecklistText,
    TextItem,
    from_json,
    to_json,
)
from checklists.domain.version_diff import match_items

_COPY = " (copy)"
_LONGEST = 250


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One item and what it is known by."""

    key: str
    item: TextItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A checklist with the keys of its items."""

    name: str
    description: str = ""
    items: tuple[DraftItem, ...] = ()

    @property
    def text(self) -> ChecklistText:
        """Return it without the keys: what is exported, compared and published."""
        items = tuple(each.item for each in self.items)
        return ChecklistText(name=self.name, description=self.description, items=items)

    @property
    def keys(self) -> list[str]:
        """Return the keys in the order of the items."""
        return [each.key for each in self.items]

    def place_of(self, key: str) -> int:
        """Return the place of an item, from 0; raises LookupError."""
        places = [place for place, each in enumerate(self.items) if each.key == key]
        if not places:
            raise LookupError(key)
        return places[0]

    def item_of(self, key: str) -> TextItem:
        """Return an item; raises LookupError."""
        return self.items[self.place_of(key)].item


def seal_item(item: TextItem) -> str:
    """Return a short name of all that an item says; equal items have equal ones."""
    said = to_json(ChecklistText(name="", items=(item,)))
    return _seal(said["items"])


def seal_about(draft: Draft) -> str:
    """Return a short name of what the whole is called and what it is for."""
    return _seal([draft.name, draft.description])


def says_still(draft: Draft, *, key: str, seal: str) -> bool:
    """Say whether an item is there and says what it said when it was sealed."""
    return key in draft.keys and seal_item(draft.item_of(key)) == seal


def make_draft(text: ChecklistText, keys: Iterable[str]) -> Draft:
    """Return a text with a key for each of its items."""
    items = tuple(map(DraftItem, keys, text.items))
    return Draft(name=text.name, description=text.description, items=items)


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Return plain values to keep."""
    return {"text": to_json(draft.text), "keys": draft.keys}


def draft_from_json(raw: Mapping[str, Any]) -> Draft:
    """Read what was kept; raises FieldError for a text that is none."""
    return make_draft(from_json(raw["text"]), raw["keys"])


def rewrite(draft: Draft, text: ChecklistText, new_key: Callable[[], str]) -> Draft:
    """Say something else; items with the same text or reference keep their keys."""
    old = [each.item for each in draft.items]
    pairs = match_items(old, text.items)
    keys = [new_key() if at is None else draft.items[at].key for at in pairs]
    return make_draft(text, keys)


def change_about(draft: Draft, *, name: str, description: str) -> Draft:
    """Call it something else, or say what it is for."""
    return replace(draft, name=name, description=description)


def add_item(draft: Draft, new: DraftItem, *, after: str = "") -> Draft:
    """Put a new item behind another one, or at the end."""
    place = draft.place_of(after) + 1 if after else len(draft.items)
    return _with(draft, (*draft.items[:place], new, *draft.items[place:]))


def change_item(draft: Draft, key: str, item: TextItem) -> Draft:
    """Say an item differently; those that wait for it go on waiting for it."""
    place = draft.place_of(key)
    old = draft.items[place].item.text
    items = [*draft.items]
    items[place] = DraftItem(key, item)
    for later in range(place + 1, len(items)):
        waits = items[later].item
        if waits.show_if.get("item") == old:
            shown = {**waits.show_if, "item": item.text}
            items[later] = replace(items[later], item=replace(waits, show_if=shown))
    return _with(draft, items)


def remove_item(draft: Draft, key: str) -> Draft:
    """Leave an item out."""
    place = draft.place_of(key)
    return _with(draft, draft.items[:place] + draft.items[place + 1 :])


def duplicate_item(draft: Draft, key: str, new_key: str) -> Draft:
    """Say an item once more, behind itself and under a text of its own."""
    item = draft.item_of(key)
    text = item.text[: _LONGEST - len(_COPY)].rstrip() + _COPY
    copy = replace(item, text=text, reference="")
    return add_item(draft, DraftItem(new_key, copy), after=key)


def step_item(draft: Draft, key: str, by: int) -> Draft:
    """Move an item one place up (-1) or down (1).

    At the edge of its section it goes into the next one first. At the end of the
    list it stays where it is.
    """
    place = draft.place_of(key)
    beside = place + by
    if not 0 <= beside < len(draft.items):
        return draft
    section = draft.items[beside].item.section
    moved = _within(draft.items[place], section)
    items = [*draft.items]
    if moved == items[place]:
        items[place] = items[beside]
        items[beside] = moved
    else:
        items[place] = moved
    return _with(draft, items)


def move_item(draft: Draft, key: str, *, beside: str, is_before: bool) -> Draft:
    """Put an item before or behind another one, into its section."""
    if key == beside:
        return draft
    moved = draft.items[draft.place_of(key)]
    others = [each for each in draft.items if each.key != key]
    target = draft.items[draft.place_of(beside)]
    at = others.index(target) + (0 if is_before else 1)
    others.insert(at, _within(moved, target.item.section))
    return _with(draft, others)


def _seal(said: object) -> str:
    body = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _within(each: DraftItem, section: str) -> DraftItem:
    return replace(each, item=replace(each.item, section=section))


def _with(draft: Draft, items: Sequence[DraftItem]) -> Draft:
    return replace(draft, items=tuple(items))
