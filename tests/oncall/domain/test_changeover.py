from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.changeover import Changeover, find_changeovers, shift_bounds
from oncall.domain.pace import ActiveWindow
from oncall.domain.rotation import users_at
from tests.oncall.domain.strategies import a_weekly_schedule, an_override

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Mondays 09:00 in Warsaw: A hands over to B, B to C, C to A.
FIRST = datetime(2026, 1, 12, 8, tzinfo=UTC)
SECOND = FIRST + 7 * DAY


def changes(schedule, start=FIRST - DAY, end=FIRST + DAY):
    return find_changeovers(schedule, start, end)


def covering(*spans, **more):
    overrides = tuple(
        an_override(start, end, key=key, add_user=who, takes_role=True)
        for key, (start, end, who) in enumerate(spans)
    )
    return a_weekly_schedule(overrides=overrides, **more)


def test_the_pager_changes_hands_at_the_turns():
    schedule = a_weekly_schedule()
    assert changes(schedule, FIRST, SECOND + HOUR) == [
        Changeover(FIRST, "weekly", "A", "B"),
        Changeover(SECOND, "weekly", "B", "C"),
    ]
    assert changes(schedule, FIRST + HOUR, SECOND) == []


def test_who_goes_on_hands_over_to_nobody():
    assert changes(a_weekly_schedule(people=("A",))) == []


def test_the_first_turn_of_a_rotation_has_nobody_before_it():
    schedule = a_weekly_schedule()
    begin = schedule.rotations[0].versions[0].effective_from
    assert changes(schedule, begin - DAY, begin + HOUR) == []


def test_an_override_before_or_after_the_turn_changes_its_people():
    assert changes(covering((FIRST - 4 * HOUR, FIRST, "D"))) == [
        Changeover(FIRST, "weekly", "D", "B")
    ]
    assert changes(covering((FIRST, FIRST + 4 * HOUR, "D"))) == [
        Changeover(FIRST, "weekly", "A", "D")
    ]


def test_a_swap_of_whole_weeks_gives_the_turn_to_other_people():
    swapped = covering((FIRST - 7 * DAY, FIRST, "B"), (FIRST, SECOND, "A"))
    assert changes(swapped) == [Changeover(FIRST, "weekly", "B", "A")]


def test_who_stays_longer_hands_over_later():
    late = FIRST + 5 * HOUR
    assert changes(covering((FIRST, late, "A"))) == [
        Changeover(late, "weekly", "A", "B")
    ]


def test_who_comes_early_takes_over_early():
    early = FIRST - 5 * HOUR
    assert changes(covering((early, FIRST, "B"))) == [
        Changeover(early, "weekly", "A", "B")
    ]


def test_who_stands_in_over_the_turn_hands_over_to_the_next():
    begin, end = FIRST - 3 * HOUR, FIRST + 3 * HOUR
    assert changes(covering((begin, end, "D"))) == [Changeover(end, "weekly", "D", "B")]
    # In two halves it is the same stretch.
    halves = covering((begin, FIRST, "D"), (FIRST, end, "D"))
    assert changes(halves) == [Changeover(end, "weekly", "D", "B")]


def test_an_override_over_the_whole_turn_leaves_no_handoff():
    schedule = covering((FIRST - 3 * HOUR, SECOND + 3 * HOUR, "D"))
    assert changes(schedule) == []
    assert changes(schedule, SECOND, SECOND + DAY) == [
        Changeover(SECOND + 3 * HOUR, "weekly", "D", "C")
    ]


def test_empty_turns_are_handed_to_nobody_and_taken_from_nobody():
    schedule = a_weekly_schedule(people=("A", None, "C"))
    assert changes(schedule, FIRST, SECOND + HOUR) == [
        Changeover(FIRST, "weekly", "A", None),
        Changeover(SECOND, "weekly", None, "C"),
    ]
    assert changes(a_weekly_schedule(people=(None, None))) == []


def test_hours_without_duty_do_not_stand_between_two_people():
    office = tuple(ActiveWindow(day, 10 * 60, 17 * 60) for day in range(5))
    assert changes(a_weekly_schedule(windows=office)) == [
        Changeover(FIRST, "weekly", "A", "B")
    ]


def test_of_a_group_those_who_change_are_named():
    schedule = a_weekly_schedule(people=(("A", "X"), ("X", "B")))
    assert changes(schedule) == [Changeover(FIRST, "weekly", "A", "B")]
    within = a_weekly_schedule(people=(("A", "B"), ("A",)))
    assert changes(within) == [Changeover(FIRST, "weekly", "B", "A")]


def test_a_shift_reaches_from_turn_to_turn():
    schedule = a_weekly_schedule()
    assert shift_bounds(schedule, "weekly", FIRST) == (FIRST - 7 * DAY, SECOND)
    early = FIRST - 5 * HOUR
    assert shift_bounds(schedule, "weekly", early) == (FIRST - 7 * DAY, FIRST)
    gone = shift_bounds(schedule, "gone", FIRST)
    assert gone == (FIRST - 35 * DAY, FIRST + 35 * DAY)


_spans = st.lists(
    st.tuples(
        st.integers(-200, 200), st.integers(1, 150), st.sampled_from(["A", "B", "D"])
    ),
    max_size=4,
)


@given(spans=_spans)
def test_whoever_hands_over_was_on_call_just_before_and_whoever_takes_is_now(spans):
    schedule = covering(
        *(
            (FIRST + start * HOUR, FIRST + (start + length) * HOUR, who)
            for start, length, who in spans
        )
    )
    tick = timedelta(microseconds=1)
    found = changes(schedule, FIRST - 10 * DAY, FIRST + 10 * DAY)
    assert len({change.at for change in found}) == len(found)
    for change in found:
        before = [one.user for one in users_at(schedule, change.at - tick)]
        after = [one.user for one in users_at(schedule, change.at)]
        assert before[0] == change.outgoing != change.incoming == after[0]


@given(spans=_spans, cut=st.integers(1, 20 * 24 - 1))
def test_an_interval_in_two_parts_has_the_same_changeovers(spans, cut):
    schedule = covering(
        *(
            (FIRST + start * HOUR, FIRST + (start + length) * HOUR, who)
            for start, length, who in spans
        )
    )
    low, high = FIRST - 10 * DAY, FIRST + 10 * DAY
    middle = low + cut * HOUR
    parts = changes(schedule, low, middle) + changes(schedule, middle, high)
    assert parts == changes(schedule, low, high)
