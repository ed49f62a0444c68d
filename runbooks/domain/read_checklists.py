"""Recurring work: lists, tables and headings, each item with its cadence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runbooks.domain.findings import Checklist, Item
from runbooks.domain.item_text import (
    clean_item,
    drop_repeats,
    is_live,
    is_ticked_summary,
)
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_item_cadences import find_inline
from runbooks.domain.read_task_tables import read_task_row
from runbooks.domain.scopes import (
    Scope,
    is_bare_cadence,
    read_item_cadence,
    starts_with_work,
)
from runbooks.domain.when import When


@dataclass(frozen=True, slots=True)
class Found:
    """An item on its way into a checklist."""

    item: Item
    when: When
    owner: Section
    rule: str
    is_ticked: bool = False


def read_checklists(
    outline: Outline, scopes: dict[Section, Scope]
) -> tuple[Checklist, ...]:
    """Find all recurring work, grouped by where and when it is due."""
    found = list(_find_items(outline, scopes))
    taken = {each.item.line for each in found}
    for entry, when, rule, confidence in find_inline(outline, scopes):
        if entry.line not in taken:
            taken.add(entry.line)
            item = _make_item(entry, rule, confidence)
            found.append(Found(item, when, entry.section, rule))
    found.sort(key=lambda each: each.item.line)
    return _group(drop_repeats(found))


def _group(found: Sequence[Found]) -> tuple[Checklist, ...]:
    groups: dict[tuple[object, ...], list[Found]] = defaultdict(list)
    for each in found:
        groups[(id(each.owner), *each.when.slot)].append(each)
    lists = [_make_list(group) for group in groups.values()]
    return tuple(sorted(lists, key=lambda each: each.items[0].line))


def _make_list(group: Sequence[Found]) -> Checklist:
    first = group[0]
    items = tuple(each.item for each in group)
    return Checklist(
        line=first.owner.line or items[0].line,
        last=items[-1].last,
        confidence=min(each.confidence for each in items),
        rule=first.rule,
        title=first.owner.title,
        cadence=first.when.cadence,
        weekday=first.when.weekday,
        ordinal=first.when.ordinal,
        time_of_day=first.when.time_of_day,
        items=items,
    )


def _find_items(outline: Outline, scopes: dict[Section, Scope]) -> Iterator[Found]:
    heading_items: set[Section] = set()
    for section in outline.sections:
        scope = scopes.get(section)
        if scope is None or _is_inside(section, heading_items):
            continue
        if _is_heading_item(section, scope, scopes):
            heading_items.add(section)
            item = Item(
                line=section.line, last=section.line, text=section.title,
                confidence=min(scope.confidence, 0.8), rule=f"{scope.rule}: heading as item",
            )  # fmt: skip
            yield Found(item, scope.when, scope.owner, scope.rule)
            continue
        yield from _find_in_section(section, scope)


def _is_inside(section: Section, heading_items: set[Section]) -> bool:
    return any(each in heading_items for each in section.chain())


def _is_heading_item(
    section: Section, scope: Scope, scopes: dict[Section, Scope]
) -> bool:
    """Whether the heading is the work and what is below it only says how."""
    if scope.is_one_task:
        return True
    if scope.is_weak or section.is_label or not section.title:
        return False
    if is_bare_cadence(section):
        return False
    inherits = scope.owner is not section and scope.owner is not section.heading()
    entries = list(section.entries_below())
    has_list = any(each.kind in {EntryKind.ITEM, EntryKind.ROW} for each in entries)
    if has_list or not entries:
        return False
    if any(child in scopes and not child.is_label for child in section.children):
        return False
    return inherits or _names_work(scope, section)


def _names_work(scope: Scope, section: Section) -> bool:
    """Whether "Daily Backup Verification" itself is the work."""
    has_code = any(each.kind is EntryKind.CODE for each in section.entries_below())
    return has_code and scope.owner is section


def _find_in_section(section: Section, scope: Scope) -> Iterator[Found]:
    entries = [each for each in section.entries if is_live(each)]
    for entry in _choose(entries, scope):
        yield _place(entry, scope)
    if not scope.is_weak and is_bare_cadence(section):
        yield from _find_prose(section, scope)
    for entry in entries:
        if entry.kind is not EntryKind.ROW:
            continue
        cell = read_task_row(entry, scope.when, asks=not scope.is_weak)
        if cell is not None:
            item = Item(
                line=entry.line, last=entry.last, text=cell.text,
                confidence=0.9, rule="table row",
            )  # fmt: skip
            yield Found(item, cell.when, scope.owner, "table row")


def _choose(entries: Sequence[Entry], scope: Scope) -> list[Entry]:
    """The boxes; where there are none, the bullets that are work."""
    if any(each.task is not None for each in entries):
        return [each for each in entries if each.task is not None or _is_marked(each)]
    bullets = [each for each in entries if each.kind is EntryKind.ITEM]
    return [] if scope.is_weak else [each for each in bullets if _is_work(each)]


def _is_marked(entry: Entry) -> bool:
    """``✅ Cluster is green`` beside boxes is one of them."""
    return entry.parent is None and entry.raw.startswith("✅")


def _find_prose(section: Section, scope: Scope) -> Iterator[Found]:
    """A paragraph that tells what to do, below a heading that only says when."""
    lines = [each for each in section.entries if each.kind is EntryKind.LINE]
    if len(lines) != len(section.entries):
        return
    for paragraph in _join_paragraphs(lines):
        first = paragraph[0]
        if not first.quoted and starts_with_work(first.folded):
            item = Item(
                line=first.line, last=paragraph[-1].last, rule=f"{scope.rule}: prose",
                text=" ".join(each.text for each in paragraph), confidence=0.7,
            )  # fmt: skip
            yield Found(item, scope.when, scope.owner, scope.rule)


def _join_paragraphs(lines: Sequence[Entry]) -> list[list[Entry]]:
    found: list[list[Entry]] = []
    for each in lines:
        if found and found[-1][-1].last + 1 == each.line:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _is_work(entry: Entry) -> bool:
    """Whether a bullet without a box is an item, not a remark or a group."""
    if _is_group(entry):
        return False
    if entry.parent is None:
        return True
    return _is_group(entry.parent) and entry.parent.parent is None


def _is_group(entry: Entry) -> bool:
    """``- **Database**:`` with bullets below, which are the work."""
    below = [each for each in entry.children if each.kind is EntryKind.ITEM]
    is_numbered = entry.marker[:1].isdigit()
    is_open = entry.text.endswith((":", "：")) and not is_numbered
    return bool(below) and is_open and all(each.depth > entry.depth for each in below)


def _place(entry: Entry, scope: Scope) -> Found:
    own = read_item_cadence(entry)
    if own is None:
        for around in entry.around():
            own = own or read_item_cadence(around)
    when = own.within(scope.when) if own else scope.when
    rule = "label of the item" if own else scope.rule
    item = _make_item(entry, rule, scope.confidence)
    ticked = is_ticked_summary(entry.raw)
    return Found(item, when, scope.owner, rule, ticked)


def _make_item(entry: Entry, rule: str, confidence: float) -> Item:
    return Item(
        line=entry.line,
        last=entry.last,
        text=clean_item(entry),
        depth=sum(1 for _ in entry.around()),
        confidence=confidence if entry.task is not None else min(confidence, 0.9),
        rule=rule,
    )
