"""Which alert a check should have, beside the one it has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.alert_choice import (
    AlertStep,
    Choice,
    Standing,
    Wanted,
    choose_alert,
)
from checklists.domain.observation import Outcome
from checklists.domain.verdict import CheckState, Status

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEAVE = Choice(AlertStep.LEAVE)
RESOLVE = Choice(AlertStep.RESOLVE)
PLAIN = Wanted(default_level=3)
PASSING = CheckState(
    status=Status.PASS, since=NOW - HOUR, last_outcome=Outcome.PASS, consecutive_pass=9
)
FAILING = CheckState(
    status=Status.FAIL, since=NOW - HOUR, last_outcome=Outcome.FAIL, consecutive_fail=9
)
OPEN = Standing(3, is_open=True)


def ended_by_hand(at, level=3):
    return Standing(level, is_open=False, ended_by_hand_at=at)


def test_a_confirmed_failure_fires_at_the_default_level():
    assert choose_alert(FAILING, PLAIN, [], None) == Choice(AlertStep.FIRE, 3)


def test_a_failure_that_goes_on_repeats():
    assert choose_alert(FAILING, PLAIN, [], OPEN) == Choice(AlertStep.REPEAT, 3)


def test_a_confirmed_recovery_resolves():
    assert choose_alert(PASSING, PLAIN, [], OPEN) == RESOLVE


def test_a_pass_without_an_alert_needs_nothing():
    assert choose_alert(PASSING, PLAIN, [], None) == LEAVE


@pytest.mark.parametrize(
    "state",
    [
        CheckState(),
        FAILING._replace(in_maintenance=True),
        FAILING._replace(last_outcome=Outcome.PASS, consecutive_pass=1),
        PASSING._replace(last_outcome=Outcome.FAIL, consecutive_fail=1),
        PASSING._replace(last_outcome=Outcome.UNKNOWN),
        FAILING._replace(status=Status.UNKNOWN, last_outcome=Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("standing", [None, OPEN])
def test_what_is_unconfirmed_unknown_or_in_maintenance_changes_nothing(state, standing):
    assert choose_alert(state, PLAIN, [], standing) == LEAVE


def test_a_check_that_raises_no_alert_only_takes_back_what_it_has():
    wanted = replace(PLAIN, raises_alert=False)
    assert choose_alert(FAILING, wanted, [], None) == LEAVE
    assert choose_alert(FAILING, wanted, [], OPEN) == RESOLVE


@pytest.mark.parametrize("parent", [FAILING, PASSING._replace(consecutive_fail=1)])
def test_a_parent_that_is_down_keeps_a_new_alert_quiet(parent):
    assert choose_alert(FAILING, PLAIN, [PASSING, parent], None) == LEAVE


def test_what_a_parent_kept_quiet_is_told_once_the_parent_is_back():
    assert choose_alert(FAILING, PLAIN, [PASSING], None).step is AlertStep.FIRE


def test_a_check_recovers_even_under_a_failing_parent():
    assert choose_alert(PASSING, PLAIN, [FAILING], OPEN) == RESOLVE


def test_what_a_person_resolved_stays_so_while_the_same_failure_lasts():
    standing = ended_by_hand(NOW)
    assert choose_alert(FAILING, PLAIN, [], standing) == LEAVE


def test_the_next_failure_after_a_person_resolved_fires_again():
    standing = ended_by_hand(NOW - 2 * HOUR)
    assert choose_alert(FAILING, PLAIN, [], standing) == Choice(AlertStep.FIRE, 3)


def test_a_worse_failure_than_the_one_a_person_resolved_fires():
    standing = ended_by_hand(NOW, level=4)
    assert choose_alert(FAILING, PLAIN, [], standing) == Choice(AlertStep.FIRE, 3)


def test_flapping_opens_one_alert_and_leaves_it():
    state = FAILING._replace(is_flapping=True, changes_at=(NOW - HOUR, NOW))
    assert choose_alert(state, PLAIN, [], None) == Choice(AlertStep.FLAP, 3)
    assert choose_alert(state, PLAIN, [], OPEN) == LEAVE
    assert choose_alert(state, PLAIN, [], ended_by_hand(NOW)) == LEAVE
    assert choose_alert(state, PLAIN, [FAILING], None) == LEAVE


def test_words_that_are_no_longer_true_are_told_anew():
    told = replace(PLAIN, has_new_words=True)
    state = FAILING._replace(is_flapping=True, changes_at=(NOW,))
    assert choose_alert(state, told, [], OPEN) == Choice(AlertStep.FLAP, 3)
    assert choose_alert(FAILING, told, [], OPEN) == Choice(AlertStep.FIRE, 3)


LADDER = Wanted(default_level=3, has_ladder=True)


def test_with_a_ladder_a_failure_below_every_rung_is_no_alert():
    assert choose_alert(FAILING, LADDER, [], None) == LEAVE
    assert choose_alert(FAILING, LADDER, [], OPEN) == RESOLVE


def test_a_rung_gives_the_level_and_moving_between_rungs_fires_again():
    wanted = replace(LADDER, ladder_level=1, ladder_since=NOW - HOUR)
    assert choose_alert(FAILING, wanted, [], None) == Choice(AlertStep.FIRE, 1)
    assert choose_alert(FAILING, wanted, [], OPEN) == Choice(AlertStep.FIRE, 1)


def test_a_rung_of_a_check_that_passes_fires_too():
    wanted = replace(LADDER, ladder_level=4, ladder_since=NOW - HOUR)
    assert choose_alert(PASSING, wanted, [], None) == Choice(AlertStep.FIRE, 4)


def test_a_rung_that_holds_anew_after_a_person_resolved_fires():
    wanted = replace(LADDER, ladder_level=3, ladder_since=NOW)
    standing = ended_by_hand(NOW - HOUR)
    assert choose_alert(PASSING, wanted, [], standing) == Choice(AlertStep.FIRE, 3)


@pytest.mark.parametrize(("rung", "level"), [(None, 3), (1, 1), (5, 3)])
def test_with_nothing_to_judge_a_failure_is_as_bad_as_the_default_or_worse(rung, level):
    state = FAILING._replace(last_code="connect_refused")
    wanted = replace(LADDER, ladder_level=rung)
    assert choose_alert(state, wanted, [], None) == Choice(AlertStep.FIRE, level)


STATES = st.builds(
    CheckState,
    status=st.sampled_from(Status),
    since=st.just(NOW),
    last_outcome=st.none() | st.sampled_from(Outcome),
    last_code=st.sampled_from(["", "timeout"]),
    is_flapping=st.booleans(),
    in_maintenance=st.booleans(),
)
WANTED = st.builds(
    Wanted,
    default_level=st.integers(1, 5),
    has_ladder=st.booleans(),
    ladder_level=st.none() | st.integers(1, 5),
    raises_alert=st.booleans(),
)
STANDINGS = st.none() | st.builds(
    Standing, level=st.integers(1, 5), is_open=st.booleans()
)


@given(STATES, WANTED, st.lists(STATES, max_size=2), STANDINGS)
def test_only_an_open_alert_repeats_or_resolves_and_only_levels_fire(
    state, wanted, parents, standing
):
    choice = choose_alert(state, wanted, parents, standing)
    is_open = standing is not None and standing.is_open
    if choice.step in {AlertStep.REPEAT, AlertStep.RESOLVE}:
        assert is_open
    has_level = choice.step in {AlertStep.REPEAT, AlertStep.FIRE, AlertStep.FLAP}
    assert (choice.level is not None) == has_level


@given(STATES, WANTED, st.lists(STATES, max_size=2), STANDINGS)
def test_choosing_again_after_firing_changes_nothing_more(
    state, wanted, parents, standing
):
    choice = choose_alert(state, wanted, parents, standing)
    if choice.level is not None:
        after = Standing(choice.level, is_open=True)
        again = choose_alert(state, wanted, parents, after)
        assert again.step in {AlertStep.LEAVE, AlertStep.REPEAT}
