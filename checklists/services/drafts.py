"""Drafts of checklists: written step by step, published as a whole.

A checklist has one draft. Its version rises with every change of it and with every
version that is published, and never falls: whoever saw an older one gets Conflict,
with what stands there now. Only what is about one item, or about the name, goes on
beside changes of the rest.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from checklists.domain.checklist_draft import (
    Draft,
    draft_from_json,
    draft_to_json,
    make_draft,
    rewrite,
)
from checklists.domain.checklist_text import ChecklistText, from_json, to_json
from checklists.domain.field_error import FieldError
from checklists.domain.version_diff import ItemChange, compare_items
from checklists.models import Checklist, ChecklistDraft, ChecklistVersion
from checklists.services.texts import (
    Keys,
    compare_text,
    create_named,
    publish_text,
    read_edition,
)
from oncall.models import Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

_MOST_TOLD = 20
_PLACE = re.compile(r"items\[(\d+)\]")


def _never(_draft: Draft) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft as it stands; without one, what is published stands in its place.

    ``published`` is the number of the newest version, 0 before the first, and
    ``based_on`` that of the one the draft was begun from. ``changed_by`` and
    ``changed_at`` are None while nothing is saved.
    """

    draft: Draft
    version: int
    is_saved: bool
    published: int
    based_on: int
    changed_by: User | None = None
    changed_at: datetime | None = None


def read_draft(checklist: Checklist) -> DraftState:
    """Return the draft of a checklist; four queries."""
    row = _row_of(checklist)
    edition = read_edition(checklist)
    if row is None or not row.body:
        changes = row.changes if row else 0
        return DraftState(
            draft=make_draft(edition.text, map(str, edition.keys)),
            version=edition.number + changes,
            is_saved=False,
            published=edition.number,
            based_on=edition.number,
        )
    return DraftState(
        draft=draft_from_json(row.body),
        version=edition.number + row.changes,
        is_saved=True,
        published=edition.number,
        based_on=row.based_on,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def change_draft(
    checklist: Checklist,
    change: Callable[[Draft], Draft],
    *,
    version: int,
    by: User,
    now: datetime,
    is_apart: Callable[[Draft], bool] = _never,
) -> DraftState:
    """Change the draft, beginning one where there is none, and return it.

    ``change`` is one of checklists.domain.checklist_draft. Raises Conflict when the
    draft is not at ``version`` any more, unless ``is_apart`` finds in what stands
    there now that nobody touched what the change is about; Refused for an item that
    is gone, and PortalError, field named, for what could not be read back.
    """
    with transaction.atomic():
        state = _hold(checklist, version, is_apart)
        draft = _apply(change, state.draft)
        if draft == state.draft:
            return state
        told = compare_items(
            [each.item for each in state.draft.items],
            [each.item for each in draft.items],
        )
        before = draft_to_json(state.draft) if state.is_saved else {}
        row = _row_of(checklist) or ChecklistDraft(checklist=checklist)
        if not state.is_saved:
            row.based_on = state.published
        row.body, row.before = draft_to_json(draft), before
        _save(row, by=by, now=now)
        _record(checklist, "checklist.drafted", told, by=by, now=now)
    return read_draft(checklist)


def write_draft(
    checklist: Checklist, text: ChecklistText, *, version: int, by: User, now: datetime
) -> DraftState:
    """Let the draft say a whole text; as change_draft.

    Items with the same text or reference go on. PortalError for a check that the
    team does not have.
    """
    compare_text(checklist, text)
    return change_draft(
        checklist,
        lambda draft: rewrite(draft, text, lambda: str(uuid.uuid4())),
        version=version,
        by=by,
        now=now,
    )


def compare_written(
    checklist: Checklist, state: DraftState, text: ChecklistText
) -> list[ItemChange]:
    """Say what publishing a text would change, once the draft says it.

    Raises PortalError for what could not be published.
    """
    written = rewrite(state.draft, text, lambda: str(uuid.uuid4()))
    return compare_text(checklist, text, _keys_of(written))


def compare_draft(checklist: Checklist, state: DraftState) -> list[ItemChange]:
    """Say what publishing the draft would change of the items.

    Raises PortalError for what could not be published.
    """
    return compare_text(checklist, state.draft.text, _keys_of(state.draft))


def publish_draft(
    checklist: Checklist, *, version: int, by: User, now: datetime
) -> ChecklistVersion:
    """Publish the draft as the next version; its items keep their history.

    Raises Conflict as change_draft, Refused without a draft or when it says what is
    published already, PortalError for what cannot be published.
    """
    with transaction.atomic():
        state = _hold(checklist, version)
        row = _open_row(checklist, state)
        published = publish_text(
            checklist,
            state.draft.text,
            seen=state.published,
            keys=_keys_of(state.draft),
            by=by,
            now=now,
        )
        row.body, row.before = {}, {}
        _save(row, by=by, now=now)
    return published


def publish_written(
    checklist: Checklist, text: ChecklistText, *, version: int, by: User, now: datetime
) -> ChecklistVersion:
    """Let the draft say a whole text and publish it, or do neither."""
    with transaction.atomic():
        state = write_draft(checklist, text, version=version, by=by, now=now)
        return publish_draft(checklist, version=state.version, by=by, now=now)


def discard_draft(
    checklist: Checklist, *, version: int, by: User, now: datetime
) -> DraftState:
    """Give the draft up; undo_change brings it back.

    Raises Conflict as change_draft, Refused without a draft.
    """
    with transaction.atomic():
        state = _hold(checklist, version)
        row = _open_row(checklist, state)
        row.body, row.before = {}, row.body
        _save(row, by=by, now=now)
        _record(checklist, "checklist.draft_discarded", [], by=by, now=now)
    return read_draft(checklist)


def undo_change(
    checklist: Checklist, *, version: int, by: User, now: datetime
) -> DraftState:
    """Take the last change back, a discarding too; done again it is made anew.

    Raises Conflict as change_draft, Refused when there is nothing to take back.
    """
    with transaction.atomic():
        _hold(checklist, version)
        row = _row_of(checklist)
        if row is None or row.body == row.before:
            raise Refused("There is nothing to undo.", code="nothing_to_undo")
        row.body, row.before = row.before, row.body
        _save(row, by=by, now=now)
        _record(checklist, "checklist.draft_undone", [], by=by, now=now)
    return read_draft(checklist)


def create_with_draft(
    team: Team, text: ChecklistText, *, service: Service | None, by: User, now: datetime
) -> Checklist:
    """Make a checklist that has a draft and nothing published; as create_from_text."""
    with transaction.atomic():
        checklist = create_named(team, text, service=service, by=by, now=now)
        write_draft(checklist, text, version=0, by=by, now=now)
    return checklist


def _row_of(checklist: Checklist) -> ChecklistDraft | None:
    rows = ChecklistDraft.objects.select_related("changed_by")
    return rows.filter(checklist=checklist).first()


def _hold(
    checklist: Checklist, version: int, is_apart: Callable[[Draft], bool] = _never
) -> DraftState:
    """Lock the checklist, then see that nobody was faster."""
    Checklist.objects.select_for_update().get(pk=checklist.pk)
    state = read_draft(checklist)
    if state.version != version and not is_apart(state.draft):
        raise Conflict(_say_faster(state), current=state)
    return state


def _say_faster(state: DraftState) -> str:
    if state.changed_by is not None:
        return f"{state.changed_by.display_name} changed the draft meanwhile."
    return "This is not how the draft stands any more."


def _open_row(checklist: Checklist, state: DraftState) -> ChecklistDraft:
    row = _row_of(checklist)
    if row is None or not state.is_saved:
        raise Refused("There is no draft: nothing was changed.", code="no_draft")
    return row


def _apply(change: Callable[[Draft], Draft], draft: Draft) -> Draft:
    """Change it and read it back, so that only what the parser knows is kept."""
    try:
        changed = change(draft)
        return make_draft(from_json(to_json(changed.text)), changed.keys)
    except LookupError as error:
        raise Refused("The draft has no such item any more.", code="no_item") from error
    except FieldError as error:
        raise PortalError(_say(error), field=error.field) from error


def _say(error: FieldError) -> str:
    numbered = _PLACE.match(error.field)
    return f"Item {numbered[1]}: {error.message}" if numbered else str(error)


def _save(row: ChecklistDraft, *, by: User, now: datetime) -> None:
    row.changes += 1
    row.changed_by, row.changed_at = by, now
    row.save()


def _record(
    checklist: Checklist,
    action: str,
    told: list[ItemChange],
    *,
    by: User,
    now: datetime,
) -> None:
    words = [f"{each.kind}: {each.text}" for each in told[:_MOST_TOLD]]
    record_change(
        action,
        checklist,
        by=by,
        now=now,
        team_id=checklist.team_id,
        after={"items": words} if words else None,
    )
    touch_team(checklist.team_id)


def _keys_of(draft: Draft) -> Keys:
    return {place: uuid.UUID(key) for place, key in enumerate(draft.keys)}
