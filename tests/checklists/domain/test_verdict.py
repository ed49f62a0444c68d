"""Confirmed states: streaks, recoveries, flapping, and when to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.observation import Failure, Outcome
from checklists.domain.verdict import (
    Change,
    CheckRule,
    CheckState,
    Reading,
    Status,
    apply_readings,
    find_next_due,
    find_phase,
    is_down,
    is_unconfirmed,
    judge,
    may_alert,
    outcome_of,
)

START = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = CheckRule()
WORDS = {"p": Outcome.PASS, "f": Outcome.FAIL, "u": Outcome.UNKNOWN}


def readings(word, every=MINUTE):
    """``pfu`` is a pass, a failure and an unknown; capitals are in maintenance."""
    return [
        Reading(
            START + every * place,
            START + every * place + timedelta(seconds=1),
            WORDS[letter.lower()],
            in_maintenance=letter.isupper(),
        )
        for place, letter in enumerate(word)
    ]


def run(word, rule=RULE, every=MINUTE):
    return apply_readings(CheckState(), rule, readings(word, every))


@pytest.mark.parametrize(
    ("word", "status", "changes"),
    [
        ("", Status.PENDING, []),
        ("p", Status.PASS, [Change.PASSED_FIRST]),
        ("f", Status.PENDING, []),
        ("ff", Status.FAIL, [Change.FAILED]),
        ("pf", Status.PASS, [Change.PASSED_FIRST]),
        ("pff", Status.FAIL, [Change.PASSED_FIRST, Change.FAILED]),
        ("pfpf", Status.PASS, [Change.PASSED_FIRST]),
        ("ffp", Status.FAIL, [Change.FAILED]),
        ("ffpp", Status.PASS, [Change.FAILED, Change.RECOVERED]),
        ("ffpup", Status.FAIL, [Change.FAILED]),
        ("fuf", Status.FAIL, [Change.FAILED]),
        ("pu", Status.PASS, [Change.PASSED_FIRST]),
        ("puu", Status.UNKNOWN, [Change.PASSED_FIRST, Change.BECAME_UNKNOWN]),
        ("puup", Status.PASS, [Change.PASSED_FIRST, Change.BECAME_UNKNOWN]),
        ("puuf", Status.UNKNOWN, [Change.PASSED_FIRST, Change.BECAME_UNKNOWN]),
        ("ffuup", Status.FAIL, [Change.FAILED, Change.BECAME_UNKNOWN]),
        ("ffuuf", Status.FAIL, [Change.FAILED, Change.BECAME_UNKNOWN]),
        ("pFF", Status.PASS, [Change.PASSED_FIRST]),
        ("PP", Status.PENDING, []),
    ],
)
def test_readings_confirm_a_state(word, status, changes):
    state, found = run(word)
    assert state.status is status
    assert list(found) == changes


def test_a_failure_starts_a_new_episode_and_notes_when():
    state, _ = run("pffppff")
    assert state.episode == 2
    assert state.since == START + 6 * MINUTE + timedelta(seconds=1)
    assert state.last_ok_at == START + 4 * MINUTE + timedelta(seconds=1)
    assert state.last_fail_at == state.since


def test_maintenance_leaves_no_evidence():
    state, changes = run("P")
    assert changes == ()
    assert state.in_maintenance
    assert state.last_ok_at is None
    assert not run("Pp")[0].in_maintenance


def test_failures_among_the_last_readings_confirm_a_failure():
    rule = CheckRule(fail_after=3, fail_within=5)
    assert run("pfpfpf", rule)[0].status is Status.FAIL
    assert run("pfppfpf", rule)[0].status is Status.PASS
    assert run("fff", rule)[0].status is Status.FAIL
    assert run("fffpp", rule)[0].status is Status.FAIL
    assert run("fffppp", rule)[0].status is Status.PASS


def test_a_rule_that_could_never_confirm_is_refused():
    with pytest.raises(ValueError, match="at least one reading"):
        CheckRule(fail_after=0)
    with pytest.raises(ValueError, match="at least one reading"):
        CheckRule(fail_after=3, fail_within=2)
    with pytest.raises(ValueError, match="interval above zero"):
        CheckRule(interval=timedelta(0))


def test_many_swings_within_an_hour_are_flapping_until_it_is_quiet():
    rule = CheckRule(fail_after=1, recover_after=1)
    state, changes = run("pfpfpf", rule)
    assert not state.is_flapping
    state, changes = run("pfpfpfp", rule)
    assert state.is_flapping
    assert changes[-1] is Change.FLAPPING_STARTED
    assert not may_alert(state, [])
    state, changes = run("pfpfpfp" + "p" * 14, rule)
    assert state.is_flapping
    state, changes = run("pfpfpfp" + "p" * 15, rule)
    assert not state.is_flapping
    assert changes[-1] is Change.FLAPPING_ENDED
    assert not run("pfpfpfpfp", rule, every=timedelta(minutes=20))[0].is_flapping


def test_a_failing_parent_keeps_its_children_quiet_but_not_unjudged():
    child, _ = run("pff")
    assert child.status is Status.FAIL
    assert may_alert(child, [])
    assert may_alert(child, [run("pp")[0], run("uu")[0]])
    assert not may_alert(child, [run("pp")[0], run("pff")[0]])
    assert not may_alert(child, [run("pf")[0]])
    assert not may_alert(child._replace(in_maintenance=True), [])
    assert is_down(run("ffp")[0])


@pytest.mark.parametrize(
    ("failure", "nodata", "is_offline", "expected"),
    [
        (None, Outcome.UNKNOWN, False, (Outcome.PASS, "")),
        (("fail", "timeout"), Outcome.UNKNOWN, False, (Outcome.FAIL, "timeout")),
        (("unknown", "dns"), Outcome.FAIL, False, (Outcome.UNKNOWN, "dns")),
        (("unknown", "no_data"), Outcome.FAIL, False, (Outcome.FAIL, "no_data")),
        (("fail", "x"), Outcome.FAIL, True, (Outcome.UNKNOWN, "runner_offline")),
        (None, Outcome.FAIL, True, (Outcome.UNKNOWN, "runner_offline")),
    ],
)
def test_a_failure_to_look_becomes_an_outcome(failure, nodata, is_offline, expected):
    seen = failure and Failure(Outcome(failure[0]), failure[1], "Said so.")
    rule = CheckRule(nodata=nodata)
    found = outcome_of(Outcome.PASS, rule, failure=seen, is_offline=is_offline)
    assert found == expected


def test_the_canary_says_nothing_about_a_check_that_needs_no_network():
    rule = CheckRule(needs_network=False)
    assert outcome_of(Outcome.FAIL, rule, is_offline=True) == (Outcome.FAIL, "")


LETTERS = st.text("pfuPF", min_size=1, max_size=12)
RULES = st.builds(
    CheckRule,
    fail_after=st.integers(1, 3),
    recover_after=st.integers(1, 3),
    unknown_after=st.integers(1, 3),
    fail_within=st.none() | st.integers(3, 5),
)


@given(LETTERS, RULES, st.data())
def test_any_order_and_any_repetition_of_results_gives_one_state(word, rule, data):
    given_once = readings(word)
    again = data.draw(st.lists(st.sampled_from(given_once), max_size=5))
    shuffled = data.draw(st.permutations(given_once + again))
    assert apply_readings(CheckState(), rule, shuffled) == run(word, rule)


@given(LETTERS, RULES, st.integers(0, 12))
def test_a_late_or_repeated_result_changes_nothing(word, rule, place):
    state, _ = run(word, rule)
    late = readings(word)[place % len(word)]
    assert judge(state, rule, late) == (state, ())


@given(LETTERS, RULES)
def test_states_keep_their_promises(word, rule):
    state, _ = run(word, rule)
    seen = [letter for letter in word if letter.islower()]
    assert state.status is not Status.PASS or "p" in seen
    assert state.status is not Status.FAIL or seen.count("f") >= rule.fail_after
    if state.status is Status.UNKNOWN:
        assert seen.count("u") >= rule.unknown_after
    assert (state.last_ok_at is not None) == ("p" in seen)
    assert len(state.recent) <= (rule.fail_within or 1)
    assert len(state.changes_at) <= rule.flap_changes


@given(
    st.integers(1, 10**6),
    st.integers(1, 90_000).map(lambda seconds: timedelta(seconds=seconds)),
    st.integers(0, 2**31).map(lambda n: datetime.fromtimestamp(n, UTC)),
)
def test_slots_are_multiples_of_the_interval_and_always_ahead(key, interval, now):
    rule = CheckRule(interval=interval)
    due = find_next_due(CheckState(), rule, key, now=now)
    assert now < due <= now + interval
    assert timedelta(0) <= find_phase(key, interval) < interval
    assert find_next_due(CheckState(), rule, key, now=due) == due + interval


def test_an_unconfirmed_change_is_looked_at_again_soon():
    hourly = CheckRule(interval=timedelta(hours=1))
    now = START + timedelta(minutes=10)

    def wait(word, rule=hourly):
        return find_next_due(run(word, rule)[0], rule, 7, now=now) - now

    soon = timedelta(seconds=10)
    assert wait("pf") == soon
    assert wait("ffp") == soon
    for settled in ("p", "ff", "ffpp", "pfu", "pF", ""):
        assert wait(settled) > soon
    assert wait("pf", replace(hourly, interval=timedelta(seconds=3))) <= soon
    assert wait("pf", replace(hourly, fail_within=5)) > soon
    assert not is_unconfirmed(run("pF")[0], hourly)
