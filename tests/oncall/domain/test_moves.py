"""What a change of a schedule gives people and takes away from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.moves import MOST, Move, Span, compare, find_end, find_moves
from oncall.domain.schedule import Segment
from tests.oncall.domain.strategies import a_weekly_schedule, an_override

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
EDGES = st.lists(st.integers(0, 30), min_size=2, max_size=12, unique=True).map(sorted)


def at(hours):
    return START + hours * HOUR


def part(start, end, user, source=None):
    return Segment(at(start), at(end), "primary", user, source)


def parts(edges, user):
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [part(start, end, user) for start, end in pairs]


def hours_of(spans):
    return {n for n in range(31) if any(s.start <= at(n) < s.end for s in spans)}


def test_who_goes_on_for_another_reason_moves_nothing():
    before = [part(0, 9, "A")]
    assert find_moves(before, [part(0, 4, "A"), part(4, 9, "A", "why")]) == []


def test_a_gap_is_a_move_of_nobody():
    moves = find_moves([part(0, 9, "A")], [part(0, 4, "A"), part(4, 9, None)])
    assert moves == [
        Move("A", "primary", (), (Span(at(4), at(9)),)),
        Move(None, "primary", (Span(at(4), at(9)),), ()),
    ]
    assert moves[0].lost[0].length == 5 * HOUR


@given(before=EDGES, after=EDGES)
def test_moves_are_the_difference_hour_by_hour(before, after):
    old, new = parts(before, "A"), parts(after, "A")
    (move,) = find_moves(old, new) or [Move("A", "primary", (), ())]
    was, will = hours_of(old), hours_of(new)
    assert hours_of(move.gained) == will - was
    assert hours_of(move.lost) == was - will


def test_a_comparison_reaches_four_weeks_past_the_last_change():
    plan = a_weekly_schedule()
    assert find_end(plan, plan, START) == START + timedelta(weeks=8)
    far = START + timedelta(weeks=20)
    later = replace(plan, overrides=(an_override(far, far + HOUR, add_user="X"),))
    assert find_end(plan, later, START) == far + HOUR + timedelta(weeks=4)
    (move,) = [each for each in compare(plan, later, START) if each.user == "X"]
    assert move.gained == (Span(far, far + HOUR),)


def test_a_comparison_ends_after_two_years():
    plan = a_weekly_schedule()
    (rotation,) = plan.rotations
    far = replace(rotation.versions[0], effective_from=START + timedelta(days=4000))
    later = replace(
        plan, rotations=(replace(rotation, versions=(*rotation.versions, far)),)
    )
    assert find_end(plan, later, START) == START + MOST
