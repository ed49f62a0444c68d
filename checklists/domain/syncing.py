"""Bringing an open run to a newer version of its checklist: what becomes of it.

Items go on by their key. An answer is kept where the item still takes it; what the
new version leaves out goes when nobody touched it, and stays for the record else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from checklists.domain.checklist_text import TextItem
from checklists.domain.item_state import (
    Act,
    Item,
    ItemMark,
    ItemSpec,
    ItemState,
    Kind,
    enter_number,
    enter_value,
)
from checklists.domain.refusal import Refused
from checklists.domain.version_diff import say_differences


class Fate(StrEnum):
    """What becomes of one item of a run.

    ADDED is new and open. KEPT goes on as it is, REOPENED goes on without an answer
    that it does not take any more. Of those that the version leaves out, RECORDED
    stays with its answer, LEFT_OUT was begun and is not to be done any more, and
    DROPPED goes without a trace, because nobody touched it.
    """

    ADDED = "added"
    KEPT = "kept"
    REOPENED = "reopened"
    RECORDED = "recorded"
    LEFT_OUT = "left_out"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OldItem:
    """An item of the run: what its version says, and what has become of it."""

    key: str
    text: TextItem
    state: ItemState
    is_touched: bool


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item of the version that the run is brought to."""

    key: str
    text: TextItem
    spec: ItemSpec


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of the item with this key.

    ``fields`` are the names of what is said differently, with old and new words;
    ``is_answered`` says whether it has its answer afterwards.
    """

    key: str
    text: str
    fate: Fate
    is_answered: bool = False
    fields: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether people have to look at it."""
        return self.fate is not Fate.KEPT or bool(self.fields)


def plan_sync(old: Sequence[OldItem], new: Sequence[NewItem]) -> list[Step]:
    """Return what becomes of each item, those of the version first, in order."""
    had = {item.key: item for item in old}
    steps = [_go_on(had.pop(item.key, None), item) for item in new]
    return steps + [_end(item) for item in had.values()]


def _go_on(old: OldItem | None, new: NewItem) -> Step:
    if old is None:
        return Step(new.key, new.text.text, Fate.ADDED)
    is_kept = not old.state.is_answered or _takes(new, old)
    return Step(
        new.key,
        new.text.text,
        Fate.KEPT if is_kept else Fate.REOPENED,
        is_answered=is_kept and old.state.is_answered,
        fields=say_differences(old.text, new.text),
    )


def _end(old: OldItem) -> Step:
    text = old.text.text
    if old.state.is_answered:
        return Step(old.key, text, Fate.RECORDED, is_answered=True)
    return Step(old.key, text, Fate.LEFT_OUT if old.is_touched else Fate.DROPPED)


def _takes(new: NewItem, old: OldItem) -> bool:
    """Say whether the new item would take the old one's answer."""
    state = old.state
    if state.mark is ItemMark.NA:
        return new.spec.na_allowed
    if new.text.kind != old.text.kind:
        return False
    if state.is_auto:
        # A tick stands for the checks that it came from, and for no other.
        return new.text.checks == old.text.checks
    return new.spec.kind is Kind.CHECK or _takes_value(new.spec, state)


def _takes_value(spec: ItemSpec, state: ItemState) -> bool:
    blank = Item("", spec)
    # Who and when do not decide; a number out of its soft bounds has its note.
    act = Act("", datetime.min.replace(tzinfo=UTC), note=state.note)
    try:
        if spec.kind is Kind.NUMBER:
            enter_number(blank, float(state.value or "nan"), act)
        else:
            enter_value(blank, str(state.value or ""), act)
    except Refused:
        return False
    return True
