from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.handoff import Handoff, find_handoffs
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.schedule import Rotation, ScheduleError
from tests.oncall.domain.strategies import a_weekly_schedule, an_override


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_handoffs_of_a_weekly_rotation_keep_their_hour_across_the_clock_change():
    schedule = a_weekly_schedule()
    found = find_handoffs(schedule, utc("2026-03-16"), utc("2026-04-06T07:00"))
    assert found == [
        Handoff(utc("2026-03-16T08:00"), "weekly", ("A",), ("B",)),
        Handoff(utc("2026-03-23T08:00"), "weekly", ("B",), ("C",)),
        Handoff(utc("2026-03-30T07:00"), "weekly", ("C",), ("A",)),
    ]


def test_a_handoff_on_the_start_is_in_and_on_the_end_is_out():
    schedule = a_weekly_schedule()
    at = utc("2026-01-12T08:00")
    assert [each.at for each in find_handoffs(schedule, at, at + timedelta(1))] == [at]
    assert find_handoffs(schedule, at - timedelta(days=1), at) == []
    assert find_handoffs(schedule, at, at) == []


def test_a_rotation_of_one_still_has_its_rhythm():
    schedule = a_weekly_schedule(people=("A",))
    (found,) = find_handoffs(schedule, utc("2026-01-12"), utc("2026-01-13"))
    assert (found.outgoing, found.incoming) == (("A",), ("A",))


def test_hours_that_vanish_in_spring_hand_over_once():
    schedule = a_weekly_schedule(unit=Unit.HOUR)
    found = find_handoffs(schedule, utc("2026-03-29T00:30"), utc("2026-03-29T02:30"))
    assert [each.at for each in found] == [
        utc("2026-03-29T01:00"),
        utc("2026-03-29T02:00"),
    ]


def test_a_new_version_hands_over_only_if_it_changes_the_people():
    schedule = a_weekly_schedule()
    (rotation,) = schedule.rotations
    (first,) = rotation.versions
    at = utc("2026-01-07T12:00")
    interval = (utc("2026-01-06"), utc("2026-01-09"))
    for people, expected in (
        (("A", "B", "C"), []),
        (("X", "B"), [Handoff(at, "weekly", ("A",), ("X",))]),
    ):
        second = replace(first, effective_from=at, members=people)
        grown = Rotation("weekly", (first, second))
        after = replace(schedule, rotations=(grown,))
        assert find_handoffs(after, *interval) == expected


def test_turns_in_a_row_of_one_member_are_one():
    schedule = a_weekly_schedule(people=("A", "A", "B"), unit=Unit.DAY)
    found = find_handoffs(schedule, utc("2026-01-06"), utc("2026-01-12"))
    assert [f"{each.at:%d}" for each in found] == ["07", "08", "10", "11"]
    assert [each.incoming for each in found[:2]] == [("B",), ("A",)]


def test_an_absence_hands_over_where_somebody_stands_in():
    leave = Absence("A", utc("2026-01-07T12:00"), utc("2026-01-20"), utc("2026-01-01"))
    for policy, expected in (
        (AbsencePolicy.WARN, []),
        (AbsencePolicy.SKIP, [Handoff(leave.start, "weekly", ("A",), ())]),
        (AbsencePolicy.NEXT, [Handoff(leave.start, "weekly", ("A",), ("B",))]),
    ):
        schedule = a_weekly_schedule(absence_policy=policy)
        schedule = replace(schedule, absences=(leave,))
        assert find_handoffs(schedule, utc("2026-01-06"), utc("2026-01-09")) == expected
    # At the turn's own start there is a handoff also where the same person goes on.
    (turn,) = find_handoffs(schedule, utc("2026-01-12"), utc("2026-01-15"))
    assert (turn.outgoing, turn.incoming) == (("B",), ("B",))


def test_the_first_version_begins_with_a_handoff_from_nobody():
    schedule = a_weekly_schedule()
    (found,) = find_handoffs(schedule, utc("2025-11-30"), utc("2025-12-01T00:01"))
    assert (found.outgoing, found.incoming) == ((), ("A",))


def test_overrides_move_no_handoff():
    away = an_override(utc("2026-01-06"), utc("2026-01-20"), remove_user="B")
    schedule = a_weekly_schedule(overrides=(away,))
    (found,) = find_handoffs(schedule, utc("2026-01-06"), utc("2026-01-18"))
    assert found.incoming == ("B",)


def test_days_without_active_time_hand_nothing_over():
    office = tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5))
    schedule = a_weekly_schedule(unit=Unit.DAY, windows=office, count=Count.ACTIVE)
    found = find_handoffs(schedule, utc("2026-01-08T12:00"), utc("2026-01-12T12:00"))
    assert [each.at for each in found] == [
        utc("2026-01-09T08:00"),
        utc("2026-01-12T08:00"),
    ]


def test_one_rotation_may_be_asked_by_its_key():
    schedule = a_weekly_schedule()
    second = replace(schedule.rotations[0], key="second")
    both = replace(schedule, rotations=(*schedule.rotations, second))
    interval = (utc("2026-01-12"), utc("2026-01-13"))
    assert len(find_handoffs(both, *interval)) == 2
    (found,) = find_handoffs(both, *interval, rotation="second")
    assert found.rotation == "second"
    with pytest.raises(ScheduleError, match="Choose one that is"):
        find_handoffs(both, *interval, rotation="third")
