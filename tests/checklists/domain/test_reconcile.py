"""What a check does to an item: every row of the table, and its promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.item_state import (
    Attention,
    Item,
    ItemMark,
    ItemSpec,
    ItemState,
    Mode,
    Source,
)
from checklists.domain.observation import Outcome
from checklists.domain.reconcile import (
    Evidence,
    default_freshness,
    is_fresh,
    may_tick,
    read_evidence,
    reconcile,
)
from checklists.domain.verdict import CheckRule, CheckState, Reading, Status, judge

OPENS = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
NOW = OPENS + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PASSING = Evidence(Status.PASS, Outcome.PASS, NOW - MINUTE, consecutive_pass=1)
BROKEN = Evidence(
    Status.FAIL, Outcome.FAIL, NOW - 9 * MINUTE, NOW - MINUTE, episode=4
)  # fmt: skip
TICKED = ItemState(
    mark=ItemMark.DONE,
    source=Source.AUTO,
    marked_at=NOW,
    evidence_at=NOW - MINUTE,
)
BY_HAND = ItemState(mark=ItemMark.DONE, source=Source.HUMAN, marked_by="ann")
STALE = ItemState(attention=Attention.STALE)


def settle(evidence, state=None, *, now=NOW, **spec):
    spec = ItemSpec(**{"mode": Mode.AUTO, **spec})
    item = Item("lag", spec, state or ItemState())
    return reconcile(item, evidence, opens_at=OPENS, now=now)


def test_a_confirmed_fresh_pass_ticks_an_open_item():
    assert settle(PASSING) == TICKED
    assert settle(PASSING, STALE) == TICKED
    failing = ItemState(attention=Attention.FAILING, failing_episode=1)
    assert settle(PASSING, failing) == TICKED


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.PENDING},
        {"status": Status.UNKNOWN},
        {"last_outcome": Outcome.UNKNOWN},
        {"last_outcome": Outcome.FAIL},
        {"last_ok_at": None},
        {"last_ok_at": NOW - timedelta(minutes=16)},
        {"last_ok_at": NOW + MINUTE},
        {"last_ok_at": OPENS - MINUTE},
    ],
)
def test_anything_less_leaves_it_stale(change):
    evidence = replace(PASSING, **change)
    now = OPENS if change.get("last_ok_at") == OPENS - MINUTE else NOW
    assert settle(evidence, now=now) == STALE


def test_a_pass_that_was_seen_while_a_request_waited_is_fresh():
    evidence = replace(PASSING, last_ok_at=NOW + timedelta(seconds=30))
    assert settle(evidence, STALE) == replace(
        TICKED, evidence_at=NOW + timedelta(seconds=30)
    )


def test_a_pass_from_before_the_window_counts_within_the_lookback():
    evidence = replace(PASSING, last_ok_at=OPENS - MINUTE)
    assert settle(evidence, now=OPENS).mark is ItemMark.OPEN
    assert settle(evidence, now=OPENS, lookback=MINUTE).is_auto


@pytest.mark.parametrize(
    ("evidence", "spec"),
    [
        (PASSING, {"mode": Mode.ASSISTED}),
        (replace(PASSING, parents_ok=False), {}),
        (PASSING, {"min_consecutive": 2}),
    ],
)
def test_a_fresh_pass_that_may_not_tick_leaves_the_item_open(evidence, spec):
    assert settle(evidence, STALE, **spec) == ItemState()


def test_an_assisted_item_with_nothing_to_look_at_ticks_itself():
    evidence = replace(PASSING, nothing_to_do=True)
    assert settle(evidence, mode=Mode.ASSISTED).is_auto


def test_a_held_item_is_judged_but_never_ticked():
    held = ItemState(hold=True)
    assert settle(PASSING, held) == held
    assert settle(BROKEN, held).attention is Attention.FAILING


def test_a_confirmed_failure_marks_an_open_item():
    failing = ItemState(attention=Attention.FAILING, failing_episode=4)
    assert settle(BROKEN) == failing
    assert settle(BROKEN, STALE, mode=Mode.ASSISTED) == failing


def test_a_failure_seen_after_the_tick_takes_it_back():
    state = replace(TICKED, evidence_at=NOW - 9 * MINUTE, note="kept")
    assert settle(BROKEN, state) == ItemState(
        attention=Attention.FAILING, failing_episode=4, note="kept"
    )
    assert settle(BROKEN, TICKED) == TICKED
    for evidence in (PASSING, replace(BROKEN, status=Status.UNKNOWN)):
        assert settle(evidence, state) == state


def test_a_failure_contradicts_a_person_once_for_each_episode():
    contradicted = replace(BY_HAND, attention=Attention.CONTRADICTED, failing_episode=4)
    assert settle(BROKEN, BY_HAND) == contradicted
    assert settle(PASSING, contradicted) == contradicted
    known = replace(BY_HAND, episode=4)
    assert settle(BROKEN, known) == known
    later = settle(replace(BROKEN, episode=5), known)
    assert later.attention is Attention.CONTRADICTED


def test_manual_left_out_and_maintained_items_are_let_alone():
    left_out = ItemState(mark=ItemMark.NA)
    assert settle(BROKEN, left_out) == left_out
    assert settle(BROKEN, mode=Mode.MANUAL) == ItemState()
    assert settle(replace(PASSING, in_maintenance=True)) == ItemState()


def test_evidence_is_what_the_check_confirmed():
    rule = CheckRule()
    state, _ = judge(CheckState(), rule, Reading(OPENS, OPENS, Outcome.PASS))
    assert read_evidence(state, parents_ok=False) == Evidence(
        Status.PASS, Outcome.PASS, OPENS, consecutive_pass=1, parents_ok=False
    )


@pytest.mark.parametrize(
    ("kind", "interval", "expected"),
    [
        ("http", MINUTE, 2 * MINUTE),
        ("sql", timedelta(hours=1), 15 * MINUTE),
        ("tls", timedelta(hours=6), timedelta(hours=24)),
        ("file", MINUTE, timedelta(hours=26)),
        ("report", MINUTE, timedelta(days=7)),
    ],
)
def test_freshness_depends_on_the_kind(kind, interval, expected):
    assert default_freshness(kind, interval, timedelta(days=7)) == expected


MOMENTS = st.none() | st.integers(-90, 90).map(lambda n: NOW + n * MINUTE)
EVIDENCE = st.builds(
    Evidence,
    st.sampled_from(Status),
    st.none() | st.sampled_from(Outcome),
    MOMENTS,
    MOMENTS,
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
STATES = st.builds(
    ItemState,
    st.sampled_from(ItemMark),
    st.sampled_from(Source),
    st.sampled_from(Attention),
    st.booleans(),
    st.none() | st.just("ann"),
    evidence_at=MOMENTS,
    failing_episode=st.none() | st.integers(0, 3),
    episode=st.none() | st.integers(0, 3),
)
ITEMS = st.builds(
    Item,
    st.just("lag"),
    st.builds(
        ItemSpec,
        mode=st.sampled_from(Mode),
        min_consecutive=st.integers(1, 2),
        lookback=st.sampled_from([timedelta(0), MINUTE]),
    ),
    STATES,
)


@given(ITEMS, EVIDENCE)
def test_reconciling_twice_is_reconciling_once(item, evidence):
    once = reconcile(item, evidence, opens_at=OPENS, now=NOW)
    again = replace(item, state=once)
    assert reconcile(again, evidence, opens_at=OPENS, now=NOW) == once


@given(ITEMS, EVIDENCE)
def test_nothing_is_ticked_but_on_a_fresh_confirmed_pass(item, evidence):
    after = reconcile(item, evidence, opens_at=OPENS, now=NOW)
    if after.is_auto and not item.state.is_auto:
        assert evidence.status is Status.PASS
        assert evidence.last_outcome is Outcome.PASS
        assert is_fresh(item, evidence, opens_at=OPENS, now=NOW)
        assert may_tick(item, evidence)
        assert OPENS - item.spec.lookback <= after.evidence_at <= NOW
        assert not item.state.hold


@given(ITEMS, EVIDENCE)
def test_a_check_never_answers_for_a_person_nor_undoes_what_one_did(item, evidence):
    after = reconcile(item, evidence, opens_at=OPENS, now=NOW)
    assert after.source is not Source.HUMAN or item.state.source is Source.HUMAN
    if item.state.is_answered and not item.state.is_auto:
        assert after.mark is item.state.mark
