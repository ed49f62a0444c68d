"""Drafts of checklists: one a checklist, and nobody's words are lost."""

from dataclasses import replace
from functools import partial

import pytest

from checklists.domain.checklist_draft import (
    DraftItem,
    add_item,
    change_item,
    remove_item,
    says_still,
    seal_item,
    step_item,
)
from checklists.domain.checklist_text import ChecklistText, TextItem
from checklists.models import ChecklistDraft
from checklists.services import drafts, texts
from checklists.services.checklists import ItemPlan
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LATER = "12345678-1234-5678-1234-567812345678"


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def checklist():
    return make_checklist(
        [
            ItemPlan(text="Backup", kind="choice", options=("yes", "no")),
            ItemPlan(text="Why", show_if={"item": "Backup", "is": ["no"]}),
            ItemPlan(text="Memory", kind="number"),
        ]
    )


@pytest.fixture
def change(checklist, by):
    def act(done, version):
        return drafts.change_draft(checklist, done, version=version, by=by, now=NOW)

    return act


def keys_of(checklist):
    version = checklist.versions.get(status="published")
    items = version.items.order_by("position")
    return {item.text: str(item.key) for item in items}


def said(state):
    return [each.item.text for each in state.draft.items]


def test_a_draft_begins_with_what_is_published(checklist):
    state = drafts.read_draft(checklist)
    assert not state.is_saved
    assert state.draft.text == texts.read_edition(checklist).text
    assert state.draft.keys == list(keys_of(checklist).values())
    assert (state.version, state.published, state.based_on) == (1, 1, 1)


def test_what_is_changed_is_kept_and_says_by_whom(checklist, change, by):
    memory = keys_of(checklist)["Memory"]
    state = change(lambda draft: step_item(draft, memory, -1), 1)
    assert said(state) == ["Backup", "Memory", "Why"]
    assert state == drafts.read_draft(checklist)
    assert (state.version, state.changed_by, state.changed_at) == (2, by, NOW)
    assert texts.read_edition(checklist).text.items[1].text == "Why"


def test_whoever_saw_an_older_draft_gets_the_newer_one(checklist, change, by):
    memory = keys_of(checklist)["Memory"]
    change(lambda draft: remove_item(draft, memory), 1)
    with pytest.raises(Conflict, match=by.display_name) as refused:
        change(lambda draft: step_item(draft, memory, -1), 1)
    assert refused.value.current == drafts.read_draft(checklist)


def test_what_nobody_touched_is_changed_beside_the_work_of_others(
    checklist, change, by
):
    keys, ram = keys_of(checklist), TextItem(text="RAM")
    seen = drafts.read_draft(checklist).draft.item_of(keys["Memory"])
    beside = partial(says_still, key=keys["Memory"], seal=seal_item(seen))
    change(lambda draft: remove_item(draft, keys["Why"]), 1)
    rename = partial(change_item, key=keys["Memory"], item=ram)
    kept = {"version": 1, "by": by, "now": NOW, "is_apart": beside}
    state = drafts.change_draft(checklist, rename, **kept)
    assert said(state) == ["Backup", "RAM"]
    with pytest.raises(Conflict) as refused:
        drafts.change_draft(checklist, rename, **kept)
    assert refused.value.current == state
    change(lambda draft: remove_item(draft, keys["Memory"]), 3)
    with pytest.raises(Conflict):
        drafts.change_draft(checklist, rename, **kept)


def test_what_changes_nothing_is_not_kept(change):
    assert not change(lambda draft: draft, 1).is_saved
    assert not ChecklistDraft.objects.exists()


def test_a_version_that_came_meanwhile_is_no_secret(checklist, change, by):
    text = ChecklistText(name="ARQ", items=(TextItem(text="Disk"),))
    texts.publish_text(checklist, text, seen=1, by=by, now=NOW)
    with pytest.raises(Conflict, match="not how the draft stands"):
        change(lambda draft: draft, 1)


def test_an_item_cannot_pass_what_it_waits_for(checklist, change):
    why = keys_of(checklist)["Why"]
    with pytest.raises(PortalError, match="“Backup” comes later") as refused:
        change(lambda draft: step_item(draft, why, -1), 1)
    assert refused.value.field == "items[1].show_if"
    with pytest.raises(Refused, match="no such item"):
        change(lambda draft: step_item(draft, LATER, -1), 1)
    assert not ChecklistDraft.objects.exists()


def test_other_words_in_a_draft_keep_the_history_of_an_item(checklist, change, by):
    keys = keys_of(checklist)
    change(lambda draft: remove_item(draft, keys["Why"]), 1)
    change(partial(change_item, key=keys["Memory"], item=TextItem(text="RAM")), 2)
    new = DraftItem(LATER, TextItem(text="Disk"))
    state = change(lambda draft: add_item(draft, new), 3)
    changes = drafts.compare_draft(checklist, state)
    assert [(each.kind, each.text) for each in changes] == [
        ("changed", "RAM"),
        ("added", "Disk"),
        ("removed", "Why"),
    ]
    version = drafts.publish_draft(checklist, version=4, by=by, now=NOW)
    assert version.number == 2
    assert keys_of(checklist) == {
        "Backup": keys["Backup"],
        "RAM": keys["Memory"],
        "Disk": LATER,
    }
    state = drafts.read_draft(checklist)
    assert (state.is_saved, state.version) == (False, 6)
    with pytest.raises(Refused, match="no draft"):
        drafts.publish_draft(checklist, version=6, by=by, now=NOW)
    with pytest.raises(Refused, match="nothing to undo"):
        drafts.undo_change(checklist, version=6, by=by, now=NOW)


def test_what_cannot_be_published_stays_a_draft(checklist, change, by):
    change(lambda draft: replace(draft, items=()), 1)
    with pytest.raises(PortalError, match="at least one item"):
        drafts.publish_draft(checklist, version=2, by=by, now=NOW)
    assert drafts.read_draft(checklist).version == 2


def test_a_change_and_a_discarding_are_taken_back(checklist, change, by):
    memory = keys_of(checklist)["Memory"]
    done = {"by": by, "now": NOW}
    with pytest.raises(Refused, match="no draft"):
        drafts.discard_draft(checklist, version=1, **done)
    with pytest.raises(Refused, match="nothing to undo"):
        drafts.undo_change(checklist, version=1, **done)
    changed = change(lambda draft: remove_item(draft, memory), 1)
    state = drafts.discard_draft(checklist, version=2, **done)
    assert said(state) == ["Backup", "Why", "Memory"]
    with pytest.raises(Conflict):
        drafts.undo_change(checklist, version=2, **done)
    state = drafts.undo_change(checklist, version=3, **done)
    assert state.draft == changed.draft
    again = change(lambda draft: replace(draft, name="Other"), 4)
    assert again.draft.name == "Other"
    assert drafts.undo_change(checklist, version=5, **done).draft == changed.draft


def test_a_text_is_another_view_of_the_draft(checklist, by):
    keys = keys_of(checklist)
    text = ChecklistText(
        name="ARQ", items=(TextItem(text="New"), TextItem(text="Memory"))
    )
    state = drafts.write_draft(checklist, text, version=1, by=by, now=NOW)
    assert state.draft.text == text
    assert state.draft.keys[1] == keys["Memory"]
    assert state.draft.keys[0] not in keys.values()
    foreign = replace(text, items=(TextItem(text="A", checks=("far/lag",)),))
    with pytest.raises(PortalError, match="far/lag"):
        drafts.write_draft(checklist, foreign, version=2, by=by, now=NOW)


def test_a_new_checklist_may_begin_as_a_draft(by):
    text = ChecklistText(name="ARQ", items=(TextItem(text="Look"),))
    made = drafts.create_with_draft(TeamFactory(), text, service=None, by=by, now=NOW)
    assert not made.versions.exists()
    state = drafts.read_draft(made)
    assert (state.draft.text, state.version, state.published) == (text, 1, 0)
    drafts.publish_draft(made, version=1, by=by, now=NOW)
    assert texts.read_edition(made) == texts.Edition(text, 1)
