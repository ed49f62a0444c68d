"""Every order of events on a run of two items, walked to the end."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from checklists.domain.item_state import (
    MIN_REASON,
    Act,
    Attention,
    Item,
    ItemMark,
    ItemSpec,
    Mode,
    Source,
    acknowledge_contradiction,
    mark_not_applicable,
    release,
    tick,
    untick,
)
from checklists.domain.observation import Outcome
from checklists.domain.reconcile import Evidence, is_fresh, may_tick, read_evidence
from checklists.domain.refusal import Refused
from checklists.domain.run_state import (
    Run,
    RunMark,
    RunOutcome,
    RunState,
    RunTimes,
    Signoff,
    act_on_item,
    close_by_time,
    reconcile_run,
    reject,
    sign_off,
    skip,
    stamp_missed,
    submit,
)
from checklists.domain.verdict import CheckRule, CheckState, Reading, Status, judge

OPENS = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMES = RunTimes(OPENS, OPENS + 30 * MINUTE, OPENS + 40 * MINUTE, OPENS + 60 * MINUTE)
RULE = CheckRule(fail_after=1, recover_after=1, unknown_after=1)
WHY = "The vendor confirmed it"
AUTO = ItemSpec(mode=Mode.AUTO, critical=True, freshness=timedelta(hours=1))
HAND = ItemSpec(na_allowed=True)


class World(NamedTuple):
    """A run, what its check said so far (``pfu``), and how late it is."""

    run: Run
    word: str
    hour: int


@dataclass(frozen=True)
class Walk:
    """What is reachable: how long the check may speak, who may sign."""

    signoff: Signoff
    readings: int
    items: tuple[Item, ...]


CLOCK = [
    [OPENS + late + readings * MINUTE for readings in range(9)]
    for late in (timedelta(0), 41 * MINUTE, 60 * MINUTE)
]


def clock(world: World) -> datetime:
    return CLOCK[world.hour][len(world.word)]


EVIDENCE: dict[tuple[str, int], Evidence] = {}


def evidence_of(world: World) -> Evidence:
    if (world.word, world.hour) not in EVIDENCE:
        state = CheckState()
        for place, letter in enumerate(world.word, start=1):
            at = OPENS + place * MINUTE
            outcome = {"p": Outcome.PASS, "f": Outcome.FAIL, "u": Outcome.UNKNOWN}
            state, _ = judge(state, RULE, Reading(at, at, outcome[letter]))
        EVIDENCE[world.word, world.hour] = read_evidence(state)
    return EVIDENCE[world.word, world.hour]


def item_act(key: str, perform: Callable, by: str, reason: str = "") -> Callable:
    def move(world: World) -> Run:
        act = Act(by, clock(world), reason)
        return act_on_item(world.run, key, perform, act)

    return move


def run_act(perform: Callable, by: str, reason: str = "") -> Callable:
    def move(world: World) -> Run:
        act = Act(by, clock(world), reason)
        if perform in {submit, sign_off}:
            return perform(world.run, {"auto": evidence_of(world)}, act)
        return perform(world.run, act)

    return move


def reconcile_now(world: World) -> Run:
    return reconcile_run(
        world.run, {"auto": evidence_of(world)}, now=clock(world)
    )  # fmt: skip


def pass_time(world: World) -> Run:
    state = close_by_time(world.run.state, now=clock(world))
    return replace(world.run, state=stamp_missed(state, now=clock(world)))


MOVES = {
    "reconcile": reconcile_now,
    "pass_time": pass_time,
    "tick": item_act("auto", tick, "ann"),
    "override": item_act("auto", tick, "ann", WHY),
    "untick": item_act("auto", untick, "ann"),
    "release": item_act("auto", release, "ann"),
    "acknowledge": item_act("auto", acknowledge_contradiction, "ann", WHY),
    "hand tick": item_act("hand", tick, "bob"),
    "hand untick": item_act("hand", untick, "bob"),
    "leave out": item_act("hand", mark_not_applicable, "bob", WHY),
    "submit": run_act(submit, "bob"),
    "sign by ann": run_act(sign_off, "ann"),
    "sign by eve": run_act(sign_off, "eve"),
    "reject": run_act(reject, "eve", WHY),
    "skip": run_act(skip, "eve", WHY),
}


def settle(run: Run) -> Run:
    """Forget what only tells when, so that equal situations meet."""
    items = tuple(
        item
        if item.state.marked_at in {None, OPENS}
        else item.put(replace(item.state, marked_at=OPENS))
        for item in run.items
    )
    state = run.state
    if {state.first_completed_at, state.closed_at} - {None, OPENS} or state.reason:
        done, closed = state.first_completed_at and OPENS, state.closed_at and OPENS
        state = replace(state, first_completed_at=done, closed_at=closed, reason="")
    return Run(state, items)


def steps(world: World, walk: Walk) -> Iterator[tuple[str, World]]:
    if len(world.word) < walk.readings and world.hour == 0:
        for letter in "pfu":
            yield letter, world._replace(word=world.word + letter)
    if world.hour < 2:
        yield "later", world._replace(hour=world.hour + 1)
    for name, move in MOVES.items():
        try:
            run = move(world)
        except (Refused, KeyError):
            continue
        check_step(name, world, run)
        yield name, world._replace(run=settle(run))


def check_step(name: str, world: World, after: Run) -> None:
    before, evidence, now = world.run, evidence_of(world), clock(world)
    if before.state.mark is RunMark.CLOSED:
        assert after == before, "a closed run changed"
    assert before.state.missed_at in {None, after.state.missed_at}, "missed_at moved"
    for old, new in zip(before.items, after.items, strict=True):
        if new.state.is_auto and not old.state.is_auto:
            assert name in {"reconcile", "submit", "sign by ann", "sign by eve"}
            assert evidence.status is Status.PASS
            assert evidence.last_outcome is Outcome.PASS
            assert is_fresh(old, evidence, opens_at=OPENS, now=now)
            assert may_tick(old, evidence)
            assert not old.state.hold, "a held item was ticked"
    if after.state.outcome is RunOutcome.COMPLETED:
        check_completed(name, before, after, evidence)


def check_completed(name: str, before: Run, after: Run, evidence: Evidence) -> None:
    if before.state.outcome is RunOutcome.COMPLETED:
        return
    for item in after.items:
        assert item.state.mark is not ItemMark.OPEN
        assert item.state.attention is not Attention.CONTRADICTED
    auto = after.items[0].state
    if evidence.status is Status.FAIL:
        assert len(auto.reason) >= MIN_REASON, "signed over a failure in silence"
        assert after.state.signed_by not in {None, auto.overridden_by}
    if after.state.signoff is Signoff.TWO:
        people = {i.state.marked_by for i in after.items if i.state.source == "human"}
        assert after.state.signed_by not in {None, *people}
    if name.startswith("sign") and auto.source is Source.AUTO:
        assert evidence.status is Status.PASS


def check_world(world: World) -> None:
    once = reconcile_now(world)
    assert reconcile_now(world._replace(run=once)) == once, "reconcile is not settled"
    for item in world.run.items:
        assert not (item.state.is_auto and item.state.hold)
        assert not (item.state.mark is ItemMark.OPEN and item.state.marked_by)
    assert (world.run.state.outcome is None) == (
        world.run.state.mark is not RunMark.CLOSED
    )


# Two more readings make 30 times as many situations: a matter for the night.
DEEPER = 2 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 0
BOTH = (Item("auto", AUTO), Item("hand", HAND))


@pytest.mark.parametrize(
    ("walk", "at_least"),
    [
        (Walk(Signoff.TWO, 1 + DEEPER, BOTH), 2000),
        (Walk(Signoff.NONE, 1 + DEEPER, BOTH), 1000),
        (Walk(Signoff.ONE, 2 + DEEPER, BOTH[:1]), 2000),
    ],
    ids=["two sign", "nobody signs", "one item alone"],
)
def test_no_order_of_events_breaks_a_promise(walk, at_least):
    start = World(Run(RunState(TIMES, walk.signoff), walk.items), "", 0)
    seen, queue = {start}, deque([start])
    moves = 0
    while queue:
        world = queue.popleft()
        check_world(world)
        for _, reached in steps(world, walk):
            moves += 1
            if reached not in seen:
                seen.add(reached)
                queue.append(reached)
    assert len(seen) > at_least
    assert moves > len(seen)
    outcomes = {world.run.state.outcome for world in seen}
    assert outcomes == {None, *RunOutcome} - {RunOutcome.VOID}
    attentions = {world.run.items[0].state.attention for world in seen}
    assert attentions == set(Attention)
