"""What people may do to an item, and the sentence when they may not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from checklists.domain.item_state import (
    Act,
    Attention,
    Bounds,
    Item,
    ItemMark,
    ItemSpec,
    ItemState,
    Kind,
    Mode,
    Source,
    acknowledge_contradiction,
    enter_number,
    enter_value,
    mark_not_applicable,
    override,
    release,
    tick,
    untick,
)
from checklists.domain.refusal import Refused

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
PLAIN = Act("ann", NOW)
REASONED = Act("ann", NOW, reason="  Vendor confirmed by phone  ", note="call 7")
FAILING = ItemState(attention=Attention.FAILING, failing_episode=3)
DONE = ItemState(mark=ItemMark.DONE, source=Source.HUMAN, marked_by="ann", value=5.0)


def item(state=None, **spec):
    return Item("lag", ItemSpec(**spec), state or ItemState())


def refusal(perform, *arguments):
    with pytest.raises(Refused) as refused:
        perform(*arguments)
    assert refused.value.sentence.endswith(".")
    assert str(refused.value) == refused.value.sentence
    return refused.value.code


def test_a_tick_says_who_and_when():
    assert tick(item(ItemState(hold=True)), PLAIN) == ItemState(
        mark=ItemMark.DONE, source=Source.HUMAN, marked_by="ann", marked_at=NOW
    )
    assert refusal(tick, item(DONE), PLAIN) == "already_answered"
    assert refusal(tick, item(kind=Kind.NUMBER), PLAIN) == "value_needed"


def test_a_failing_item_is_ticked_only_with_a_reason():
    failing = item(FAILING, mode=Mode.AUTO)
    assert refusal(tick, failing, PLAIN) == "reason_required"
    assert refusal(tick, failing, Act("ann", NOW, reason="too short")) == (
        "reason_required"
    )
    done = override(failing, REASONED)
    assert done == tick(failing, REASONED)
    assert (done.reason, done.note) == ("Vendor confirmed by phone", "call 7")
    assert (done.episode, done.overridden_by) == (3, "ann")
    assert refusal(override, item(), REASONED) == "not_failing"


def test_a_choice_is_one_of_its_options():
    choice = item(kind=Kind.CHOICE, choices=("complete", "none"))
    assert enter_value(choice, " complete ", PLAIN).value == "complete"
    assert refusal(enter_value, choice, "half", PLAIN) == "not_a_choice"


def test_unticking_holds_the_item_until_it_is_released():
    held = untick(item(replace(DONE, note="kept")), PLAIN)
    assert held == ItemState(hold=True, note="kept")
    assert refusal(untick, item(), PLAIN) == "not_answered"
    assert release(item(held), PLAIN) == replace(held, hold=False)
    assert refusal(release, item(), PLAIN) == "not_held"


def test_unticking_a_contradicted_item_leaves_it_failing():
    state = replace(DONE, attention=Attention.CONTRADICTED, failing_episode=3)
    held = untick(item(state), REASONED)
    assert (held.attention, held.failing_episode) == (Attention.FAILING, 3)
    assert held.note == "call 7"


def test_an_item_is_left_out_only_where_allowed_and_with_a_reason():
    short = Act("ann", NOW, reason="no")
    assert refusal(mark_not_applicable, item(), REASONED) == "na_not_allowed"
    assert refusal(mark_not_applicable, item(na_allowed=True), PLAIN) == (
        "reason_required"
    )
    left = mark_not_applicable(item(na_allowed=True), short)
    assert (left.mark, left.reason, left.marked_by) == (ItemMark.NA, "no", "ann")
    failing = item(FAILING, na_allowed=True)
    assert refusal(mark_not_applicable, failing, short) == "reason_required"
    assert mark_not_applicable(failing, REASONED).mark is ItemMark.NA
    assert refusal(mark_not_applicable, item(DONE, na_allowed=True), REASONED) == (
        "already_answered"
    )


def test_a_contradiction_is_acknowledged_with_a_reason():
    state = replace(DONE, attention=Attention.CONTRADICTED, failing_episode=4)
    assert refusal(acknowledge_contradiction, item(state), PLAIN) == "reason_required"
    known = acknowledge_contradiction(item(state), REASONED)
    assert (known.attention, known.episode) == (Attention.NONE, 4)
    assert known.mark is ItemMark.DONE
    assert refusal(acknowledge_contradiction, item(DONE), REASONED) == (
        "not_contradicted"
    )


@pytest.mark.parametrize(
    ("bounds", "number", "note", "code", "sentence"),
    [
        (Bounds(0, 100, unit="%"), 101, "x", "out_of_bounds", "between 0 and 100 %."),
        (Bounds(0), -1, "x", "out_of_bounds", "Enter a number of at least 0."),
        (Bounds(hard_max=9), 10, "x", "out_of_bounds", "Enter a number of at most 9."),
        (Bounds(warn_max=70), 71, " ", "note_required", "of at most 70: add a note"),
        (Bounds(warn_min=5, warn_max=7), 4, "", "note_required", "between 5 and 7:"),
        (Bounds(), float("nan"), "", "not_finite", "Enter a number such as 12.5."),
        (Bounds(), True, "", "not_finite", "Enter a number such as 12.5."),
    ],
)
def test_a_number_outside_its_bounds_is_refused(bounds, number, note, code, sentence):
    asked = item(kind=Kind.NUMBER, bounds=bounds)
    act = Act("ann", NOW, note=note)
    with pytest.raises(Refused, match=sentence.replace(".", r"\.")) as refused:
        enter_number(asked, number, act)
    assert refused.value.code == code


def test_a_number_inside_its_bounds_is_kept():
    asked = item(kind=Kind.NUMBER, bounds=Bounds(0, 100, 10, 70))
    done = enter_number(asked, 0, Act("ann", NOW, note="Quiet night"))
    assert (done.value, done.note, done.mark) == (0.0, "Quiet night", ItemMark.DONE)
    assert enter_number(asked, 70, PLAIN).value == 70.0
    assert refusal(enter_number, item(), 5, PLAIN) == "not_a_number"
    failing = item(FAILING, kind=Kind.NUMBER)
    assert refusal(enter_number, failing, 5, PLAIN) == "reason_required"


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Kind.CHECK, "x", "not_a_text"),
        (Kind.NUMBER, "5", "not_a_text"),
        (Kind.TEXT, "  ", "empty"),
        (Kind.TEXT, "x" * 10_001, "empty"),
        (Kind.CHOICE, "green", "not_a_choice"),
        (Kind.LINK, "javascript:alert(1)", "not_a_link"),
    ],
)
def test_a_wrong_value_is_refused(kind, value, code):
    asked = item(kind=kind, choices=("red", "amber"))
    assert refusal(enter_value, asked, value, PLAIN) == code


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.TEXT, "All quiet"),
        (Kind.CHOICE, "red"),
        (Kind.LINK, "https://wiki.example.test/1"),
        (Kind.FILE, "sha256:1"),
        (Kind.PHOTO, "sha256:2"),
    ],
)
def test_a_right_value_is_kept(kind, value):
    asked = item(kind=kind, choices=("red", "amber"))
    assert enter_value(asked, f" {value} ", PLAIN).value == value
