"""Which items of a run are asked for: hidden ones count for nothing and keep theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.item_state import (
    Act,
    Attention,
    Item,
    ItemMark,
    ItemSpec,
    ItemState,
    Kind,
    Mode,
    Source,
    enter_value,
    tick,
    untick,
)
from checklists.domain.observation import Outcome
from checklists.domain.reconcile import Evidence
from checklists.domain.refusal import Refused
from checklists.domain.run_state import (
    Run,
    RunMark,
    RunOutcome,
    RunState,
    RunTimes,
    Signoff,
    act_on_item,
    count_answered,
    reconcile_run,
    sign_off,
    submit,
)
from checklists.domain.show_if import Condition
from checklists.domain.verdict import Status
from checklists.domain.visibility import settle_hidden

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = RunTimes(NOW - HOUR, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR)
ANN, BOB = Act("ann", NOW), Act("bob", NOW)
DONE = ItemState(mark=ItemMark.DONE, source=Source.HUMAN, marked_by="ann")
GOOD = Evidence(Status.PASS, Outcome.PASS, NOW, consecutive_pass=9)
CHOICE = ItemSpec(kind=Kind.CHOICE, choices=("all", "part"))
IF_PART = Condition(item="backup", answers=("part",))


def watch(status, *states):
    return Condition(status=status, states=states)


def run_of(*items, **state):
    return Run(RunState(TIMES, **state), settle_hidden(items))


def hidden(run):
    return {item.key for item in run.items if item.is_hidden}


def refusal(perform, *arguments):
    with pytest.raises(Refused) as refused:
        perform(*arguments)
    return refused.value.code


def make_run():
    return run_of(
        Item("backup", CHOICE),
        Item("why", ItemSpec(), condition=IF_PART),
        Item("then", ItemSpec(), condition=Condition(item="why", states=("done",))),
    )


def answer(run, words):
    def perform(item, act):
        return enter_value(item, words, act)

    return act_on_item(run, "backup", perform, ANN)


def test_an_answer_asks_for_more_and_each_item_for_the_next():
    run = make_run()
    assert hidden(run) == {"why", "then"}
    assert hidden(answer(run, "all")) == {"why", "then"}
    run = answer(run, "part")
    assert hidden(run) == {"then"}
    run = act_on_item(run, "why", tick, ANN)
    assert hidden(run) == set()


def test_what_is_hidden_keeps_its_answer_and_counts_for_nothing():
    run = act_on_item(answer(make_run(), "part"), "why", tick, ANN)
    assert refusal(submit, run, {}, ANN) == "items_open"
    run = answer(act_on_item(run, "backup", untick, ANN), "all")
    assert hidden(run) == {"why", "then"}
    assert run.find_item("why").state.mark is ItemMark.DONE
    assert count_answered(run.items) == 1
    assert refusal(act_on_item, run, "why", untick, ANN) == "hidden"
    assert submit(run, {}, ANN).state.outcome is RunOutcome.COMPLETED


def test_a_hidden_contradiction_holds_nothing_up():
    odd = replace(DONE, attention=Attention.CONTRADICTED)
    item = Item("a", ItemSpec(), odd, watch("pass", "fail"))
    assert submit(run_of(item), {}, ANN).state.mark is RunMark.CLOSED
    shown = replace(item, condition=None)
    assert refusal(submit, run_of(shown), {}, ANN) == "contradicted"


def test_a_check_asks_for_an_item_and_ticks_only_what_is_asked_for():
    auto = ItemSpec(mode=Mode.AUTO)
    run = run_of(
        Item("lag", auto),
        Item("then", auto, condition=Condition(item="lag", states=("done",))),
        Item("not", auto, condition=watch("pass", "fail", "unknown")),
        Item("gone", ItemSpec(), condition=Condition(item="no", states=("done",))),
    )
    assert hidden(run) == {"then", "not"}
    after = reconcile_run(run, dict.fromkeys(("lag", "then", "not"), GOOD), now=NOW)
    assert hidden(after) == {"not"}
    assert [item.state.is_auto for item in after.items] == [True, True, False, False]


def test_what_is_asked_for_while_a_run_waits_opens_it_again():
    waits = {"mark": RunMark.AWAITING_SIGNOFF, "signoff": Signoff.ONE}
    ask = Item("why", ItemSpec(), condition=watch("pass", "fail"))
    run = run_of(Item("a", ItemSpec(), DONE), ask, **waits)
    assert sign_off(run, {}, BOB).state.mark is RunMark.CLOSED
    failing = replace(ask, condition=watch("fail", "fail"), is_hidden=True)
    run = Run(run.state, (run.items[0], failing))
    assert sign_off(run, {}, BOB).state.mark is RunMark.OPEN
    optional = replace(failing, spec=ItemSpec(required=False))
    run = Run(run.state, (run.items[0], optional))
    assert sign_off(run, {}, BOB).state.mark is RunMark.CLOSED


def test_a_hidden_automatic_tick_is_not_taken_back():
    ticked = ItemState(mark=ItemMark.DONE, source=Source.AUTO)
    auto = Item("a", ItemSpec(mode=Mode.AUTO), ticked, watch("pass", "fail"))
    run = run_of(auto, mark=RunMark.AWAITING_SIGNOFF, signoff=Signoff.ONE)
    assert sign_off(run, {}, BOB).state.mark is RunMark.CLOSED


STATES = st.sampled_from(
    [ItemState(), DONE, replace(DONE, value="part"), ItemState(mark=ItemMark.NA)]
)


@st.composite
def runs(draw):
    items = []
    for number in range(draw(st.integers(1, 6))):
        named = draw(st.none() | st.integers(0, number)) if number else None
        on_item = Condition(item=f"{named}", states=(draw(st.sampled_from(ITEM)),))
        on_check = watch(draw(st.sampled_from(CHECK)), draw(st.sampled_from(CHECK)))
        condition = draw(st.sampled_from([None, on_item, on_check]))
        state = draw(STATES)
        items.append(
            Item(f"{number}", ItemSpec(), state, condition, draw(st.booleans()))
        )
    return items


ITEM, CHECK = ("done", "na"), ("pass", "fail", "unknown", "pending")


@given(runs())
def test_settling_touches_no_answer_and_is_settled_at_once(items):
    settled = settle_hidden(items)
    assert [item.state for item in settled] == [item.state for item in items]
    assert settle_hidden(settled) == settled
    seen = {}
    for item in settled:
        named = seen.get(item.condition.item) if item.condition else None
        assert not (named and named.is_hidden and not item.is_hidden)
        seen[item.key] = item


@given(runs())
def test_a_run_closes_over_no_gap_that_is_asked_for(items):
    run = run_of(*items)
    gaps = [item for item in run.items if item.is_gap]
    try:
        after = submit(run, {}, ANN)
    except Refused:
        assert gaps
    else:
        assert not gaps
        assert [each.state for each in after.items] == [each.state for each in items]
