"""The machine of a run: submitting, signing, closing, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.item_state import (
    Act,
    Attention,
    Item,
    ItemMark,
    ItemSpec,
    ItemState,
    Mode,
    acknowledge_contradiction,
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
    RunWord,
    Signoff,
    act_on_item,
    close_by_time,
    count_answered,
    derive_word,
    reconcile_run,
    reject,
    sign_off,
    skip,
    stamp_missed,
    submit,
    void,
)
from checklists.domain.verdict import Status

OPENS = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMES = RunTimes(OPENS, OPENS + 30 * MINUTE, OPENS + 40 * MINUTE, OPENS + 60 * MINUTE)
NOW = OPENS + 10 * MINUTE
GOOD = Evidence(Status.PASS, Outcome.PASS, NOW - MINUTE, consecutive_pass=1)
BAD = Evidence(Status.FAIL, Outcome.FAIL, NOW - 5 * MINUTE, NOW, episode=1)
WHY = "The vendor confirmed it"


def act(by="ann", at=NOW, reason=""):
    return Act(by, at, reason)


def make_run(signoff=Signoff.NONE, **spec):
    return Run(
        RunState(TIMES, signoff),
        (
            Item("lag", ItemSpec(mode=Mode.AUTO, **spec)),
            Item("logs", ItemSpec()),
            Item("extra", ItemSpec(required=False)),
        ),
    )


def finish(run, evidence=GOOD):
    run = reconcile_run(run, {"lag": evidence}, now=NOW)
    return act_on_item(run, "logs", tick, act())


def refusal(perform, *arguments):
    with pytest.raises(Refused) as refused:
        perform(*arguments)
    return refused.value.code


def test_a_run_without_signoff_closes_when_it_is_handed_in():
    closed = submit(finish(make_run()), {"lag": GOOD}, act())
    assert closed.state.mark is RunMark.CLOSED
    assert closed.state.outcome is RunOutcome.COMPLETED
    assert closed.state.first_completed_at == closed.state.closed_at == NOW
    assert closed.state.missed_at is None
    assert derive_word(closed.state, answered=2, now=NOW) is RunWord.ON_TIME


def test_a_run_with_open_items_is_not_handed_in():
    with pytest.raises(Refused, match="2 required items are open"):
        submit(make_run(), {}, act())
    with pytest.raises(Refused, match="1 required item is open"):
        submit(reconcile_run(make_run(), {"lag": GOOD}, now=NOW), {}, act())


def test_nothing_closes_over_a_failure_that_nobody_accounted_for():
    run = finish(make_run())
    assert refusal(submit, run, {"lag": BAD}, act()) == "items_open"
    by_hand = act_on_item(make_run(), "lag", tick, act())
    by_hand = act_on_item(by_hand, "logs", tick, act())
    assert refusal(submit, by_hand, {"lag": BAD}, act()) == "contradicted"
    by_hand = reconcile_run(by_hand, {"lag": BAD}, now=NOW)
    known = act_on_item(by_hand, "lag", acknowledge_contradiction, act(reason=WHY))
    assert submit(known, {"lag": BAD}, act()).state.outcome is RunOutcome.COMPLETED


def test_signing_off_closes_the_run():
    run = submit(finish(make_run(Signoff.ONE)), {"lag": GOOD}, act())
    assert run.state.mark is RunMark.AWAITING_SIGNOFF
    assert refusal(submit, run, {"lag": GOOD}, act()) == "awaiting_signoff"
    signed = sign_off(run, {"lag": GOOD}, act())
    assert signed.state.outcome is RunOutcome.COMPLETED
    assert signed.state.signed_by == "ann"


def test_two_persons_means_another_one_signs():
    run = submit(finish(make_run(Signoff.TWO)), {"lag": GOOD}, act("bob"))
    assert refusal(sign_off, run, {"lag": GOOD}, act("ann")) == "same_person"
    assert refusal(sign_off, run, {"lag": GOOD}, act("bob")) == "same_person"
    assert sign_off(run, {"lag": GOOD}, act("eve")).state.signed_by == "eve"


def test_an_overridden_critical_item_needs_another_person_in_any_case():
    run = reconcile_run(make_run(critical=True), {"lag": BAD}, now=NOW)
    assert refusal(act_on_item, run, "lag", tick, act()) == "reason_required"
    run = act_on_item(run, "lag", tick, act(reason=WHY))
    run = submit(act_on_item(run, "logs", tick, act("bob")), {"lag": BAD}, act("bob"))
    assert run.state.mark is RunMark.AWAITING_SIGNOFF
    assert refusal(sign_off, run, {"lag": BAD}, act("ann")) == "same_person"
    assert sign_off(run, {"lag": BAD}, act("bob")).state.mark is RunMark.CLOSED


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"lag": BAD},
        {"lag": replace(GOOD, status=Status.UNKNOWN)},
        {"lag": replace(GOOD, in_maintenance=True)},
    ],
)
def test_signing_looks_at_every_automatic_tick_once_more(evidence):
    run = submit(finish(make_run(Signoff.ONE)), {"lag": GOOD}, act())
    back = sign_off(run, evidence, act())
    assert back.state.mark is RunMark.OPEN
    assert back.state.outcome is None
    lag = back.find_item("lag").state
    assert lag.mark is ItemMark.OPEN
    assert lag.attention in {Attention.FAILING, Attention.STALE}


def test_a_contradiction_while_waiting_is_acknowledged_before_signing():
    run = act_on_item(make_run(Signoff.ONE), "lag", tick, act())
    run = submit(act_on_item(run, "logs", tick, act()), {"lag": GOOD}, act())
    assert refusal(sign_off, run, {"lag": BAD}, act("bob")) == "contradicted"
    run = reconcile_run(run, {"lag": BAD}, now=NOW)
    assert run.state.mark is RunMark.AWAITING_SIGNOFF
    assert refusal(act_on_item, run, "lag", untick, act()) == "awaiting_signoff"
    run = act_on_item(run, "lag", acknowledge_contradiction, act(reason=WHY))
    assert sign_off(run, {"lag": BAD}, act("bob")).state.mark is RunMark.CLOSED


def test_a_regressed_item_reopens_a_run_that_waits():
    run = submit(finish(make_run(Signoff.ONE)), {"lag": GOOD}, act())
    assert reconcile_run(run, {"lag": BAD}, now=NOW).state.mark is RunMark.OPEN


def test_a_run_is_rejected_with_a_reason():
    run = submit(finish(make_run(Signoff.ONE)), {"lag": GOOD}, act())
    assert refusal(reject, run, act()) == "reason_required"
    back = reject(run, act(reason=" Logs are missing "))
    assert (back.state.mark, back.state.reason) == (RunMark.OPEN, "Logs are missing")
    assert back.state.first_completed_at == NOW
    assert refusal(reject, back, act(reason=WHY)) == "not_submitted"
    assert refusal(sign_off, back, {}, act()) == "not_submitted"


def test_a_run_is_skipped_or_voided_with_a_reason():
    assert refusal(skip, make_run(), act()) == "reason_required"
    skipped = skip(make_run(), act(reason="Holiday"))
    assert skipped.state.outcome is RunOutcome.SKIPPED
    voided = void(make_run(), act(reason="Made twice"))
    assert (voided.state.outcome, voided.state.reason) == (
        RunOutcome.VOID,
        "Made twice",
    )


def test_the_grace_leaves_its_mark_once_and_for_ever():
    late = TIMES.grace_until + MINUTE
    run = finish(make_run())
    assert stamp_missed(run.state, now=TIMES.grace_until).missed_at is None
    state = stamp_missed(run.state, now=late)
    assert state.missed_at == TIMES.grace_until
    assert stamp_missed(state, now=late + MINUTE) == state
    earlier = replace(state, missed_at=OPENS)
    assert stamp_missed(earlier, now=late) == earlier
    good = {"lag": replace(GOOD, last_ok_at=late)}
    done = submit(run, good, act(at=late))
    assert done.state.missed_at == TIMES.grace_until
    assert derive_word(done.state, answered=3, now=late) is RunWord.LATE


def test_a_run_that_waits_in_time_is_not_late():
    run = submit(finish(make_run(Signoff.ONE)), {"lag": GOOD}, act())
    late = TIMES.grace_until + MINUTE
    assert stamp_missed(run.state, now=late).missed_at is None
    good = {"lag": replace(GOOD, last_ok_at=late)}
    assert sign_off(run, good, act("bob", late)).state.missed_at is None


def test_closing_time_closes_what_is_left():
    state = make_run(Signoff.ONE).state
    assert close_by_time(state, now=TIMES.closes_at - MINUTE) == state
    closed = close_by_time(state, now=TIMES.closes_at + MINUTE)
    assert (closed.outcome, closed.closed_at, closed.missed_at) == (
        RunOutcome.MISSED,
        TIMES.closes_at,
        TIMES.grace_until,
    )
    assert close_by_time(closed, now=TIMES.closes_at + 2 * MINUTE) == closed


def test_a_closed_run_refuses_everything():
    closed = submit(finish(make_run()), {"lag": GOOD}, act())
    acts = [
        (submit, closed, {}, act()),
        (sign_off, closed, {}, act()),
        (reject, closed, act(reason=WHY)),
        (skip, closed, act(reason=WHY)),
        (void, closed, act(reason=WHY)),
        (act_on_item, closed, "logs", untick, act()),
        (act_on_item, make_run(), "logs", tick, act(at=TIMES.closes_at)),
    ]
    assert {refusal(*one) for one in acts} == {"closed"}
    assert reconcile_run(closed, {"lag": BAD}, now=NOW) == closed
    open_run = make_run()
    assert reconcile_run(open_run, {"lag": GOOD}, now=TIMES.closes_at) == open_run


@pytest.mark.parametrize(
    ("minutes", "answered", "word"),
    [
        (-5, 0, RunWord.UPCOMING),
        (0, 0, RunWord.NOT_STARTED),
        (0, 1, RunWord.IN_PROGRESS),
        (30, 1, RunWord.IN_PROGRESS),
        (31, 1, RunWord.OVERDUE),
        (60, 1, RunWord.MISSED),
    ],
)
def test_an_open_run_is_spoken_of_by_the_clock(minutes, answered, word):
    now = OPENS + minutes * MINUTE
    assert derive_word(RunState(TIMES), answered=answered, now=now) is word


def test_other_runs_are_spoken_of_by_their_state():
    waiting = RunState(TIMES, mark=RunMark.AWAITING_SIGNOFF)
    late = TIMES.closes_at
    assert derive_word(waiting, answered=3, now=late) is RunWord.AWAITING_SIGNOFF
    for outcome in (RunOutcome.MISSED, RunOutcome.SKIPPED, RunOutcome.VOID):
        ended = RunState(TIMES, mark=RunMark.CLOSED, outcome=outcome)
        assert derive_word(ended, answered=0, now=NOW) == outcome.value


def test_items_are_found_and_counted():
    run = make_run().put("logs", ItemState(mark=ItemMark.NA))
    assert count_answered(run.items) == 1
    with pytest.raises(KeyError):
        run.find_item("none")
