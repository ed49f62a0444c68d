"""What the runbook said then, says now, and what the portal holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.domain.entries import Entry
from runbooks.domain.three_way import Known, Status, adopt_keys, compare

A, B, C = {"text": "a"}, {"text": "b"}, {"text": "c"}


@pytest.mark.parametrize(
    ("then", "now", "applied", "there", "status"),
    [
        (None, A, None, None, Status.NEW),
        (None, A, None, A, Status.SAME),
        (None, A, None, B, Status.EXISTS),
        (A, None, A, A, Status.GONE),
        (A, A, A, A, Status.SAME),
        (A, A, A, B, Status.EDITED),
        (A, A, A, None, Status.EDITED),
        (A, B, A, A, Status.CHANGED),
        (A, B, A, C, Status.BOTH),
        (A, B, A, B, Status.CHANGED),
    ],
)
def test_each_side_s_change_is_told_apart(then, now, applied, there, status):
    assert compare(then=then, now=now, applied=applied, there=there) == status


def test_a_rejection_counts_as_long_as_the_words_stay():
    for now, status in ((A, Status.REJECTED), (B, Status.NEW)):
        said = compare(then=A, now=now, applied={}, there=None, is_rejected=True)
        assert said == status


def test_a_correction_is_an_edit():
    said = [
        compare(then=A, now=now, applied=C, there=C, is_corrected=True)
        for now in (A, B)
    ]
    assert said == [Status.EDITED, Status.BOTH]


def entry(kind, key, value, parent=""):
    return Entry(
        kind=kind, key=key, line=1, last=1, confidence=1, value=value, field="text",
        parent=parent,
    )  # fmt: skip


def known(kind, key, source, parent=""):
    return Known(kind=kind, key=key, parent=parent, source=source)


def test_a_list_that_moved_and_an_item_that_was_reworded_keep_their_keys():
    then = [
        known("checklist", "old", {"title": "Tasks"}),
        known("item", "old-item", {"text": "Verify lag < 100ms"}, "old"),
        known("item", "other", {"text": "Verify lag < 50ms"}, "elsewhere"),
        known("severity", "p1", {"label": "P1"}),
    ]
    now = adopt_keys(
        [
            entry("checklist", "new", {"title": "Tasks"}),
            entry("item", "new-item", {"text": "Verify lag < 50ms"}, "new"),
            entry("item", "fresh", {"text": "Water the plants"}, "new"),
            entry("severity", "p2", {"label": "P1"}),
            entry("checklist", "own", {"title": "Other"}),
        ],
        then,
    )
    assert [(each.key, each.parent) for each in now] == [
        ("old", ""),
        ("old-item", "old"),
        ("fresh", "old"),
        ("p2", ""),
        ("own", ""),
    ]


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.sets(st.sampled_from("abcdefgh")),
)
def test_what_is_known_keeps_its_key_and_no_key_is_given_twice(keys, old):
    entries = [entry("item", key, {"text": f"Item {key}"}, "list") for key in keys]
    then = [known("item", key, {"text": f"Item {key}"}, "list") for key in old]
    found = [each.key for each in adopt_keys(entries, then)]
    assert len(set(found)) == len(keys)
    assert all(new == key for new, key in zip(found, keys, strict=True) if key in old)
