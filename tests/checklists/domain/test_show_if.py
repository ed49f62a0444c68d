"""When an item is asked for, as a text says it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.checklist_text import ChecklistText, TextItem, from_json, to_json
from checklists.domain.field_error import FieldError
from checklists.domain.show_if import (
    CHECK_STATES,
    ITEM_STATES,
    condition_of,
    read_show_if,
    say_condition,
)

FIRST = [
    {"text": "Backup", "kind": "choice", "options": ["full", "part", "none"]},
    {"text": "Memory", "kind": "number"},
    {"text": "Twin"},
    {"text": "Twin"},
]


def read(show_if, *after):
    raw = [*FIRST, {"text": "Ask", "show_if": show_if}, *after]
    return from_json({"name": "A", "items": raw}).items[4].show_if


@pytest.mark.parametrize(
    ("written", "whole", "words"),
    [
        ({}, {}, ""),
        (
            {"item": "Backup", "is": "part"},
            {"item": "Backup", "is": ["part"]},
            "“Backup” is part",
        ),
        (
            {"item": " Backup ", "is": ["part", "none"]},
            {"item": "Backup", "is": ["part", "none"]},
            "“Backup” is part or none",
        ),
        (
            {"item": "Memory", "state": ["done", "na"]},
            {"item": "Memory", "state": ["done", "na"]},
            "“Memory” is done or is not applicable",
        ),
        (
            {"item": "Memory", "above": 80, "below": 90.5},
            {"item": "Memory", "above": 80, "below": 90.5},
            "“Memory” is above 80 and below 90.5",
        ),
        (
            {"check": "arq/lag", "state": "fail"},
            {"check": "arq/lag", "state": ["fail"]},
            "arq/lag fails",
        ),
    ],
)
def test_every_form_is_read_and_said(written, whole, words):
    assert read(written) == whole
    assert say_condition(whole) == words


@pytest.mark.parametrize(
    ("show_if", "words"),
    [
        (7, "Write {"),
        ({"item": "Backup"}, "Write {"),
        ({"item": "Backup", "is": "part", "state": "done"}, "Write {"),
        ({"check": "arq/lag", "is": "fail"}, "Write {"),
        ({"item": 7, "is": "part"}, "1 to 250 characters"),
        ({"item": "Backup", "is": []}, "a list of them"),
        ({"item": "Backup", "is": ["part", "part "]}, "once"),
        ({"item": "Backup", "is": "half"}, "“half” is no option of “Backup”"),
        ({"item": "Memory", "is": "half"}, "“half” is no option of “Memory”"),
        ({"item": "Backup", "above": 1}, "not answered with a number"),
        ({"item": "Memory", "above": True}, "Use a number"),
        ({"item": "Memory", "below": 10**400}, "Use a number"),
        ({"item": "Memory", "state": "fail"}, "Use done, na"),
        ({"check": "arq/lag", "state": "done"}, "Use pass, fail, unknown"),
        ({"item": "Ask", "state": "done"}, "cannot wait for itself"),
        ({"item": "Last", "state": "done"}, "comes later"),
        ({"item": "Nobody", "state": "done"}, "No item before it"),
        ({"item": "Twin", "state": "done"}, "2 items before it say “Twin”"),
    ],
)
def test_what_cannot_be_asked_says_why(show_if, words):
    with pytest.raises(FieldError, match=words) as refused:
        read(show_if, {"text": "Last"})
    assert refused.value.field.startswith("items[5].show_if")


def test_two_items_cannot_wait_for_each_other():
    pair = [
        {"text": text, "show_if": {"item": other, "state": "done"}}
        for text, other in (("A", "B"), ("B", "A"))
    ]
    for items in (pair, pair[::-1]):
        with pytest.raises(FieldError, match="comes later"):
            from_json({"name": "x", "items": items})


@given(st.data())
def test_any_order_that_is_read_has_no_circle_and_is_read_back(data):
    count = data.draw(st.integers(1, 5))
    items = []
    for number in range(count):
        named = data.draw(st.none() | st.integers(0, count - 1))
        state = data.draw(st.sampled_from(ITEM_STATES))
        show_if = {} if named is None else {"item": f"{named}", "state": [state]}
        items.append(TextItem(text=f"{number}", show_if=show_if))
    text = ChecklistText(name="A", items=tuple(items))
    is_ordered = all(
        int(each.show_if.get("item", -1)) < number for number, each in enumerate(items)
    )
    try:
        assert from_json(to_json(text)) == text
    except FieldError:
        assert not is_ordered
    else:
        assert is_ordered


def test_what_is_gone_hides_nothing():
    said = read_show_if({"item": "Backup", "state": "done"}, "x")
    watch = {"check": "arq/lag", "state": list(CHECK_STATES)}
    assert condition_of({}, key="1", status="fail") is None
    assert condition_of(said, key=None, status=None) is None
    assert condition_of(watch, key=None, status=None) is None
    assert condition_of(said, key="1", status=None).item == "1"
    assert condition_of(watch, key=None, status="fail").status == "fail"


def test_a_limit_holds_for_numbers_alone():
    said = {"item": "Memory", "above": 80, "below": 90}
    condition = condition_of(said, key="1", status=None)
    held = {value: condition.holds_for("done", value) for value in ("80", "85", 90.0)}
    assert held == {"80": False, "85": True, 90.0: False}
    assert not condition.holds_for("done", None)
    assert not condition.holds_for("na", "85")
    assert replace(condition, above=None).holds_for("done", "-5")
