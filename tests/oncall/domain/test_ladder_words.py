"""A ladder in plain sentences."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.ladder import AckMode, Condition, Strategy
from oncall.domain.ladder_words import (
    Difference,
    People,
    compare,
    describe_policy,
    describe_step,
    say_delay,
    say_window,
)
from oncall.domain.step_window import StepWindow
from tests.oncall.domain.ladders import HOUR, MINUTE, ladder, rung

BERLIN = ZoneInfo("Europe/Berlin")
LEAD = People(("team lead",))


def test_a_policy_reads_as_the_runbook_wrote_it():
    policy = ladder(
        0,
        rung(15, condition=Condition.UNRESOLVED),
        repeats=2,
        repeat_after=10 * MINUTE,
        repeat_from=1,
        ack_expires_after=HOUR,
    )
    people = [
        People(("on-call primary of ARQ rotation",)),
        People(("Executive (no account: cannot be paged)",), are_people=False),
    ]
    assert describe_policy(policy, people) == [
        "At once: on-call primary of ARQ rotation, by their page rules.",
        "After 15 min if not resolved: Executive (no account: cannot be paged).",
        "Then again from step 2 after 10 min, 2 times.",
        "An acknowledgement ends 1 h later if not resolved.",
    ]


def test_a_single_repeat_is_once():
    sentences = describe_policy(ladder(0, repeats=1), [LEAD])
    assert sentences[1] == "Then again from step 1 after 1 min, once."


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"delay": None}, "When somebody escalates: team lead, by their page rules."),
        ({}, "After 5 min if nobody acknowledged: team lead, by their page rules."),
        (
            {"min_level": 2, "max_level": 2},
            "After 5 min if nobody acknowledged at level 2: team lead, by their page "
            "rules.",
        ),
        (
            {"min_level": 2, "requires": "customer_impact"},
            "After 5 min if nobody acknowledged at levels 1 to 2 when labelled "
            "customer_impact: team lead, by their page rules.",
        ),
        (
            {"strategy": Strategy.ROUND_ROBIN, "ack_mode": AckMode.EACH},
            "After 5 min if nobody acknowledged: team lead, by their page rules, one "
            "of them in turn; everybody told must acknowledge.",
        ),
        (
            {"window": StepWindow(frozenset({5, 6}), zone=BERLIN)},
            "After 5 min if nobody acknowledged (Sat, Sun Europe/Berlin): team lead, "
            "by their page rules.",
        ),
    ],
)
def test_a_step_says_all_its_limits(fields, words):
    assert describe_step(replace(rung(5), **fields), LEAD) == words


def test_a_step_without_targets_tells_nobody():
    assert describe_step(rung(0), People((), are_people=False)) == "At once: nobody."


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (
            StepWindow(frozenset(range(5)), time(9), time(17), BERLIN),
            "Mon to Fri 09:00 to 17:00 Europe/Berlin",
        ),
        (
            StepWindow(starts=time(22), ends=time(6)),
            "22:00 to 06:00 on the responder's clock",
        ),
        (StepWindow(frozenset({0, 2, 4}), zone=BERLIN), "Mon, Wed, Fri Europe/Berlin"),
    ],
)
def test_a_window_reads_as_days_and_hours(window, words):
    assert say_window(window) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (90, "90 s"), (900, "15 min"), (5400, "1 h 30 min"), (86400, "1 d")],
)
def test_a_delay_is_said_in_the_units_that_it_has(seconds, words):
    assert say_delay(timedelta(seconds=seconds)) == words


def test_two_versions_differ_by_the_sentences_that_went_and_came():
    assert compare(["a", "b", "c"], ["a", "d", "c", "e"]) == [
        Difference("-", "b"),
        Difference("+", "d"),
        Difference("+", "e"),
    ]
    assert compare(["a"], ["a"]) == []
