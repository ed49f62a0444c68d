"""Which items of a run are asked for now.

A hidden item keeps its answer and counts neither as required nor as done. Conditions
name only items before their own, so that one look in order settles all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from checklists.domain.item_state import Item


def look_at(item: Item, before: Mapping[str, Item]) -> Item:
    """Return the item hidden or shown, as the items before it and its check ask."""
    is_hidden = not _is_asked_for(item, before)
    return item if item.is_hidden == is_hidden else replace(item, is_hidden=is_hidden)


def settle_hidden(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return all items hidden or shown; idempotent."""
    seen: dict[str, Item] = {}
    for item in items:
        seen[item.key] = look_at(item, seen)
    return tuple(seen.values())


def _is_asked_for(item: Item, before: Mapping[str, Item]) -> bool:
    condition = item.condition
    if condition is None:
        return True
    if not condition.item:
        return condition.status in condition.states
    named = before.get(condition.item)
    if named is None:
        return True
    if named.is_hidden:
        return False
    return condition.holds_for(named.state.mark.value, named.state.value)
