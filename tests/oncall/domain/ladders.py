"""Ladders for tests: short ways to write them, drawn ones, and what must hold."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from oncall.domain.escalation_story import Story, simulate
from oncall.domain.ladder import (
    AckMode,
    Act,
    Condition,
    Policy,
    Reason,
    Step,
    Strategy,
)
from oncall.domain.step_window import StepWindow

# A Wednesday.
OPENED = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNRESOLVED = Condition.UNRESOLVED


def rung(minutes, **fields):
    delay = None if minutes is None else minutes * MINUTE
    return Step(delay=delay, **fields)


def ladder(*steps, **fields):
    """Rungs at minutes, or whole ones."""
    rungs = tuple(each if isinstance(each, Step) else rung(each) for each in steps)
    return Policy(steps=rungs, **fields)


def story(level=1, labels=(), ack=None, over=None):
    """An alert, acknowledged and resolved after so many minutes."""

    def after(minutes):
        return None if minutes is None else OPENED + minutes * MINUTE

    return Story(
        opened_at=OPENED,
        level=level,
        labels=dict.fromkeys(labels, "true"),
        acknowledged_at=after(ack),
        resolved_at=after(over),
    )


def all_there(policy, empty=()):
    """Everybody is there at once, but for the steps that are empty."""

    def find(at, step):
        return [None if step in empty else at] * policy.steps[step].targets

    return find


def play(policy, tale=None, empty=(), find=None, **options):
    return simulate(
        policy, tale or story(), find or all_there(policy, empty), **options
    )


def told(events):
    """Who was told when: (minutes since the opening, place of the step)."""
    return [
        ((event.at - OPENED) / MINUTE, event.move.step)
        for event in events
        if event.move.act is Act.TELL
    ]


def acts(events):
    return [(event.move.act, event.move.step) for event in events]


def passed(events):
    return [
        ((event.at - OPENED) / MINUTE, event.move.step, event.move.reason)
        for event in events
        if event.move.act is Act.PASS
    ]


windows = st.builds(
    StepWindow,
    days=st.frozensets(st.integers(0, 6)),
    starts=st.just(time(9)),
    ends=st.sampled_from([time(17), time(3)]),
    zone=st.sampled_from([ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]),
)
minutes = st.sampled_from([0, 0, 5, 15, 15, 30, 60])
levels = st.integers(1, 5)


@st.composite
def rungs(draw):
    bounds = sorted([draw(levels), draw(levels)])
    is_wide = draw(st.booleans())
    return rung(
        draw(st.one_of(minutes, st.none())) if draw(st.booleans()) else draw(minutes),
        condition=draw(st.sampled_from(Condition)),
        max_level=1 if is_wide else bounds[0],
        min_level=5 if is_wide else bounds[1],
        requires=draw(st.sampled_from(["", "", "customer_impact"])),
        strategy=draw(st.sampled_from(Strategy)),
        ack_mode=draw(st.sampled_from(AckMode)),
        skip_if_empty=draw(st.booleans()),
        window=draw(st.one_of(st.none(), st.none(), windows)),
        targets=draw(st.integers(1, 3)),
    )


@st.composite
def ladders(draw):
    steps = tuple(draw(st.lists(rungs(), min_size=1, max_size=5)))
    return Policy(
        steps=steps,
        repeats=draw(st.integers(0, 3)),
        repeat_after=draw(st.sampled_from([None, 10 * MINUTE, HOUR])),
        repeat_from=draw(st.integers(0, len(steps) - 1)),
        ack_expires_after=draw(st.sampled_from([None, 20 * MINUTE, HOUR])),
    )


@st.composite
def stories(draw):
    moments = st.one_of(st.none(), st.integers(0, 180))
    return story(
        draw(levels),
        draw(st.sampled_from([(), ("customer_impact",)])),
        draw(moments),
        draw(moments),
    )


@st.composite
def tales(draw):
    """A ladder, an alert, and which targets lead to somebody."""
    policy = draw(ladders())
    presence = [
        draw(st.lists(st.booleans(), min_size=step.targets, max_size=step.targets))
        for step in policy.steps
    ]

    def find(at, step):
        return [at if is_there else None for is_there in presence[step]]

    return policy, draw(stories()), find, presence


def check(policy, tale, presence, events):
    """Everything that must hold of a story, however it was drawn."""
    loops = {}
    loop = 0
    handed_on = False
    for event in events:
        move = event.move
        is_over = tale.resolved_at is not None and event.at >= tale.resolved_at
        assert not is_over or move.act is Act.END
        if move.act in {Act.REPEAT, Act.EXPIRE}:
            assert move.state.loop == loop + 1
            loop += 1
        if move.act is Act.TELL:
            check_told(policy, tale, presence, event, loop, handed_on)
            key = (loop, move.step)
            assert key not in loops, "a step tells once a loop"
            loops[key] = event.at
        # What is handed on goes past steps that are not for this alert.
        is_beside = move.act is Act.PASS and move.reason is not Reason.NOBODY
        if move.act is not Act.WAIT and not is_beside:
            handed_on = move.reason is Reason.NOBODY
    assert loop <= policy.repeats + (policy.ack_expires_after is not None)
    check_nobody_is_left_alone(events)
    if tale.resolved_at is not None and len(events) < 1000:
        assert events[-1].move.act is Act.END


def check_told(policy, tale, presence, event, loop, handed_on):
    step, move = policy.steps[event.move.step], event.move
    assert step.max_level <= tale.level <= step.min_level
    assert not step.requires or step.requires in tale.labels
    if not handed_on:
        assert step.delay is not None
        assert loop or event.at >= tale.opened_at + step.delay
        if step.window:
            assert step.window.opens_at(event.at) == event.at
    there = [n for n, is_there in enumerate(presence[move.step]) if is_there]
    assert move.targets, "a step tells somebody or is passed over"
    assert set(move.targets) <= set(there)
    if step.strategy is Strategy.ALL:
        assert list(move.targets) == there
    else:
        assert len(move.targets) == 1
    expiry = policy.ack_expires_after
    if step.condition is Condition.UNACKNOWLEDGED and tale.acknowledged_at:
        held = event.at >= tale.acknowledged_at and (
            expiry is None or event.at < tale.acknowledged_at + expiry
        )
        assert not held, "an acknowledgement silences it"


def check_nobody_is_left_alone(events):
    """Where a step found nobody, the next move at that moment tells somebody."""
    for event, following in pairwise(events):
        if event.move.reason is Reason.NOBODY:
            assert following.at == event.at
