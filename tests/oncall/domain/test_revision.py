from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.revision import (
    Edit,
    change_members,
    end_rotation,
    held_before,
    in_force,
    is_on_top,
    living,
    why_not_undone,
)
from oncall.domain.rotation import users_at
from oncall.domain.schedule import ScheduleError
from tests.oncall.domain.strategies import a_weekly_schedule, schedule_of

WARSAW = ZoneInfo("Europe/Warsaw")
# The second week: it is B's turn.
AT = datetime(2026, 1, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        # At turn 1 the member at place 1 serves.
        (("A", "B", "C"), ("A", "B", "C")),
        (("A", "B", "X", "C"), ("A", "B", "X", "C")),
        (("X", "A", "B", "C"), ("A", "B", "C", "X")),
        (("C", "B", "A"), ("C", "B", "A")),
        # B leaves: C, next in the old order, takes the turn.
        (("A", "C"), ("A", "C")),
        (("C", "A"), ("A", "C")),
        # Nobody stays: the new list begins with its first.
        (("X", "Y", "Z"), ("Z", "X", "Y")),
    ],
)
def test_new_members_leave_the_present_turn_alone(members, expected):
    version = a_weekly_schedule().rotations[0].versions[0]
    later = change_members(version, members, effective_from=AT, zone=WARSAW)
    assert later.members == expected
    assert (later.effective_from, later.anchor) == (AT, version.anchor)


def test_a_list_of_nobody_and_a_naive_moment_are_refused():
    version = a_weekly_schedule().rotations[0].versions[0]
    with pytest.raises(ScheduleError, match="Add a person"):
        change_members(version, (), effective_from=AT, zone=WARSAW)
    with pytest.raises(ScheduleError, match="no time zone"):
        change_members(
            version, ("A",), effective_from=AT.replace(tzinfo=None), zone=WARSAW
        )


DAY = timedelta(days=1)


def edits(*rows):
    """Rows are (day, undoes); keys count from 1."""
    return [
        Edit(key, AT + day * DAY, undoes) for key, (day, undoes) in enumerate(rows, 1)
    ]


def test_a_rotation_that_has_ended_puts_nobody_on_call():
    version = end_rotation(AT, WARSAW)
    assert users_at(schedule_of(version, WARSAW), AT + 100 * DAY) == ()


def test_the_last_to_begin_holds_and_of_equals_the_last_made():
    rows = edits((0, None), (5, None), (2, None), (2, None))
    assert in_force(rows, AT - DAY) is None
    assert in_force(rows, AT + DAY).key == 1
    assert in_force(rows, AT + 3 * DAY).key == 4
    assert in_force(rows, AT + 5 * DAY).key == 2
    assert held_before(rows, rows[3]).key == 3
    assert held_before(rows, rows[2]).key == 1
    assert held_before(rows, rows[0]) is None


def test_undone_edits_lay_bare_what_was_below():
    rows = edits((0, None), (1, None), (2, 2))
    now = AT + 3 * DAY
    first, second, undo = rows
    assert is_on_top(rows, first, now)
    assert not is_on_top(rows, second, now)
    assert is_on_top(rows, undo, now)
    # The undo of the undo brings the second back, and covers the first again.
    again = [*rows, Edit(4, now, 3)]
    assert is_on_top(again, second, now)
    assert not is_on_top(again, first, now)
    # With the first undone nothing is left.
    bare = edits((0, None), (1, 1))
    assert not is_on_top(bare, Edit(9, AT, None), now)


def test_what_was_taken_back_before_it_began_was_never_there():
    rows = edits((0, None), (9, None), (9, 2), (5, None))
    assert [each.key for each in living(rows)] == [1, 4]
    assert held_before(rows, rows[2]).key == 2
    assert is_on_top(rows, rows[3], AT + 12 * DAY)
    # The undo of the undo lets the change stand again.
    again = [*rows, Edit(5, AT + 9 * DAY, 3)]
    assert [each.key for each in living(again)] == [1, 2, 4]
    assert [each.key for each in living(edits((0, None), (1, 1)))] == [1, 2]


@pytest.mark.parametrize(
    ("rows", "key", "age", "said"),
    [
        (edits((0, None), (1, None)), 2, 1, ""),
        (edits((0, None), (1, None)), 1, 1, "later edit"),
        (edits((0, None), (9, None)), 2, 1, ""),
        (edits((0, None), (1, None), (2, 2)), 2, 1, "undone already"),
        (edits((0, None), (1, None)), 2, 31, "for 30 days"),
    ],
)
def test_what_cannot_be_undone_says_why(rows, key, age, said):
    now = AT + 3 * DAY
    reason = why_not_undone(rows, rows[key - 1], made_at=now - age * DAY, now=now)
    assert (said in reason) if said else (reason == "")
