"""A step tells at most once a loop, never before its delay, never after the end.

By drawn ladders, by every small one, and by faults planted on purpose.
"""

import inspect
import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import Phase, given, settings

from oncall.domain import escalation, escalation_story
from oncall.domain.ladder import Condition, Policy
from tests.oncall.domain import test_escalation
from tests.oncall.domain.ladders import (
    MINUTE,
    all_there,
    check,
    play,
    rung,
    stories,
    story,
    tales,
    told,
)

RUNGS = [
    rung(delay, condition=condition, min_level=least, requires=label)
    for delay, condition, least, label in product(
        (0, 15, None), Condition, (1, 5), ("", "x")
    )
]
STORIES = [
    story(level, labels, ack, over)
    for level, labels, ack, over in (
        (1, (), None, None),
        (1, ("x",), None, None),
        (2, ("x",), 5, None),
        (2, (), 0, 20),
        (1, (), 5, 15),
        (1, ("x",), 20, 10),
    )
]


@given(tales())
def test_whatever_the_ladder_the_promises_hold(drawn):
    policy, tale, find, presence = drawn
    check(policy, tale, presence, play(policy, tale, find=find))


@given(tales(), stories())
def test_a_graver_alert_is_never_told_to_fewer_without_bounds(drawn, other):
    policy, tale, find, _ = drawn
    wide = tuple(replace(step, max_level=1) for step in policy.steps)
    policy = replace(policy, steps=wide, repeats=0, ack_expires_after=None)
    graver = replace(tale, level=max(1, tale.level - 1))
    before = {step for _, step in told(play(policy, tale, find=find))}
    after = {step for _, step in told(play(policy, graver, find=find))}
    if all(any(each) for each in drawn[3]):
        assert before <= after


def test_what_is_handed_on_goes_past_a_step_of_another_level():
    graver = rung(0, min_level=2, max_level=2)
    empty = (rung(0), rung(0, skip_if_empty=True))
    policy = Policy(steps=(*empty, graver, rung(5)))
    presence = [[False], [False], [False], [True]]
    events = play(policy, story(1), find=all_there(policy, {0, 1, 2}))
    assert told(events) == [(0, 3)]
    check(policy, story(1), presence, events)


def check_every_small_ladder():
    for steps in product(RUNGS[::2], RUNGS[1::2]):
        policy = Policy(
            steps=steps, repeats=1, repeat_after=10 * MINUTE, repeat_from=1,
            ack_expires_after=30 * MINUTE,
        )  # fmt: skip
        for number, tale in enumerate(STORIES):
            empty = {0} if number % 2 else set()
            presence = [[place not in empty] for place in range(2)]
            events = play(policy, tale, find=all_there(policy, empty))
            check(policy, tale, presence, events)


def test_every_small_ladder_keeps_the_promises():
    check_every_small_ladder()


# What stands in next_move and its helpers, and what a hurried hand would write.
FAULTS = [
    ("a resolution is not seen", "scene.alert.resolved_at is not None", "False"),
    ("levels count the other way", "step.max_level <= alert.level <= step.min_level",
     "step.max_level >= alert.level"),
    ("the label is not asked for", "if step.requires and not", "if False and not"),
    ("any text is a true label", 'not in {"", "0", "false", "no"}', "!= '?'"),
    ("acknowledged is not asked", "and is_acknowledged(state, alert):", "and False:"),
    ("unresolved asks it too",
     "if step.condition is Condition.UNACKNOWLEDGED and is_ack", "if is_ack"),
    ("steps are told again", "if place not in state.told and _why", "if _why"),
    ("told steps are looked at", "range(len(scene.policy.steps))) - scene.state.told",
     "range(len(scene.policy.steps)))"),
    ("a minute early", "if look.due <= now and", "if look.due - SLACK <= now and"),
    ("a step without a time is due", "if step.delay is None:\n        return None",
     "if step.delay is None:\n        return state.begun_at"),
    ("an empty step waits", "forced=following,", "forced=None,"),
    ("nobody is the last resort", "needs_last_resort=following is None,",
     "needs_last_resort=False,"),
    ("the last resort never ends", "needs_last_resort=False, last_at=now",
     "needs_last_resort=True, last_at=now"),
    ("no slip after an outage", "slip += now - look.due", "slip += timedelta()"),
    ("the slack slips", "now - look.due > SLACK", "now > look.due"),
    ("nothing is stale", "if is_new and now - look.due > STALE", "if False"),
    ("a late label holds", "if is_new and now - look.due > STALE",
     "if now - look.due > STALE"),
    ("an old repeat repeats", "if now - at > STALE", "if False"),
    ("an old expiry restarts", "expiry is not None and now - expiry > STALE", "False"),
    ("it repeats for ever", "state.repeats >= policy.repeats", "False"),
    ("it repeats for nobody", "if not any(\n        step.delay is not None and",
     "if not any(\n        True or"),
    ("a repeat begins at the first", "frozenset(range(policy.repeat_from))",
     "frozenset()"),
    ("a repeat waits its delay once more",
     "now - (first.delay or timedelta())", "now"),
    ("an expiry gives nothing back", "told=state.told - again", "told=state.told"),
    ("an expiry gives everything back", "told=state.told - again",
     "told=frozenset()"),
    ("an expiry keeps the old moments", "restarted_at=now,", "restarted_at=None,"),
    ("an acknowledgement never expires", "expiry is not None and expiry <= now",
     "False"),
    ("absent people are told", "targets, turn = tuple(ready), state.turn",
     "targets, turn = tuple(range(step.targets)), state.turn"),
    ("round robin stands still", "(first,), turn + 1", "(first,), turn"),
    ("round robin tells the absent", "min(ready, key=lambda",
     "min(range(step.targets), key=lambda"),
    ("closed windows tell", "if opens_at > at:", "if False:"),
    ("nobody wakes it for a window", "moments.append(look.opens_at)", "pass"),
    ("one acknowledgement is enough", "state.awaited <= alert.acknowledged_by",
     "True"),
]  # fmt: skip

quickly = settings(
    max_examples=150,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
)


@pytest.fixture(scope="module")
def source():
    return inspect.getsource(escalation)


@pytest.mark.parametrize(
    ("right", "wrong"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_planted_fault_is_caught(monkeypatch, source, right, wrong):
    assert right in source
    plant(monkeypatch, source.replace(right, wrong))

    @quickly
    @given(tales())
    def drawn(tale):
        policy, one, find, presence = tale
        check(policy, one, presence, play(policy, one, find=find))

    # The quickest first.
    assert by_example() or is_caught(check_every_small_ladder) or is_caught(drawn)


def plant(monkeypatch, source):
    """Let every test of the ladder meet the changed module."""
    faulty = {}
    exec(compile(source, "faulty", "exec"), faulty)  # noqa: S102 -- our own text
    for module in (escalation_story, test_escalation):
        for name in ("begin", "next_move", "restart", "force_next", "begin_again",
                     "is_acknowledged", "serves"):  # fmt: skip
            if hasattr(module, name):
                monkeypatch.setattr(module, name, faulty[name])


def is_caught(run):
    try:
        run()
    except Exception:  # noqa: BLE001 -- whatever a fault leads to
        return True
    return False


def by_example():
    examples = [
        each
        for name, each in vars(test_escalation).items()
        if re.match("test_", name) and not inspect.signature(each).parameters
    ]
    return any(is_caught(each) for each in examples)
