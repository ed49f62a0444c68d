from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.changeover import Changeover
from oncall.domain.handoff_steps import (
    ACCEPT_WITHIN,
    REMIND_BEFORE,
    Begin,
    Draft,
    Drop,
    Follow,
    Progress,
    Step,
    amend,
    next_look,
    next_step,
    take_step,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = datetime(2026, 1, 12, 8, tzinfo=UTC)
NOW = AT - DAY
DRAFTED = Progress(AT, AT - 3 * DAY)


def test_the_steps_come_at_their_moments():
    remind, escalate = AT - REMIND_BEFORE, AT + ACCEPT_WITHIN
    assert next_step(DRAFTED, NOW) == (None, remind)
    assert next_step(DRAFTED, remind) == (Step.REMIND, AT)
    assert next_step(DRAFTED, AT) == (Step.ASK, escalate)
    assert next_step(DRAFTED, escalate) == (Step.ESCALATE, None)


def test_a_step_that_was_taken_is_not_taken_again():
    reminded = take_step(DRAFTED, Step.REMIND, AT - HOUR)
    assert next_step(reminded, AT - HOUR) == (None, AT)
    told = take_step(reminded, Step.ESCALATE, AT + HOUR)
    assert next_step(told, AT + HOUR) == (None, None)


def test_after_a_silence_only_the_latest_step_is_taken():
    assert next_step(DRAFTED, AT + 3 * HOUR) == (Step.ESCALATE, None)


def test_a_step_that_is_a_day_late_is_left_out():
    assert next_step(DRAFTED, AT + 2 * DAY) == (None, None)


def test_drafted_late_people_get_the_same_time():
    late = Progress(AT, AT + HOUR)
    assert next_step(late, AT + HOUR) == (Step.ASK, AT + HOUR + ACCEPT_WITHIN)


@pytest.mark.parametrize("end", ["accepted_at", "cancelled_at"])
def test_what_is_over_needs_no_step(end):
    assert next_step(replace(DRAFTED, **{end: NOW}), AT + HOUR) == (None, None)
    assert next_look(replace(DRAFTED, **{end: NOW}), AT + HOUR) is None


def test_the_next_look_is_now_when_a_step_is_due():
    assert next_look(DRAFTED, NOW) == AT - REMIND_BEFORE
    assert next_look(DRAFTED, AT) == AT


_moments = st.lists(st.integers(-40 * 60, 40 * 60), min_size=1, max_size=30)


@given(minutes=_moments, accepted=st.none() | st.integers(-120, 60 * 30))
def test_each_step_comes_at_most_once_in_order_and_never_after_acceptance(
    minutes, accepted
):
    handoff, taken = DRAFTED, []
    over_at = None if accepted is None else AT + timedelta(minutes=accepted)
    for now in sorted(AT + timedelta(minutes=each) for each in minutes):
        if over_at is not None and now >= over_at and handoff.accepted_at is None:
            handoff = replace(handoff, accepted_at=over_at)
        step, later = next_step(handoff, now)
        assert later is None or later > now
        if step is not None:
            assert handoff.accepted_at is None
            handoff = take_step(handoff, step, now)
            taken.append(step)
            assert next_step(handoff, now) == (None, later)
    order = list(Step)
    assert [order.index(step) for step in taken] == sorted(
        {order.index(step) for step in taken}
    )


@given(minutes=_moments)
def test_looking_only_when_told_takes_every_step_in_time(minutes):
    handoff, taken, now = DRAFTED, [], DRAFTED.created_at
    while (look := next_look(handoff, now)) is not None:
        now = max(look, now)
        step, _ = next_step(handoff, now)
        if step is not None:
            taken.append((step, now))
            handoff = take_step(handoff, step, now)
    assert taken == [
        (Step.REMIND, AT - REMIND_BEFORE),
        (Step.ASK, AT),
        (Step.ESCALATE, AT + ACCEPT_WITHIN),
    ]


# What becomes of drafts


def change(at=AT, outgoing="A", incoming="B"):
    return Changeover(at, "weekly", outgoing, incoming)


def draft(at=AT, **more):
    fields = {"outgoing": "A", "incoming": "B", "created_at": AT - 6 * DAY} | more
    return Draft(key=1, at=at, **fields)


def test_the_next_changeover_is_drafted_once():
    assert amend([], [change(), change(AT + 2 * DAY)], NOW) == [Begin(change())]
    assert amend([draft()], [change()], NOW) == []
    assert amend([], [change(AT + 8 * DAY)], NOW) == []


def test_one_that_was_just_missed_is_drafted_too():
    assert amend([], [change()], AT + HOUR) == [Begin(change())]
    assert amend([], [change()], AT + DAY) == []
    assert amend([draft()], [change()], AT + HOUR) == []


def test_other_people_at_the_same_moment_are_followed():
    other = change(incoming="C")
    assert amend([draft()], [other], NOW) == [Follow(1, other)]


def test_a_draft_moves_with_its_handoff():
    for at in (AT + 5 * HOUR, AT - 5 * HOUR):
        assert amend([draft()], [change(at)], NOW) == [Follow(1, change(at))]


def test_a_pager_that_was_taken_early_moves_the_draft_into_the_past():
    taken = change(NOW - HOUR)
    assert amend([draft()], [taken], NOW) == [Follow(1, taken)]
    # Not to what happened before the draft was known.
    young = draft(created_at=NOW)
    assert amend([young], [taken], NOW) == [Drop(1), Begin(taken)]


def test_a_draft_does_not_become_the_handoff_of_another_week():
    far = change(AT + 6 * DAY - HOUR)
    assert amend([draft()], [far], NOW) == [Drop(1), Begin(far)]
    assert amend([draft()], [], NOW) == [Drop(1)]


def test_a_cancelled_draft_comes_back_with_its_handoff():
    gone = draft(is_cancelled=True)
    assert amend([gone], [change()], NOW) == [Follow(1, change())]
    assert amend([gone], [], NOW) == []


def test_what_is_past_or_accepted_stays_as_it_was():
    other = change(incoming="C")
    assert amend([draft()], [other], AT + HOUR) == []
    accepted = draft(is_accepted=True)
    assert amend([accepted], [other], AT - HOUR) == []
    assert amend([accepted], [], AT - HOUR) == []


@given(
    hours=st.lists(st.integers(-200, 200), unique=True, max_size=4).map(sorted),
    kept=st.lists(st.integers(-200, 200), unique=True, max_size=3),
    cancelled=st.booleans(),
)
def test_amending_what_was_amended_changes_nothing(hours, kept, cancelled):
    wanted = [change(AT + each * HOUR) for each in hours]
    drafts = {
        key: replace(draft(AT + at * HOUR, is_cancelled=cancelled), key=key)
        for key, at in enumerate(kept)
    }
    for act in amend(list(drafts.values()), wanted, AT):
        if isinstance(act, Drop):
            drafts[act.key] = replace(drafts[act.key], is_cancelled=True)
            continue
        key = act.key if isinstance(act, Follow) else 100 + len(drafts)
        at, _, outgoing, incoming = act.change
        drafts[key] = Draft(key, at, outgoing, incoming, AT - 6 * DAY)
    moments = [each.at for each in drafts.values()]
    assert len(set(moments)) == len(moments)
    assert amend(list(drafts.values()), wanted, AT) == []
