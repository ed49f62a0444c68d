from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.revision import change_members
from oncall.domain.schedule import ScheduleError
from tests.oncall.domain.strategies import a_weekly_schedule

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
