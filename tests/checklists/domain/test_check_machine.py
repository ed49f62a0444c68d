"""Every order of looks at a check, walked to a depth beside what the words ask.

The requirement says it in sentences: so many failures confirm a failure, so many
passes a recovery, a look that saw nothing confirms neither, six swings in an hour are
flapping until it is quiet, planned work and a parent that is down keep quiet. Here each
sentence is said again, of the whole past and not of a state that is carried along.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import permutations, product
from typing import NamedTuple

import pytest

from checklists.domain.alert_choice import AlertStep, Standing, Wanted, choose_alert
from checklists.domain.observation import Failure, Outcome
from checklists.domain.severity_ladder import LadderState
from checklists.domain.state_json import state_from_json, state_to_json
from checklists.domain.verdict import (
    Change,
    CheckRule,
    CheckState,
    Reading,
    Status,
    apply_readings,
    find_next_due,
    is_unconfirmed,
    judge,
    may_alert,
    outcome_of,
)

START = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURLY = timedelta(hours=1)
# Two more looks make twenty times as many orders: a matter for the night.
DEEPER = 2 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 0
DOWN, UP = CheckState(status=Status.FAIL), CheckState(status=Status.PASS)
BROKEN = Failure(Outcome.FAIL, "timeout", "There was no answer in time.")
EMPTY = Failure(Outcome.UNKNOWN, "no_data", "There is no value.")


@dataclass(frozen=True)
class Look:
    """One letter of a walk: what was seen, and around it.

    ``says`` is what the look comes to in the words of the requirement.
    """

    says: str
    outcome: Outcome = Outcome.PASS
    failure: Failure | None = None
    is_offline: bool = False
    in_maintenance: bool = False
    after: timedelta = MINUTE


LOOKS = {
    "p": Look("p"),
    "f": Look("f", Outcome.FAIL),
    "u": Look("u", Outcome.UNKNOWN),
    # In planned work nothing counts, however bad.
    "m": Look("", Outcome.FAIL, in_maintenance=True),
    # No canary answers: it is our own network, whatever the target seems to be.
    "o": Look("u", Outcome.FAIL, BROKEN, is_offline=True),
    "P": Look("p", after=5 * MINUTE),
}


class Past(NamedTuple):
    """A walk so far, as people would tell it.

    ``seen`` has a letter for each look that counts, ``at`` its moment; ``swings`` are
    the moments of confirmed changes between passing and failing.
    """

    seen: str = ""
    at: tuple[datetime, ...] = ()
    status: str = "pending"
    since: datetime | None = None
    decided: str = ""
    swings: tuple[datetime, ...] = ()
    failures: int = 0
    is_flapping: bool = False


def fails(seen: str, rule: CheckRule) -> bool:
    """So many failures confirm one: in a row, or among the last so many looks.

    A look that saw nothing is not among them.
    """
    clear = seen.replace("u", "")
    if rule.fail_within:
        return clear[-rule.fail_within :].count("f") >= rule.fail_after
    return clear.endswith("f" * rule.fail_after)


def passes(past: Past, seen: str, rule: CheckRule) -> bool:
    """One pass is enough but after a failure, where it takes a row without a gap."""
    if past.decided == "fail" and not seen.endswith("p" * rule.recover_after):
        return False
    return not (rule.fail_within and fails(seen, rule))


def tell(past: Past, letter: str, at: datetime, rule: CheckRule) -> Past:
    """Return the past with one more look that counts."""
    seen = past.seen + letter
    decided = past.decided
    if letter == "f" and fails(seen, rule):
        decided = "fail"
    elif letter == "p" and passes(past, seen, rule):
        decided = "pass"
    if letter == "u":
        is_blind = seen.endswith("u" * rule.unknown_after)
        status = "unknown" if is_blind else past.status
    elif decided != past.decided or settles(letter, seen, past, rule):
        status = decided
    else:
        status = past.status
    is_swing = decided != past.decided and past.decided
    swings = (*past.swings, at) if is_swing else past.swings
    return Past(
        seen,
        (*past.at, at),
        status,
        past.since if status == past.status else at,
        decided,
        swings,
        past.failures + (decided == "fail" != past.decided),
        flaps(past, swings, at, rule),
    )


def settles(letter: str, seen: str, past: Past, rule: CheckRule) -> bool:
    """Whether a clear look says again what was decided before we were blind.

    A failure stands again at once, also when what we see is not yet a recovery.
    """
    if past.decided == "fail":
        return True
    return past.decided == "pass" and letter == "p" and passes(past, seen, rule)


def flaps(past: Past, swings: tuple, at: datetime, rule: CheckRule) -> bool:
    """So many swings within the window, until there was none for a while."""
    if not swings or at - swings[-1] >= rule.flap_quiet:
        return False
    recent = [each for each in swings if each > at - rule.flap_window]
    return past.is_flapping or len(recent) >= rule.flap_changes


def changes_between(before: Past, after: Past) -> set[Change]:
    """Say what has to be told of one look."""
    told = set()
    if after.status == "unknown" != before.status:
        told.add(Change.BECAME_UNKNOWN)
    if after.decided == "fail" != before.decided:
        told.add(Change.FAILED)
    if after.decided == "pass" != before.decided:
        told.add(Change.RECOVERED if before.decided else Change.PASSED_FIRST)
    if after.is_flapping != before.is_flapping:
        started = after.is_flapping
        told.add(Change.FLAPPING_STARTED if started else Change.FLAPPING_ENDED)
    return told


def is_looked_at_soon(past: Past, rule: CheckRule) -> bool:
    """A failure or a recovery waits for the look that confirms it.

    Within a window looks are counted slot by slot, and none comes sooner.
    """
    if rule.fail_within:
        return False
    if past.status == "fail":
        return past.seen.endswith("p")
    return past.seen.endswith("f")


def check_state(state: CheckState, past: Past, rule: CheckRule) -> None:
    """Compare the machine's state with the past that led to it."""
    assert state.status == past.status
    assert state.since == past.since
    assert (state.decided or "") == past.decided
    assert state.episode == past.failures
    assert state.is_flapping == past.is_flapping
    moments = dict(zip(past.seen, past.at, strict=True))  # the last of each letter
    assert state.last_ok_at == moments.get("p")
    assert state.last_fail_at == moments.get("f")
    soon = is_looked_at_soon(past, rule) and not state.in_maintenance
    assert is_unconfirmed(state, rule) == soon
    assert may_alert(state, []) == (not state.in_maintenance and not past.is_flapping)
    assert not may_alert(state, [UP, DOWN])


class Step(NamedTuple):
    """Where a walk is: the machine, the words, and the reading that came last."""

    state: CheckState
    past: Past
    clock: datetime
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None


def look(step: Step, letter: str, rule: CheckRule) -> Step:
    """Take one look with the machine and tell it in words; compare."""
    told = LOOKS[letter]
    at = step.clock + told.after
    outcome, code = outcome_of(
        told.outcome, rule, failure=told.failure, is_offline=told.is_offline
    )
    reading = Reading(at, at, outcome, code, told.in_maintenance)
    state, changes = judge(step.state, rule, reading)
    past = tell(step.past, told.says, at, rule) if told.says else step.past
    check_state(state, past, rule)
    assert len(changes) == len(set(changes))
    assert set(changes) == changes_between(step.past, past)
    # What comes again, or too late, changes nothing.
    assert judge(state, rule, reading) == (state, ())
    if step.reading:
        assert judge(state, rule, step.reading) == (state, ())
    return Step(state, past, at, changes, reading)


def walk(letters: str, depth: int, rule: CheckRule) -> Iterator[Step]:
    """Yield every step of every order of so many letters."""
    todo = [(Step(CheckState(), Past(), START), depth)]
    while todo:
        step, left = todo.pop()
        yield step
        if left:
            todo += [(look(step, letter, rule), left - 1) for letter in letters]


RULES = [
    CheckRule(
        interval=HOURLY,
        fail_after=fail_after,
        recover_after=recover_after,
        unknown_after=unknown_after,
        fail_within=fail_within,
        flap_changes=2,
        flap_window=6 * MINUTE,
        flap_quiet=3 * MINUTE,
    )
    for fail_after, recover_after, unknown_after, fail_within in product(
        (1, 2, 3), (1, 2), (1, 2), (None, 3)
    )
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: (
    f"{rule.fail_after} of {rule.fail_within or 'a row'}, back {rule.recover_after},"
    f" blind {rule.unknown_after}"
))  # fmt: skip
def test_every_order_of_looks_leads_where_the_words_say(rule):
    depth = 6 + DEEPER
    met = [step.past.status for step in walk("pfum", depth, rule)]
    assert len(met) == sum(4**level for level in range(depth + 1))
    assert set(met) == {"pending", "pass", "fail", "unknown"}


def test_a_change_that_waits_for_its_confirmation_is_looked_at_again_in_ten_seconds():
    for rule in RULES:
        for step in walk("pfum", 4, rule):
            wait = find_next_due(step.state, rule, 7, now=step.clock) - step.clock
            soon = is_looked_at_soon(step.past, rule) and not step.state.in_maintenance
            assert (wait <= timedelta(seconds=10)) == soon


def test_any_order_of_arrival_gives_one_state():
    for rule in RULES[::5]:
        for word in product("pfum", repeat=3):
            step, readings = Step(CheckState(), Past(), START), []
            for letter in word:
                step = look(step, letter, rule)
                readings.append(step.reading)
            for order in permutations(readings):
                found, _ = apply_readings(CheckState(), rule, [*order, order[0]])
                assert found == step.state


@pytest.mark.parametrize("nodata", Outcome)
def test_what_cannot_be_seen_counts_as_the_check_says(nodata):
    for needs_network, is_offline in product((True, False), repeat=2):
        rule = CheckRule(nodata=nodata, needs_network=needs_network)
        is_blind = needs_network and is_offline
        expected = {
            None: (Outcome.FAIL, ""),
            BROKEN: (Outcome.FAIL, "timeout"),
            EMPTY: (nodata, "no_data"),
        }
        for failure, found in expected.items():
            said = outcome_of(
                Outcome.FAIL, rule, failure=failure, is_offline=is_offline
            )
            assert said == ((Outcome.UNKNOWN, "runner_offline") if is_blind else found)


class Desk(NamedTuple):
    """What people see of a walk: its one alert, and its parent.

    ``closed`` are the troubles that a person ended the alert of: a failure until the
    check recovers, flapping until that is over. ``looks`` are those that led to its step.
    """

    step: Step
    looks: str = ""
    is_open: bool = False
    ended_at: datetime | None = None
    closed: frozenset[str] = frozenset()
    is_parent_down: bool = False


@lru_cache(maxsize=20_000)
def step_after(looks: str, rule: CheckRule) -> Step:
    """Return the step after these looks, whatever else happened between them."""
    if not looks:
        return Step(CheckState(), Past(), START)
    return look(step_after(looks[:-1], rule), looks[-1], rule)


def tell_closed(desk: Desk, past: Past) -> frozenset[str]:
    """Return what a person ended and what is not over yet."""
    over = set()
    if past.decided == "pass":
        over.add("failure")
    if not past.is_flapping or not desk.step.past.is_flapping:
        over.add("flapping")
    return desk.closed - over


def tell_alert(desk: Desk, step: Step, closed: frozenset[str], counted: str) -> bool:
    """Say in words whether an alert is open after a look.

    One while it flaps; else as the last look confirms it. In planned work, while it is
    unknown or unconfirmed, nothing changes, and below a parent that is down nothing
    new begins. What a person ended stays so.
    """
    past = step.past
    if not counted:
        return desk.is_open
    if not past.is_flapping:
        if {"p": "pass", "f": "fail"}.get(counted) != past.status:
            return desk.is_open
        if past.status == "pass":
            return False
    trouble = "flapping" if past.is_flapping else "failure"
    return desk.is_open or not (desk.is_parent_down or trouble in closed)


def act(desk: Desk, letter: str, rule: CheckRule) -> Desk:
    """Let one thing happen: a look, the parent falls or rises, a person ends it."""
    if letter == "d":
        return desk._replace(is_parent_down=not desk.is_parent_down)
    if letter == "h":
        return end_by_hand(desk)
    looks = desk.looks + letter
    step = step_after(looks, rule)
    closed = tell_closed(desk, step.past)
    flapping = {Change.FLAPPING_STARTED, Change.FLAPPING_ENDED}
    choice = choose_alert(
        step.state,
        Wanted(default_level=3, has_new_words=not flapping.isdisjoint(step.changes)),
        [UP, DOWN if desk.is_parent_down else UP],
        standing_of(desk),
    )
    moved = {AlertStep.FIRE: True, AlertStep.FLAP: True, AlertStep.RESOLVE: False}
    is_open = moved.get(choice.step, desk.is_open)
    assert is_open == tell_alert(desk, step, closed, LOOKS[letter].says), choice
    if choice.step in {AlertStep.REPEAT, AlertStep.RESOLVE}:
        assert desk.is_open
    return desk._replace(step=step, looks=looks, is_open=is_open, closed=closed)


def end_by_hand(desk: Desk) -> Desk:
    """A person resolves the alert, where one is open."""
    if not desk.is_open:
        return desk
    past = desk.step.past
    closed = {"flapping"} if past.is_flapping else set()
    if past.decided == "fail":
        closed.add("failure")
    return desk._replace(
        is_open=False, ended_at=desk.step.clock, closed=frozenset(closed)
    )


def standing_of(desk: Desk) -> Standing | None:
    """Return the alert that the portal finds: the open one, or what a person ended."""
    if desk.is_open:
        return Standing(3, is_open=True)
    if desk.ended_at is None:
        return None
    return Standing(3, is_open=False, ended_by_hand_at=desk.ended_at)


@pytest.mark.parametrize("after", [1, 2])
def test_every_order_of_events_has_the_alert_that_the_words_ask_for(after):
    rule = CheckRule(
        fail_after=after,
        recover_after=1,
        unknown_after=1,
        flap_changes=2,
        flap_window=6 * MINUTE,
        flap_quiet=3 * MINUTE,
    )
    todo = [(Desk(step_after("", rule)), 5 + DEEPER)]
    met = set()
    while todo:
        desk, left = todo.pop()
        met.add((desk.is_open, desk.step.past.is_flapping, desk.is_parent_down))
        if left:
            todo += [(act(desk, letter, rule), left - 1) for letter in "pfumoPdh"]
    assert len(met) == 8


def test_a_state_that_was_written_before_an_entry_came_to_be_is_read():
    rule = RULES[0]
    for step in walk("pfu", 3, rule):
        plain = state_to_json(step.state, LadderState())
        assert state_from_json(plain) == (step.state, LadderState())
        for name in ("failed_at", "flapping_since"):
            del plain[name]
        older = step.state._replace(failed_at=None, flapping_since=None)
        assert state_from_json(plain)[0] == older
