"""Rungs of severity: raise, worsen, ease and resolve."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.severity_ladder import LadderState, Rung, Step, climb

NOW = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINOR, MAJOR, CRITICAL = Rung("Minor", 4), Rung("Major", 2), Rung("Critical", 1)
RUNGS = (MINOR, MAJOR, CRITICAL)


def follow(*lines, rungs=RUNGS, every=MINUTE):
    """Climb once a line; ``+-?`` stand for holds, does not, unknown."""
    state, steps = LadderState(), []
    for place, line in enumerate(lines):
        held = [{"+": True, "-": False, "?": None}[sign] for sign in line]
        state, move = climb(state, rungs, held, now=NOW + every * place)
        steps.append((move.step.value, move.rung.label if move.rung else None))
    return steps


def test_an_alert_rises_with_the_worst_rung_that_holds():
    assert follow("+--", "++-", "+++", "+++") == [
        ("raise", "Minor"),
        ("worsen", "Major"),
        ("worsen", "Critical"),
        ("none", None),
    ]


def test_an_alert_eases_and_resolves_when_it_is_sure():
    assert follow("+++", "+--", "---", "---") == [
        ("raise", "Critical"),
        ("ease", "Minor"),
        ("resolve", None),
        ("none", None),
    ]


def test_unknown_neither_raises_nor_eases_nor_resolves():
    assert follow("???") == [("none", None)]
    assert follow("+-?") == [("raise", "Minor")]
    assert follow("+++", "++?", "???", "?--") == [
        ("raise", "Critical"),
        *[("none", None)] * 3,
    ]
    assert follow("+--", "?--", "---")[1:] == [("none", None), ("resolve", None)]


def test_a_rung_is_reached_only_after_it_held_long_enough():
    rungs = (Rung("High", 2, hold_for=2 * MINUTE),)
    assert [step for step, _ in follow("+", "+", "+", rungs=rungs)] == [
        "none",
        "none",
        "raise",
    ]
    assert [step for step, _ in follow("+", "-", "+", "+", rungs=rungs)] == ["none"] * 4
    assert [step for step, _ in follow("+", "?", "+", rungs=rungs)][-1] == "raise"


def test_a_rung_that_does_not_hold_yet_long_enough_keeps_the_alert_open():
    rungs = (Rung("Low", 4, hold_for=10 * MINUTE), Rung("High", 2))
    assert follow("-+", "+-", "--", rungs=rungs) == [
        ("raise", "High"),
        ("none", None),
        ("resolve", None),
    ]


def test_a_changed_ladder_starts_afresh():
    state = LadderState((NOW, NOW), 2)
    state, move = climb(state, (CRITICAL,), [True], now=NOW)
    assert move.step is Step.WORSEN
    assert state == LadderState((NOW,), 1)


@given(st.lists(st.text("+-?", min_size=3, max_size=3), max_size=8))
def test_alerts_open_once_and_close_once(lines):
    steps = [step for step, _ in follow(*lines)]
    opened = False
    for step in steps:
        if step == "raise":
            assert not opened
            opened = True
        elif step != "none":
            assert opened
            opened = step != "resolve"
