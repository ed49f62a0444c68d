"""Faults planted on purpose: each must be caught by a property or by the simulation.

Instants drawn evenly over the years let the first of them live; instants drawn near
clock changes do not.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from oncall.domain import pace, places, rotation, schedule, walltime
from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.walltime import to_micros, wall_clock
from tests.oncall.domain import faults, properties
from tests.oncall.domain.strategies import (
    MEMBERS,
    QUARTER,
    a_weekly_schedule,
    an_override,
    clock_faces,
    draw_absence,
    draw_near,
    lone_rotations,
    scenes,
    schedule_of,
    zones_and_changes,
)

SCENES, FACES, PLACES = scenes(), clock_faces(), zones_and_changes()
LONE, PLAIN = lone_rotations(), lone_rotations(plain=True)
LONG_AGO = datetime(1994, 1, 1, tzinfo=UTC)

quickly = settings(
    max_examples=1_000,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
)


@pytest.mark.parametrize(
    "mutant", [faults.by_first_pass, faults.by_second_pass, faults.by_later_of_both]
)
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
        properties.check_order_of_walls(faults.by_first_pass, zone, walls)

    with pytest.raises(AssertionError):
        run()


def by_walls(data):
    zone, at, wall = data.draw(FACES)
    for number in range(-16, 17):
        properties.check_reach(zone, wall + number * QUARTER, at)


def by_clock(data):
    zone, at, wall = data.draw(FACES)
    # The clock remembers what it was asked before.
    wall_clock(zone).reach(to_micros(at))
    properties.check_first_instant(walltime.to_utc, zone, wall, QUARTER)


def by_boundaries(data):
    version, _, _ = data.draw(LONE)
    turn = data.draw(st.integers(-9, 9))
    properties.check_planned_boundary(version, turn)
    properties.check_index_of_boundary(version, turn)


def by_months(data):
    version, _, _ = data.draw(PLAIN)
    monthly = replace(version, unit=pace.Unit.MONTH)
    properties.check_planned_boundary(monthly, data.draw(st.integers(-9, 9)))


def by_handoffs(data):
    version, zone, _ = data.draw(PLAIN)
    for turn in range(-9, 10):
        properties.check_handoff_at_wall_time(version, zone, turn)


def by_one_rotation(data):
    version, zone, change = data.draw(LONE)
    at = draw_near(data.draw, change, hours=60)
    properties.check_simulation(schedule_of(version, zone), at, at + 12 * QUARTER)


def by_versions(data):
    drawn, _ = data.draw(SCENES)
    for version in (version for each in drawn.rotations for version in each.versions):
        at = version.effective_from
        properties.check_simulation(drawn, at, at + QUARTER)


def by_replacing(data):
    zone, change = data.draw(PLACES)
    at = draw_near(data.draw, change)
    override = an_override(
        at, at + QUARTER, remove_user=data.draw(st.sampled_from("ABC")), add_user="X"
    )
    drawn = a_weekly_schedule(zone.key, overrides=(override,))
    properties.check_simulation(drawn, at, at + QUARTER)


def by_layers(data):
    zone, change = data.draw(PLACES)
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
    zone, change = data.draw(PLACES)
    at = draw_near(data.draw, change)
    older, newer = (
        an_override(at, at + QUARTER, key=key, add_user=person, takes_role=True)
        for key, person in enumerate(("A", "B"))
    )
    weekly = a_weekly_schedule(zone.key)
    properties.check_last_override_wins(weekly, older, newer, at)


def by_cancelling(data):
    zone, change = data.draw(PLACES)
    at = draw_near(data.draw, change)
    override = an_override(
        at - QUARTER, at + QUARTER, add_user="X", takes_role=True, cancelled_at=at
    )
    properties.check_cancelled(a_weekly_schedule(zone.key), override, at)


def by_interval(data):
    drawn, change = data.draw(SCENES)
    properties.check_point_is_interval(drawn, *quarters_around(change, 13))


def by_windows(data):
    version, zone, change = data.draw(LONE)
    drawn = schedule_of(version, zone)
    properties.check_point_is_interval(drawn, *quarters_around(change, 30))


def quarters_around(change, count):
    """Return the start and end of so many quarter hours, and each of them."""
    instants = [change + number * QUARTER for number in range(-count, count)]
    return instants[0], instants[-1] + QUARTER, *instants


def by_absences(data):
    change, weekly, _ = _two_places(data)
    (rule,) = weekly.rotations[0].versions
    people = [one for one in rule.members if isinstance(one, str)]
    drawn = draw_absence(data.draw, change)
    absence = replace(drawn, person=data.draw(st.sampled_from(people)))
    for number in range(-1, 11):
        at = absence.start + number * QUARTER
        properties.check_told_absence(weekly, absence, at)


def by_places(data):
    change, weekly, gone = _two_places(data)
    leaves = tuple(Absence(one, change, change + QUARTER, change) for one in gone)
    away = replace(weekly, absences=leaves)
    properties.check_simulation(away, change, change + QUARTER)


def _two_places(data):
    zone, change = data.draw(PLACES)
    members = data.draw(st.sampled_from(MEMBERS))
    policy = data.draw(st.sampled_from((SKIP, NEXT)))
    gone = data.draw(st.sets(st.sampled_from("ABCFG"), min_size=1))
    weekly = a_weekly_schedule(
        zone.key,
        people=members,
        concurrency=2,
        absence_policy=policy,
        unit=pace.Unit.DAY,
    )
    (rotation,) = weekly.rotations
    early = replace(rotation.versions[0], effective_from=LONG_AGO)
    rotation = replace(rotation, versions=(early,), roles=("primary", "secondary"))
    return change, replace(weekly, rotations=(rotation,)), sorted(gone)


def by_equal_layers(data):
    zone, change = data.draw(PLACES)
    layers = [
        schedule.Rotation(number, (alone,))
        for number in range(2)
        for alone in a_weekly_schedule(
            people=data.draw(st.sampled_from(MEMBERS)),
        )
        .rotations[0]
        .versions
    ]
    at = max(change, layers[0].versions[0].effective_from)
    drawn = schedule.Schedule(zone, tuple(layers))
    properties.check_simulation(drawn, at, at + QUARTER)
    properties.check_point_is_interval(drawn, at, at + QUARTER, at)


def by_holidays(data):
    version, zone, change = data.draw(LONE)
    policy = data.draw(st.sampled_from(("skip", "only")))
    at = draw_near(data.draw, change, hours=40)
    drawn = schedule_of(
        replace(version, holiday_policy=schedule.HolidayPolicy(policy)),
        zone,
        holidays=frozenset({change.astimezone(zone).date()}),
    )
    properties.check_simulation(drawn, at, at + QUARTER)


def by_override_edges(data):
    zone, change = data.draw(PLACES)
    start = draw_near(data.draw, change)
    override = an_override(start, start + QUARTER, add_user="X", takes_role=True)
    drawn = a_weekly_schedule(zone.key, overrides=(override,))
    at = draw_near(data.draw, change)
    properties.check_simulation(drawn, at, at + QUARTER)
    properties.check_point_is_interval(drawn, at - QUARTER, at + 2 * QUARTER, at)


def by_partition(data):
    drawn, change = data.draw(SCENES)
    properties.check_partition(drawn, change - 13 * QUARTER, change + 13 * QUARTER)


CLOCK, OVERRIDE, SCHEDULE = walltime.WallClock, schedule.Override, schedule.Schedule
ROTATION, VERSION = schedule.Rotation, schedule.RotationVersion
SKIP, NEXT = AbsencePolicy.SKIP, AbsencePolicy.NEXT
MUTANTS = {
    "the fold trap": (by_walls, CLOCK, "instant", faults.fold_instant),
    "a turn begins twice in autumn": (by_walls, CLOCK, "reach", CLOCK.reading),
    "turns before the anchor round up": (
        by_boundaries,
        pace.EvenPace,
        "turn_at",
        faults.turn_towards_zero,
    ),
    "months forget the anchor's day": (
        by_months,
        pace.MonthPace,
        "start_of",
        faults.drifting_months,
    ),
    "handoffs take the second pass": (
        by_handoffs,
        CLOCK,
        "instant",
        faults.late_instant,
    ),
    "active count is ignored": (
        by_one_rotation,
        schedule,
        "find_pace",
        faults.active_like_calendar,
    ),
    "windows include their end": (
        by_one_rotation,
        pace.WeekHours,
        "is_open",
        faults.end_included,
    ),
    "windows are not cut": (
        by_windows,
        pace.WeekHours,
        "edges_between",
        faults.no_edges,
    ),
    "turns are not cut": (by_interval, pace.Pace, "starts_between", faults.no_edges),
    "gaps are not told": (by_partition, rotation, "_segments", faults.held_alone),
    "versions begin a moment late": (
        by_versions,
        ROTATION,
        "_starts",
        property(faults.era_too_late),
    ),
    "the first of two versions holds": (
        by_versions,
        ROTATION,
        "eras",
        property(faults.first_written_holds),
    ),
    "the clock forgets what it showed": (
        by_clock,
        CLOCK,
        "_find_even",
        faults.forget_peak,
    ),
    "the last turn is not cut": (
        by_interval,
        pace.Pace,
        "starts_between",
        faults.start_left_out,
    ),
    "exceptions are not cut": (by_override_edges, rotation, "_changes", faults.not_cut),
    "of two layers the last one serves": (
        by_equal_layers,
        rotation,
        "_join",
        faults.join_by_last,
    ),
    "two layers name one person twice": (
        by_equal_layers,
        rotation,
        "_join",
        faults.join_twice,
    ),
    "all layers serve together": (
        by_layers,
        SCHEDULE,
        "layers_by_role",
        property(faults.join_all),
    ),
    "who replaces comes in beside": (
        by_replacing,
        rotation,
        "_correct",
        faults.replace_nobody,
    ),
    "who takes a role shares it": (
        by_override_edges,
        rotation,
        "_correct",
        faults.take_beside,
    ),
    "a replacement clears the role": (
        by_replacing,
        rotation,
        "_correct",
        faults.add_to_all,
    ),
    "overrides act at their end": (
        by_override_edges,
        OVERRIDE,
        "span",
        property(faults.end_acts),
    ),
    "absences act before they are told": (
        by_absences,
        Absence,
        "span",
        property(faults.told_ahead),
    ),
    "cancelled absences go on": (
        by_absences,
        Absence,
        "span",
        property(faults.never_cancelled),
    ),
    "absences are forgotten": (
        by_places,
        SCHEDULE,
        "heeded_absences",
        property(faults.nobody_away),
    ),
    "where a place stays empty the next one serves": (
        by_places,
        schedule,
        "fill_places",
        faults.fill_by(SKIP, NEXT),
    ),
    "nobody stands in": (
        by_places,
        schedule,
        "fill_places",
        faults.fill_by(NEXT, SKIP),
    ),
    "the first free person stands in, on duty or not": (
        by_places,
        schedule,
        "fill_places",
        faults.stand_in_anyway,
    ),
    "a group leaves with one of it": (
        by_places,
        places,
        "_less",
        faults.whole_group_leaves,
    ),
    "empty slots are filled": (
        by_places,
        schedule,
        "fill_places",
        faults.empty_slots_are_filled,
    ),
    "every turn begins with the first": (
        by_places,
        places,
        "_order_from",
        faults.from_the_top,
    ),
    "one person holds both places": (
        by_places,
        schedule,
        "plan_places",
        faults.same_person_twice,
    ),
    "holidays are a day late": (
        by_holidays,
        SCHEDULE,
        "holiday_numbers",
        property(faults.day_after),
    ),
    "only on holidays means not on holidays": (
        by_holidays,
        VERSION,
        "is_active",
        faults.only_like_skip,
    ),
    "holidays are days like others": (
        by_holidays,
        VERSION,
        "is_active",
        faults.on_any_day,
    ),
    "the next person serves": (by_places, VERSION, "slot", faults.one_turn_ahead),
    "primary and secondary are changed": (
        by_places,
        ROTATION,
        "_line_up",
        faults.roles_turned,
    ),
    "cancelled overrides go on": (
        by_cancelling,
        OVERRIDE,
        "span",
        property(faults.without_cancelling),
    ),
    "the lowest layer wins": (
        by_layers,
        SCHEDULE,
        "layers",
        property(faults.lowest_first),
    ),
    "the oldest override wins": (
        by_two_overrides,
        SCHEDULE,
        "overrides_as_created",
        property(faults.newest_first),
    ),
}


@cache
def _read_once(zone, start, read=CLOCK._read):
    return read(CLOCK(zone), start)


@pytest.fixture(autouse=True)
def _fresh_clocks(monkeypatch):
    wall_clock.cache_clear()
    # No fault is planted in what clocks read of their zones: once is enough.
    monkeypatch.setattr(
        CLOCK, "_read", lambda clock, start: _read_once(clock._zone, start)
    )
    yield
    wall_clock.cache_clear()


def test_the_planted_faults_are_many():
    assert len(MUTANTS) >= 25


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_fault_is_caught(name, monkeypatch):
    check, *fault = MUTANTS[name]
    monkeypatch.setattr(*fault)
    with pytest.raises(AssertionError):
        quickly(given(st.data())(check))()
