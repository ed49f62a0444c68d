"""What new runs take over from the unfinished one before them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.carrying import (
    Before,
    Carried,
    CarryOver,
    Left,
    foreign_items,
    group_by_origin,
    is_unfinished,
    plan_carrying,
)
from checklists.domain.run_state import RunMark, RunOutcome

A, B, GONE = (UUID(int=number) for number in (1, 2, 3))
OWN = {A: 11, B: 12}
OLD = {A: Left(1, 5), GONE: Left(3, 7)}
BEFORE = Before(7, is_unfinished=True, open_items=OLD)
_policies = st.sampled_from(CarryOver)
_runs = st.lists(st.integers(min_value=10), unique=True, max_size=5)


@pytest.mark.parametrize(
    ("mark", "outcome", "expected"),
    [
        (RunMark.OPEN, None, True),
        (RunMark.AWAITING_SIGNOFF, None, False),
        *(
            (RunMark.CLOSED, outcome, outcome is RunOutcome.MISSED)
            for outcome in RunOutcome
        ),
    ],
)
def test_only_what_is_open_or_was_missed_leaves_something(mark, outcome, expected):
    assert is_unfinished(mark, outcome) is expected


def test_open_items_come_along_with_the_run_that_first_left_them():
    (plan,) = plan_carrying(BEFORE, [8], OWN, policy=CarryOver.COPY)
    assert plan == Carried(8, 7, OLD)
    assert group_by_origin(plan.items) == {5: [A], 7: [GONE]}
    assert foreign_items(plan.items, OWN) == [Left(3, 7)]


def test_a_link_takes_nothing_along():
    (plan,) = plan_carrying(BEFORE, [8], OWN, policy=CarryOver.LINK)
    assert plan == Carried(8, 7, {})


def test_after_downtime_each_run_follows_the_one_before():
    plans = plan_carrying(None, [8, 9], OWN, policy=CarryOver.COPY)
    assert plans == [Carried(9, 8, {A: Left(11, 8), B: Left(12, 8)})]
    plans = plan_carrying(BEFORE, [8, 9], OWN, policy=CarryOver.COPY)
    assert plans[1] == Carried(9, 8, {A: Left(11, 5), GONE: Left(3, 7), B: Left(12, 8)})


@given(_policies, _runs)
def test_a_finished_run_leaves_nothing_to_the_first_of_the_new(policy, runs):
    done = Before(7, is_unfinished=False)
    plans = plan_carrying(done, runs, OWN, policy=policy)
    assert plans == plan_carrying(None, runs, OWN, policy=policy)
    assert [(plan.run, plan.origin) for plan in plans] == (
        [] if policy is CarryOver.NONE else list(zip(runs[1:], runs[:-1], strict=True))
    )


@given(_runs, st.integers(min_value=0, max_value=5))
def test_two_sweeps_carry_what_one_would(runs, cut):
    whole = plan_carrying(BEFORE, runs, OWN, policy=CarryOver.COPY)
    first = whole[:cut]
    if not first or not runs[cut:]:
        return
    # What the second sweep reads of the last run of the first one.
    last = first[-1]
    left = {key: Left(item, OLD.get(key, Left(0, runs[0])).since)
            for key, item in (OWN | {GONE: 3}).items()}  # fmt: skip
    before = Before(last.run, is_unfinished=True, open_items=left)
    again = plan_carrying(before, runs[cut:], OWN, policy=CarryOver.COPY)
    assert [(p.run, p.origin, dict(p.items)) for p in first + again] == [
        (p.run, p.origin, dict(p.items)) for p in whole
    ]
