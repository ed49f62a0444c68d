"""What changes from one version of a checklist to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from checklists.domain.checklist_text import TextItem

_SAID = tuple(each.name for each in fields(TextItem))


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that is not as before.

    ``kind`` is added, removed, changed or moved; ``fields`` are the names of what is
    said differently with the old and the new words.
    """

    kind: str
    text: str
    fields: tuple[tuple[str, str, str], ...] = ()


def match_items(old: Sequence[TextItem], new: Sequence[TextItem]) -> list[int | None]:
    """Return for each new item the place of the old one that it continues.

    First come items with the same text, then those with the same reference, each old
    item once. None is an item that is new.
    """
    found: list[int | None] = [None] * len(new)
    free = dict.fromkeys(range(len(old)))
    for same in ("text", "reference"):
        for place, item in enumerate(new):
            wanted = getattr(item, same)
            if found[place] is not None or not wanted:
                continue
            hits = (each for each in free if getattr(old[each], same) == wanted)
            found[place] = next(hits, None)
            if found[place] is not None:
                del free[found[place]]  # type: ignore[arg-type]
    return found


def compare_items(
    old: Sequence[TextItem],
    new: Sequence[TextItem],
    pairs: Sequence[int | None] | None = None,
) -> list[ItemChange]:
    """Return what changes, in the order of the new items; what goes comes last.

    ``pairs`` as match_items tells them, where it is known which item goes on as which.
    """
    pairs = match_items(old, new) if pairs is None else pairs
    kept = [place for place in pairs if place is not None]
    stays = set(_longest_rise(kept))
    changes = []
    for item, place in zip(new, pairs, strict=True):
        if place is None:
            changes.append(ItemChange("added", item.text))
            continue
        said = say_differences(old[place], item)
        if said:
            changes.append(ItemChange("changed", item.text, said))
        if place not in stays:
            changes.append(ItemChange("moved", item.text))
    gone = sorted(set(range(len(old))) - set(kept))
    return changes + [ItemChange("removed", old[place].text) for place in gone]


def say_differences(old: TextItem, new: TextItem) -> tuple[tuple[str, str, str], ...]:
    """Return the name of each field that is said differently, old words and new."""
    return tuple(
        (name.replace("_", " "), _say(getattr(old, name)), _say(getattr(new, name)))
        for name in _SAID
        if getattr(old, name) != getattr(new, name)
    )


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_say_part(each)}" for name, each in value.items())
    return str(value)


def _say_part(value: object) -> str:
    return " or ".join(value) if isinstance(value, list) else str(value)


def _longest_rise(places: Sequence[int]) -> list[int]:
    """Return the most places that stand in rising order: what need not move."""
    best: list[list[int]] = []
    for place in places:
        before = max((rise for rise in best if rise[-1] < place), key=len, default=[])
        best.append([*before, place])
    return max(best, key=len, default=[])
