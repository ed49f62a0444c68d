"""What people do to the items of a run: one function an act."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from checklists.domain import item_state, run_state
from checklists.domain import refusal as domain
from checklists.domain.item_state import Act, Item, ItemState
from checklists.models import RunItem
from checklists.services.run_rows import lock_run_of, save_run
from oncall.models import User
from opsportal.kit.errors import Conflict, Refused

ItemAct = Callable[[Item, Act], ItemState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One person's edit of one item.

    ``version`` is the item's version that the person looked at; None when they
    looked at none (an API call that does not care).
    """

    by: User
    now: datetime
    version: int | None = None
    reason: str = ""
    note: str = ""


def tick_item(item_pk: int, edit: Edit) -> RunItem:
    """Mark a checkbox done; over a failing check only with a reason."""
    return _act(item_pk, item_state.tick, "ticked", edit)


def untick_item(item_pk: int, edit: Edit) -> RunItem:
    """Open an item again; its check leaves it alone until released."""
    return _act(item_pk, item_state.untick, "unticked", edit)


def release_item(item_pk: int, edit: Edit) -> RunItem:
    """Let the check tick a held item again."""
    return _act(item_pk, item_state.release, "released", edit)


def mark_item_na(item_pk: int, edit: Edit) -> RunItem:
    """Leave an item out of this run, with a reason."""
    return _act(item_pk, item_state.mark_not_applicable, "marked_na", edit)


def accept_contradiction(item_pk: int, edit: Edit) -> RunItem:
    """Keep an item done although its check failed after it, with a reason."""
    return _act(item_pk, item_state.acknowledge_contradiction, "accepted", edit)


def enter_number(item_pk: int, number: float, edit: Edit) -> RunItem:
    """Answer a number item."""

    def perform(item: Item, act: Act) -> ItemState:
        return item_state.enter_number(item, number, act)

    return _act(item_pk, perform, "answered", edit)


def enter_value(item_pk: int, value: str, edit: Edit) -> RunItem:
    """Answer a text, choice, link, file or photo item."""

    def perform(item: Item, act: Act) -> ItemState:
        return item_state.enter_value(item, value, act)

    return _act(item_pk, perform, "answered", edit)


def write_note(item_pk: int, edit: Edit) -> RunItem:
    """Keep a note beside an item, whatever its state; empty removes it."""

    def perform(item: Item, act: Act) -> ItemState:
        return replace(item.state, note=act.note.strip())

    return _act(item_pk, perform, "noted", edit)


def _act(item_pk: int, perform: ItemAct, verb: str, edit: Edit) -> RunItem:
    with transaction.atomic():
        loaded = lock_run_of(item_pk)
        row = loaded.rows[str(item_pk)]
        if edit.version is not None and edit.version != row.version:
            who = row.done_by.display_name if row.done_by else "A check"
            raise Conflict(f"{who} changed this item meanwhile.", current=row)
        act = Act(str(edit.by.pk), edit.now, reason=edit.reason, note=edit.note)
        _require_note(row, verb, act)
        try:
            after = run_state.act_on_item(loaded.state, str(item_pk), perform, act)
        except domain.Refused as refused:
            raise Refused(refused.sentence, code=refused.code) from refused
        save_run(loaded, after, verb=verb, by=edit.by, now=edit.now, reason=edit.reason)
        return row


def _require_note(row: RunItem, verb: str, act: Act) -> None:
    if not row.item.needs_note or verb not in {"ticked", "answered"}:
        return
    if not (act.note or row.note).strip():
        raise Refused("This item needs a note: say what you found.", code="note_needed")
