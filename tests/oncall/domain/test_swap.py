"""Property 11: a swap moves hours between two people and makes or loses none."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from oncall.domain.pace import Unit
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Rotation, RotationVersion, Schedule
from oncall.domain.swap import (
    Break,
    Doubling,
    Leg,
    Parties,
    apply_swap,
    find_break,
    find_doubling,
    find_overlap,
    held_shifts,
    span_of,
    total_of,
)
from tests.oncall.domain.strategies import QUARTER, scenes

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def weekly(*members, roles=("primary", "secondary"), **more):
    version = RotationVersion(
        effective_from=START - WEEK * 50,
        anchor=datetime(2026, 1, 5, 9),  # noqa: DTZ001 -- a wall time
        unit=Unit.WEEK,
        members=members,
        concurrency=len(roles),
    )
    return Schedule(
        ZoneInfo("Europe/Berlin"), (Rotation("r", (version,), roles),), **more
    )


def hours(segments):
    found = Counter()
    for part in segments:
        if part.user is not None:
            found[part.user] += (part.end - part.start) / timedelta(hours=1)
    return found


A_WEEK = Leg("primary", START, START + WEEK)


def test_a_week_goes_to_the_other_and_the_rest_stays():
    before = weekly("A", "B", "C")
    parties = Parties("A", "C")
    after = apply_swap(before, [A_WEEK], parties, at=START - DAY)
    assert find_doubling(before, after, [A_WEEK], parties) is None
    end = START + 3 * WEEK
    assert hours(timeline(after, START, end)) == {"A": 168, "B": 336, "C": 504}
    assert timeline(after, START + WEEK, end) == timeline(before, START + WEEK, end)


def test_two_who_serve_at_once_can_exchange_their_roles():
    before = weekly("A", "B", "C")
    legs = [A_WEEK, Leg("secondary", START, START + WEEK, is_return=True)]
    parties = Parties("A", "B")
    after = apply_swap(before, legs, parties, at=START - DAY)
    assert find_doubling(before, after, legs, parties) is None
    week = timeline(after, START, START + WEEK)
    assert [(p.role, p.user) for p in week] == [("primary", "B"), ("secondary", "A")]


def test_whoever_serves_already_would_be_on_call_twice():
    before, parties = weekly("A", "B", "C"), Parties("A", "B")
    after = apply_swap(before, [A_WEEK], parties, at=START - DAY)
    found = find_doubling(before, after, [A_WEEK], parties)
    assert found == Doubling("B", START, ("primary", "secondary"))


def test_whoever_holds_the_very_role_in_a_group_cannot_receive_it():
    before, parties = weekly(("A", "B"), "C", roles=("primary",)), Parties("A", "B")
    after = apply_swap(before, [A_WEEK], parties, at=START - DAY)
    found = find_doubling(before, after, [A_WEEK], parties)
    assert found == Doubling("B", START, ("primary", "primary"))


def test_a_break_says_from_when_and_who_is_there_instead():
    plan = weekly("A", "B", "C")
    leg = Leg("primary", START + DAY, START + WEEK + DAY)
    assert find_break(plan, A_WEEK, "A") is None
    assert find_break(plan, leg, "A") == Break(leg, START + WEEK, ("B",))
    assert find_break(plan, A_WEEK, "C") == Break(A_WEEK, START, ("A",))
    empty = weekly(None, "B", roles=("primary",))
    assert find_break(empty, A_WEEK, "A") == Break(A_WEEK, START, ())


def test_shifts_are_whole_whatever_their_reasons_and_gaps_are_none():
    plan = weekly("A", None, roles=("primary",))
    again = apply_swap(plan, [A_WEEK], Parties("A", "B"), at=START - DAY)
    back = apply_swap(
        again,
        [Leg("primary", START + DAY, START + WEEK)],
        Parties("B", "A"),
        at=START,
    )
    found = held_shifts(timeline(back, START - DAY, START + 3 * WEEK))
    assert [(s.user, s.start, s.end) for s in found] == [
        ("B", START, START + DAY),
        ("A", START + DAY, START + WEEK),
        ("A", START + 2 * WEEK, START + 3 * WEEK),
    ]


def test_a_person_alone_has_one_shift_over_all_turns():
    plan = weekly("A", roles=("primary",))
    other = apply_swap(plan, [A_WEEK], Parties("A", "B"), at=START - DAY)
    other = apply_swap(other, [A_WEEK], Parties("B", "A"), at=START - DAY)
    found = held_shifts(timeline(other, START - WEEK, START + 2 * WEEK))
    assert [(s.start, s.end) for s in found] == [(START - WEEK, START + 2 * WEEK)]


def test_legs_of_one_role_that_share_time_are_found():
    late = Leg("primary", START + DAY, START + 2 * DAY, is_return=True)
    other = Leg("secondary", START, START + DAY)
    assert find_overlap([late, other, A_WEEK]) == (A_WEEK, late)
    assert find_overlap([other, A_WEEK]) is None


def test_totals_and_the_span_of_legs():
    back = Leg("primary", START + WEEK, START + WEEK + DAY, is_return=True)
    assert total_of([A_WEEK, back], is_return=False) == WEEK
    assert total_of([A_WEEK, back], is_return=True) == DAY
    assert span_of([back, A_WEEK]) == (START, START + WEEK + DAY)


SCENES = scenes()


@st.composite
def wishes(draw):
    """A schedule near a clock change, and parts of two people's shifts in it."""
    plan, near = draw(SCENES)
    start, end = near - 4 * DAY, near + 10 * DAY
    shifts = held_shifts(timeline(plan, start, end))
    assume(shifts)
    requester = draw(st.sampled_from(shifts)).user
    taker = draw(st.sampled_from("ABCDE"))
    assume(taker != requester)
    legs = []
    for shift in draw(st.lists(st.sampled_from(shifts), min_size=1, max_size=4)):
        if shift.user not in {requester, taker}:
            continue
        length = (shift.end - shift.start) // QUARTER
        first = draw(st.integers(0, max(length - 1, 0)))
        last = draw(st.integers(first + 1, max(length, first + 1)))
        begin = shift.start + first * QUARTER
        stop = min(shift.start + last * QUARTER, shift.end)
        assume(begin < stop)
        legs.append(Leg(shift.role, begin, stop, is_return=shift.user == taker))
    assume(legs)
    assume(find_overlap(legs) is None)
    return plan, legs, Parties(requester, taker), start, end


@given(wishes())
def test_a_swap_conserves_every_hour_and_every_place(wish):
    before, legs, parties, start, end = wish
    assert all(find_break(before, leg, parties.giver(leg)) is None for leg in legs)
    after = apply_swap(before, legs, parties, at=datetime(2037, 12, 1, tzinfo=UTC))
    assume(find_doubling(before, after, legs, parties) is None)
    was, will = timeline(before, start, end), timeline(after, start, end)
    given_away = total_of(legs, is_return=False) / timedelta(hours=1)
    returned = total_of(legs, is_return=True) / timedelta(hours=1)
    moved = hours(was)
    moved[parties.requester] += returned - given_away
    moved[parties.taker] += given_away - returned
    assert {k: round(v, 6) for k, v in hours(will).items() if v} == {
        k: round(v, 6) for k, v in moved.items() if round(v, 6)
    }
    edges = {p.start for p in was} | {p.start for p in will}
    for edge in edges:
        assert count(was, edge) == count(will, edge)


def count(segments, at):
    return Counter(
        p.role for p in segments if p.user is not None and p.start <= at < p.end
    )
