"""Whatever is done to a draft, no item of it is lost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.checklist_draft import (
    Draft,
    DraftItem,
    add_item,
    change_item,
    draft_from_json,
    draft_to_json,
    duplicate_item,
    make_draft,
    move_item,
    remove_item,
    rewrite,
    step_item,
)
from checklists.domain.checklist_text import ChecklistText, TextItem

SECTIONS = st.sampled_from(["", "Data", "People"])


def draft_of(*items):
    return make_draft(ChecklistText(name="ARQ", items=items), "abcdefgh")


def say(draft):
    return " ".join(f"{each.item.section}{each.key}" for each in draft.items)


@st.composite
def drafts(draw):
    sections = draw(st.lists(SECTIONS, min_size=1, max_size=7))
    items = [
        TextItem(text=f"Item {number}", section=section, is_critical=number == 2)
        for number, section in enumerate(sections)
    ]
    return draft_of(*items)


@st.composite
def moves(draw):
    """A draft and what people do to its order."""
    draft = draw(drafts())
    keys = st.sampled_from(draft.keys)
    steps = st.tuples(keys, st.sampled_from([-1, 1]))
    drops = st.tuples(keys, keys, st.booleans())
    return draft, draw(st.lists(steps | drops, max_size=12))


def anywhere(draft):
    return {each.key: replace(each.item, section="") for each in draft.items}


@given(moves())
def test_any_moves_keep_every_item_once_and_as_it_was(made):
    draft, done = made
    for move in done:
        before = draft
        if len(move) == 2:
            draft = step_item(draft, *move)
        else:
            key, beside, is_before = move
            draft = move_item(draft, key, beside=beside, is_before=is_before)
            if key != beside:
                near = draft.place_of(beside) + (-1 if is_before else 1)
                assert draft.keys[near] == key
        assert sorted(draft.keys) == sorted(before.keys)
        assert anywhere(draft) == anywhere(before)


@given(drafts(), st.data())
def test_steps_lead_from_one_end_to_the_other(draft, data):
    key = data.draw(st.sampled_from(draft.keys))
    for _ in range(3 * len(draft.items)):
        draft = step_item(draft, key, -1)
    assert draft.keys[0] == key
    assert step_item(draft, key, -1) == draft
    for _ in range(3 * len(draft.items)):
        draft = step_item(draft, key, 1)
    assert draft.keys[-1] == key
    assert step_item(draft, key, 1) == draft


@given(drafts())
def test_what_is_kept_is_read_back_as_the_same(draft):
    assert draft_from_json(draft_to_json(draft)) == draft


def test_an_item_enters_the_next_section_before_it_passes_an_item_of_it():
    draft = draft_of(TextItem(text="A", section="1"), TextItem(text="B", section="2"))
    draft = step_item(draft, "b", -1)
    assert say(draft) == "1a 1b"
    assert say(step_item(draft, "b", -1)) == "1b 1a"


def test_an_item_that_is_dropped_goes_into_the_section_of_its_neighbour():
    draft = draft_of(TextItem(text="A", section="1"), TextItem(text="B", section="2"))
    assert say(move_item(draft, "a", beside="b", is_before=False)) == "2b 2a"
    assert say(move_item(draft, "b", beside="a", is_before=True)) == "1b 1a"


def test_items_are_added_changed_doubled_and_removed():
    draft = draft_of(TextItem(text="A", reference="R1"), TextItem(text="B"))
    draft = add_item(draft, DraftItem("n", TextItem(text="N")), after="a")
    draft = add_item(draft, DraftItem("z", TextItem(text="Z")))
    assert draft.keys == ["a", "n", "b", "z"]
    draft = change_item(draft, "n", TextItem(text="M"))
    draft = duplicate_item(draft, "a", "c")
    assert draft.item_of("c") == TextItem(text="A (copy)")
    assert remove_item(draft, "b").keys == ["a", "c", "n", "z"]
    with pytest.raises(LookupError):
        remove_item(draft, "x")


def test_a_copy_of_the_longest_text_still_fits():
    draft = duplicate_item(draft_of(TextItem(text="x" * 250)), "a", "c")
    assert len(draft.item_of("c").text) == 250


def test_those_that_wait_for_an_item_follow_its_new_words():
    draft = draft_of(
        TextItem(text="Other"),
        TextItem(text="Backup"),
        TextItem(text="Why", show_if={"item": "Backup", "state": ["done"]}),
        TextItem(text="Who", show_if={"item": "Other", "state": ["na"]}),
    )
    changed = change_item(draft, "b", TextItem(text="Save"))
    assert changed.item_of("c").show_if == {"item": "Save", "state": ["done"]}
    assert changed.item_of("d") == draft.item_of("d")


def test_a_text_keeps_the_keys_of_what_it_still_says():
    draft = draft_of(TextItem(text="A"), TextItem(text="B", reference="R1"))
    text = ChecklistText(
        name="New",
        description="Why",
        items=(
            TextItem(text="C"),
            TextItem(text="B2", reference="R1"),
            TextItem(text="A"),
        ),
    )
    written = rewrite(draft, text, lambda: "n")
    assert written.keys == ["n", "b", "a"]
    assert written.text == text
    assert isinstance(written, Draft)
