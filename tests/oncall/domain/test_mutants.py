"""Faults planted on purpose: each must be caught by a property or by the simulation.

Instants drawn evenly over the years let the first of them live; instants drawn near
clock changes do not.
"""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from oncall.domain import pace, rotation, schedule, walltime
from oncall.domain.walltime import DAY, WEEK, to_micros
from tests.oncall.domain import properties
from tests.oncall.domain.strategies import (
    QUARTER,
    a_weekly_schedule,
    an_override,
    clock_faces,
    lone_rotations,
    near,
    scenes,
    schedule_of,
    zones_and_changes,
)

quickly = settings(
    max_examples=1_000,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
)


def by_first_pass(naive, zone):
    return naive.replace(tzinfo=zone).astimezone(UTC)


def by_second_pass(naive, zone):
    return naive.replace(tzinfo=zone, fold=1).astimezone(UTC)


def by_later_of_both(naive, zone):
    return max(by_first_pass(naive, zone), by_second_pass(naive, zone))


@pytest.mark.parametrize("mutant", [by_first_pass, by_second_pass, by_later_of_both])
def test_the_properties_of_wall_time_catch_the_fold_trap(mutant):
    @quickly
    @given(clock_faces())
    def run(face):
        zone, _, wall = face
        properties.check_first_instant(mutant, zone, wall, QUARTER)

    with pytest.raises(AssertionError):
        run()


def test_the_order_of_walls_alone_catches_the_fold_trap():
    @quickly
    @given(clock_faces(walls=3))
    def run(face):
        zone, _, *walls = face
        properties.check_order_of_walls(by_first_pass, zone, walls)

    with pytest.raises(AssertionError):
        run()


def _fold_instant(clock, wall):
    naive = walltime.from_wall_micros(wall)
    return to_micros(by_first_pass(naive, clock._zone))


def _late_instant(clock, wall):
    naive = walltime.from_wall_micros(wall)
    return to_micros(by_second_pass(naive, clock._zone))


def _found_alone(schedule, found):
    return found


def _turn_towards_zero(self, wall):
    return int((wall - self._anchor) / self._length)


def _drifting_months(self, turn):
    start = walltime.from_wall_micros(self._time)
    month = self._month + turn * self._every
    day = min(self._day, 28)
    return walltime.wall_micros(start.replace(month // 12, month % 12 + 1, day))


def _end_included(self, wall):
    inside = (wall + 3 * DAY) % WEEK
    return self._always or bisect_left(self._edges, inside) % 2 == 1


def _without_cancelling(self):
    return to_micros(self.start), to_micros(self.end)


def _era_too_late(self, at, reach, holidays):
    row = bisect_left(self._starts, at) - 1
    if row < 0 or not self.eras[row][2].is_active(reach, holidays):
        return ()
    return self._lines_of(row, reach)


def _lowest_first(self):
    return tuple(sorted(self.rotations, key=lambda one: one.priority))


def _newest_first(self):
    return tuple(sorted(self.overrides, key=lambda one: one.created_at, reverse=True))


def _no_edges(self, low, high):
    return iter(())


def _active_like_calendar(anchor, unit, every, hours):
    length = pace.UNIT_LENGTHS.get(unit)
    if length is None:
        return pace.MonthPace(anchor, every)
    return pace.EvenPace(anchor, length * every)


def by_walls(data):
    zone, at, wall = data.draw(clock_faces())
    properties.check_reach(zone, wall, at)


def by_boundaries(data):
    version, _, _ = data.draw(lone_rotations())
    turn = data.draw(st.integers(-9, 9))
    properties.check_planned_boundary(version, turn)
    properties.check_index_of_boundary(version, turn)


def by_months(data):
    version, _, _ = data.draw(lone_rotations(plain=True))
    monthly = replace(version, unit=pace.Unit.MONTH)
    properties.check_planned_boundary(monthly, data.draw(st.integers(-9, 9)))


def by_handoffs(data):
    version, zone, _ = data.draw(lone_rotations(plain=True))
    turn = data.draw(st.integers(-2, 2))
    properties.check_handoff_at_wall_time(version, zone, turn)


def by_one_rotation(data):
    version, zone, change = data.draw(lone_rotations())
    at = data.draw(near(change, hours=60))
    properties.check_simulation(schedule_of(version, zone), at, at + QUARTER)


def by_simulation(data):
    drawn, change = data.draw(scenes())
    at = data.draw(near(change))
    properties.check_simulation(drawn, at, at + QUARTER)


def by_layers(data):
    zone, change = data.draw(zones_and_changes())
    low, high = data.draw(st.permutations((0, 1)))
    layers = [
        schedule.Rotation(person, (alone,), priority=priority)
        for person, priority in (("A", low), ("B", high))
        for alone in a_weekly_schedule(people=(person,)).rotations[0].versions
    ]
    at = max(change, layers[0].versions[0].effective_from)
    drawn = schedule.Schedule(zone, tuple(layers))
    properties.check_simulation(drawn, at, at + QUARTER)


def by_two_overrides(data):
    zone, change = data.draw(zones_and_changes())
    at = data.draw(near(change))
    older, newer = (
        an_override(at, at + QUARTER, key=key, add_user=person, takes_role=True)
        for key, person in enumerate(("A", "B"))
    )
    weekly = a_weekly_schedule(zone.key)
    properties.check_last_override_wins(weekly, older, newer, at)


def by_cancelling(data):
    zone, change = data.draw(zones_and_changes())
    at = data.draw(near(change))
    override = an_override(
        at - QUARTER, at + QUARTER, add_user="X", takes_role=True, cancelled_at=at
    )
    properties.check_cancelled(a_weekly_schedule(zone.key), override, at)


def by_interval(data):
    drawn, change = data.draw(scenes())
    start, end = change - 13 * QUARTER, change + 13 * QUARTER
    properties.check_point_is_interval(drawn, start, end, data.draw(near(change)))


def by_windows(data):
    version, zone, change = data.draw(lone_rotations())
    start, end = change - 30 * QUARTER, change + 30 * QUARTER
    at = data.draw(near(change))
    properties.check_point_is_interval(schedule_of(version, zone), start, end, at)


CLOCK, OVERRIDE, SCHEDULE = walltime.WallClock, schedule.Override, schedule.Schedule
MUTANTS = {
    "the fold trap": (by_walls, CLOCK, "instant", _fold_instant),
    "a turn begins twice in autumn": (by_walls, CLOCK, "reach", CLOCK.reading),
    "turns before the anchor round up": (
        by_boundaries,
        pace.EvenPace,
        "turn_at",
        _turn_towards_zero,
    ),
    "months forget the anchor's day": (
        by_months,
        pace.MonthPace,
        "start_of",
        _drifting_months,
    ),
    "handoffs take the second pass": (by_handoffs, CLOCK, "instant", _late_instant),
    "active count is ignored": (
        by_one_rotation,
        schedule,
        "find_pace",
        _active_like_calendar,
    ),
    "windows include their end": (
        by_one_rotation,
        pace.WeekHours,
        "is_open",
        _end_included,
    ),
    "windows are not cut": (by_windows, pace.WeekHours, "edges_between", _no_edges),
    "turns are not cut": (by_interval, pace.Pace, "starts_between", _no_edges),
    "gaps are not told": (by_interval, rotation, "_with_gaps", _found_alone),
    "versions begin a moment late": (
        by_simulation,
        schedule.Rotation,
        "duty_at",
        _era_too_late,
    ),
    "cancelled overrides go on": (
        by_cancelling,
        OVERRIDE,
        "span",
        property(_without_cancelling),
    ),
    "the lowest layer wins": (
        by_layers,
        SCHEDULE,
        "layers",
        property(_lowest_first),
    ),
    "the oldest override wins": (
        by_two_overrides,
        SCHEDULE,
        "overrides_as_created",
        property(_newest_first),
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_fault_is_caught(name, monkeypatch):
    check, *fault = MUTANTS[name]
    monkeypatch.setattr(*fault)
    with pytest.raises(AssertionError):
        quickly(given(st.data())(check))()
