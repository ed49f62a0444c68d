"""Lists of boxes that people start: before a release, after an incident, at a handoff.

They recur by no calendar, so they are kept apart from the recurring ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.findings import ON_DEMAND, Checklist, Item
from runbooks.domain.item_text import clean_item, is_live, is_ticked_summary
from runbooks.domain.outline import Entry, Outline, Section
from runbooks.domain.words.topics import Topic

# Whatever the title says of when: what is below one of these is no list to start.
_NEVER: Final = frozenset(
    {
        Topic.AUTOMATED, Topic.CONTENTS, Topic.TEMPLATE, Topic.EXAMPLE, Topic.SUMMARY,
        Topic.CHANGES, Topic.TROUBLE, Topic.SYMPTOMS,
    }
)  # fmt: skip
_HANDOFF: Final = re.compile(
    r"\b(?:at|on|before|after|with|each|every) (?:(?:each|every|the|an?) )?"
    r"(?:on-?call )?(?:hand-?(?:off|over)|rotation change)\b"
)


def read_on_demand(outline: Outline, taken: Collection[int]) -> tuple[Checklist, ...]:
    """Find the lists that are started by hand, one a title that says on what.

    Only boxes count, because bullets may be remarks. ``taken`` are the lines of
    items that are due by a calendar.
    """
    return tuple(_read(outline, taken))


def _read(outline: Outline, taken: Collection[int]) -> Iterator[Checklist]:
    for section in outline.sections:
        if not _is_started(section):
            continue
        boxes = [each for each in section.entries if _is_box(each)]
        items = tuple(_make(each) for each in boxes if each.line not in taken)
        if items:
            yield Checklist(
                line=section.line, last=items[-1].last, title=section.title,
                cadence=ON_DEMAND, items=items, confidence=0.8, rule="boxes on demand",
            )  # fmt: skip


def _is_started(section: Section) -> bool:
    is_said = Topic.EVENTUAL in section.topics or _HANDOFF.search(section.folded)
    return bool(is_said) and not topics_around(section, below_level=1) & _NEVER


def _is_box(entry: Entry) -> bool:
    return (
        entry.task is not None and is_live(entry) and not is_ticked_summary(entry.raw)
    )


def _make(entry: Entry) -> Item:
    return Item(
        line=entry.line, last=entry.last, text=clean_item(entry),
        depth=sum(1 for _ in entry.around()), confidence=0.8, rule="box on demand",
    )  # fmt: skip
