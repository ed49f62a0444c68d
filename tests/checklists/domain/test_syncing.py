"""What becomes of an open run when it is brought to a newer version."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.checklist_text import TextItem
from checklists.domain.item_state import (
    Bounds,
    ItemMark,
    ItemSpec,
    ItemState,
    Kind,
    Source,
)
from checklists.domain.syncing import Fate, NewItem, OldItem, plan_sync

OPEN = ItemState()
DONE = ItemState(
    mark=ItemMark.DONE,
    source=Source.HUMAN,
    marked_by="1",
    marked_at=datetime(2026, 1, 14, 6, tzinfo=UTC),
)
NA = replace(DONE, mark=ItemMark.NA, reason="nothing there")
AUTO = replace(DONE, source=Source.AUTO, marked_by=None)


def old(key, state=OPEN, *, is_touched=False, **text):
    return OldItem(key, TextItem(text=f"Item {key}", **text), state, is_touched)


def new(key, spec=None, **text):
    said = TextItem(**{"text": f"Item {key}", **text})
    return NewItem(key, said, spec or ItemSpec(kind=Kind(said.kind), na_allowed=True))


def fates(steps):
    return [(step.key, step.fate, step.is_answered) for step in steps]


def test_new_items_come_in_their_order_and_what_goes_comes_last():
    steps = plan_sync([old("a"), old("b", DONE), old("c")], [new("d"), new("b")])
    assert fates(steps) == [
        ("d", Fate.ADDED, False),
        ("b", Fate.KEPT, True),
        ("a", Fate.DROPPED, False),
        ("c", Fate.DROPPED, False),
    ]
    assert [step.is_news for step in steps] == [True, False, True, True]


def test_what_somebody_began_or_answered_is_never_dropped():
    begun, done = old("a", is_touched=True), old("b", DONE, is_touched=True)
    assert fates(plan_sync([begun, done], [])) == [
        ("a", Fate.LEFT_OUT, False),
        ("b", Fate.RECORDED, True),
    ]


def test_other_words_keep_the_answer_and_are_told():
    (step,) = plan_sync([old("a", DONE)], [new("a", text="Look twice")])
    assert (step.fate, step.is_answered, step.is_news) == (Fate.KEPT, True, True)
    assert step.fields == (("text", "Item a", "Look twice"),)


NUMBER = ItemSpec(kind=Kind.NUMBER, bounds=Bounds(hard_max=90, warn_max=80))
CHOICE = ItemSpec(kind=Kind.CHOICE, choices=("yes", "no"))


@pytest.mark.parametrize(
    ("before", "after", "is_kept"),
    [
        (old("a", DONE), new("a", kind="text"), False),
        (old("a", NA), new("a"), True),
        (old("a", NA), new("a", ItemSpec()), False),
        (old("a", AUTO, checks=("x/y",)), new("a", checks=("x/y",)), True),
        (old("a", AUTO, checks=("x/y",)), new("a", checks=("x/z",)), False),
        (old("a", DONE, checks=("x/y",)), new("a", checks=("x/z",)), True),
        *(
            (
                old("a", replace(DONE, value=value, note=note), kind="number"),
                new("a", NUMBER, kind="number"),
                is_kept,
            )
            for value, note, is_kept in [
                ("70", "", True),
                ("85", "", False),
                ("85", "load test", True),
                ("95", "load test", False),
                (None, "", False),
            ]
        ),
        *(
            (
                old("a", replace(DONE, value=value), kind="choice"),
                new("a", CHOICE, kind="choice"),
                is_kept,
            )
            for value, is_kept in [("yes", True), ("maybe", False), (None, False)]
        ),
    ],
)
def test_an_answer_is_kept_only_where_the_item_still_takes_it(before, after, is_kept):
    (step,) = plan_sync([before], [after])
    assert step.fate is (Fate.KEPT if is_kept else Fate.REOPENED)
    assert step.is_answered is is_kept


_states = st.sampled_from([OPEN, DONE, NA])
_rows = st.dictionaries(st.sampled_from("abcdef"), st.tuples(_states, st.booleans()))
_keys = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(_rows, _keys)
def test_every_item_of_both_has_one_fate_and_no_answer_is_lost(rows, keys):
    before = [old(key, state, is_touched=bool(state.mark != "open" or touched))
              for key, (state, touched) in rows.items()]  # fmt: skip
    steps = plan_sync(before, [new(key) for key in keys])
    assert [step.key for step in steps[: len(keys)]] == keys
    assert sorted(step.key for step in steps) == sorted({*rows, *keys})
    answered = {key for key, (state, _) in rows.items() if state.is_answered}
    assert {step.key for step in steps if step.is_answered} == answered
    dropped = {step.key for step in steps if step.fate is Fate.DROPPED}
    assert not dropped & {row.key for row in before if row.is_touched}


@given(_rows)
def test_a_version_that_says_the_same_changes_nothing(rows):
    before = [old(key, state) for key, (state, _) in rows.items()]
    assert not any(step.is_news for step in plan_sync(before, [*map(new, rows)]))
