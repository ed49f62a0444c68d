"""What holds for every schedule near every clock change.

The numbers are those of the kernel's promises: docs/oncall-kernel.md. Number 4 is in
test_walltime, 14 with the feeds, 16 in test_stipend, 19 where rows are read.
"""

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from struct import pack
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.coverage import find_gaps
from oncall.domain.former import Former, keep_past
from oncall.domain.pace import Unit
from oncall.domain.revision import change_members
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import HolidayPolicy, Override, Rotation, RotationVersion
from oncall.domain.walltime import EPOCH, from_micros
from tests.oncall.domain import properties
from tests.oncall.domain.strategies import (
    MEMBERS,
    PEOPLE,
    QUARTER,
    a_weekly_schedule,
    an_override,
    draw_absence,
    draw_near,
    draw_override,
    draw_schedule,
    draw_version,
    lone_rotations,
    scenes,
    schedule_of,
    thoroughly,
    zones_and_changes,
)

DAY = timedelta(days=1)
HALF = DAY / 2


@thoroughly
@given(scenes())
def test_property_01_segments_tile_the_interval_and_spell_out_gaps(scene):
    schedule, change = scene
    properties.check_partition(schedule, change - HALF, change + HALF)


@thoroughly
@given(scenes(), st.data())
def test_property_02_the_timeline_says_what_the_point_question_says(scene, data):
    schedule, change = scene
    at = draw_near(data.draw, change)
    low = change - data.draw(st.integers(13, 40)) * QUARTER
    properties.check_point_is_interval(schedule, low, change + DAY / 4, at)


@thoroughly
@given(scenes(), st.data())
def test_property_03_a_timeline_may_be_cut_anywhere_and_joined(scene, data):
    schedule, change = scene
    seam = draw_near(data.draw, change, hours=20)
    start, end = change - DAY, change + DAY
    joined = properties.join(
        timeline(schedule, start, seam), timeline(schedule, seam, end)
    )
    assert sorted(joined, key=repr) == sorted(timeline(schedule, start, end), key=repr)


@thoroughly
@given(scenes())
def test_a_simulated_clock_names_the_same_people(scene):
    schedule, change = scene
    properties.check_simulation(schedule, change - 6 * QUARTER, change + 6 * QUARTER)


@thoroughly
@given(scenes(), st.integers(0, 14), st.data())
def test_a_simulated_clock_agrees_in_each_minute(scene, minutes, data):
    schedule, change = scene
    moved = properties.moved_by(schedule, timedelta(minutes=minutes))
    at = draw_near(data.draw, change)
    properties.check_simulation(moved, at, at + QUARTER, timedelta(minutes=1))


@thoroughly
@given(lone_rotations(), st.integers(-9, 9))
def test_property_05_turns_begin_at_their_wall_time_or_at_the_jump_over_it(drawn, turn):
    version, zone, _ = drawn
    properties.check_handoff_at_wall_time(version, zone, turn)


@thoroughly
@given(lone_rotations(), st.integers(-9, 9))
def test_property_06_a_boundary_begins_its_own_turn(drawn, turn):
    properties.check_index_of_boundary(drawn[0], turn)
    properties.check_planned_boundary(drawn[0], turn)


@thoroughly
@given(lone_rotations(plain=True), st.integers(-9, 9))
def test_property_06_each_member_has_one_turn_in_a_cycle(drawn, turn):
    version, zone, _ = drawn
    schedule = schedule_of(version, zone)
    clock, size = schedule.clock, len(version.members)
    in_force = schedule.rotations[0].eras[0][0]
    walls = [version.pace.start_of(turn + n) for n in range(size + 1)]
    starts = [clock.instant(wall) for wall in walls]
    shown = [users_at(schedule, from_micros(at)) for at in starts[:-1]]
    # Short turns may vanish whole in a jump of the clock, or begin before the version.
    if len(set(starts)) == size + 1 and starts[0] >= in_force:
        assert {line.user for (line,) in shown} == set(version.members)


@thoroughly
@given(scenes(), st.data())
def test_property_07_an_override_changes_its_own_time_alone(scene, data):
    schedule, change = scene
    override = draw_override(data.draw, change, key=9)
    after = properties.with_overrides(schedule, override)
    at = draw_near(data.draw, change, hours=20)
    if not override.start <= at < override.end:
        assert users_at(after, at) == users_at(schedule, at)


@thoroughly
@given(scenes(), st.integers(0, 40), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))
def test_property_07_the_last_created_override_is_supreme(scene, quarters, one, other):
    schedule, change = scene
    at = change + quarters * QUARTER
    older = an_override(change, at + QUARTER, key=8, add_user=one, takes_role=True)
    newer = an_override(at, at + QUARTER, key=9, add_user=other, takes_role=True)
    ours = replace(schedule, overrides=())
    properties.check_last_override_wins(ours, older, newer, at)


@thoroughly
@given(scenes(), st.data())
def test_property_08_a_new_version_changes_nothing_before_its_moment(scene, data):
    schedule, change = scene
    rotation, *others = schedule.rotations
    version = draw_version(
        data.draw, schedule.zone, change, positions=len(rotation.roles)
    )
    at = draw_near(data.draw, change, hours=20)
    grown = replace(
        rotation, versions=(*rotation.versions, replace(version, effective_from=at))
    )
    after = replace(schedule, rotations=(grown, *others))
    start = change - HALF
    assert timeline(after, start, at) == timeline(schedule, start, at)


@thoroughly
@given(scenes(), zones_and_changes(), st.data())
def test_property_08_another_zone_changes_nothing_before_its_moment(scene, other, data):
    schedule, change = scene
    at = draw_near(data.draw, change, hours=20)
    former = Former(at, schedule.zone, schedule.holidays)
    moved = replace(schedule, zone=other[0], holidays=frozenset())
    after = replace(moved, rotations=keep_past(schedule.rotations, [former]))
    assert timeline(after, change - HALF, at) == timeline(schedule, change - HALF, at)
    assert timeline(after, at, at + DAY) == timeline(moved, at, at + DAY)


@thoroughly
@given(st.data())
def test_property_09_positions_of_one_rotation_are_never_held_by_one_person(data):
    zone, change = data.draw(zones_and_changes())
    version = draw_version(data.draw, zone, change, positions=2)
    rotation = Rotation("one", (version,), ("primary", "secondary"))
    leaves = tuple(draw_absence(data.draw, change) for _ in range(2))
    schedule = schedule_of(version, zone, absences=leaves)
    schedule = replace(schedule, rotations=(rotation,))
    people = [line.user for line in users_at(schedule, draw_near(data.draw, change))]
    assert len(set(people)) == len(people)


@thoroughly
@given(scenes(), st.data())
def test_an_absence_acts_only_while_it_is_known(scene, data):
    schedule, change = scene
    absence = draw_absence(data.draw, change)
    properties.check_told_absence(
        schedule, absence, draw_near(data.draw, change, hours=20)
    )


@thoroughly
@given(scenes(), st.data())
def test_absences_change_nothing_where_rotations_only_warn(scene, data):
    schedule, change = scene
    warning = properties.with_policy(schedule, AbsencePolicy.WARN)
    at = draw_near(data.draw, change, hours=20)
    assert users_at(warning, at) == users_at(replace(warning, absences=()), at)


@thoroughly
@given(lone_rotations(), st.data())
def test_skipping_the_absent_only_removes_them(drawn, data):
    version, zone, change = drawn
    leaves = tuple(draw_absence(data.draw, change) for _ in range(2))
    alone = schedule_of(replace(version, absence_policy=AbsencePolicy.SKIP), zone)
    at = draw_near(data.draw, change, hours=20)
    away = {
        each.person for each in leaves if each.span[0] <= _micros(at) < each.span[1]
    }
    shown = users_at(replace(alone, absences=leaves), at)
    assert shown == tuple(line for line in users_at(alone, at) if line.user not in away)


@thoroughly
@given(lone_rotations(plain=True), st.data())
def test_somebody_present_stands_in_while_there_is_anybody(drawn, data):
    version, zone, change = drawn
    gone = data.draw(st.sets(st.sampled_from(PEOPLE)))
    leaves = tuple(
        Absence(person, change - DAY, change + DAY, change - 2 * DAY) for person in gone
    )
    version = replace(version, absence_policy=AbsencePolicy.NEXT)
    schedule = schedule_of(version, zone, absences=leaves)
    found = {line.user for line in users_at(schedule, draw_near(data.draw, change))}
    left = set(version.members) - gone
    assert found <= left
    assert len(found) == (1 if left else 0)


@thoroughly
@given(lone_rotations(plain=True), st.sampled_from(MEMBERS), st.data())
def test_property_10_a_change_of_members_keeps_the_present_person_and_the_cadence(
    drawn, new, data
):
    version, zone, change = drawn
    at = draw_near(data.draw, change)
    schedule = schedule_of(version, zone)
    ((_, present, _),) = users_at(schedule, at)
    if present not in new:
        new = (*new, present)
    later = change_members(version, new, effective_from=at, zone=zone)
    after = replace(schedule, rotations=(Rotation("weekly", (version, later)),))
    assert properties.people_at(after, at) == {("primary", present)}
    assert timeline(after, at - DAY, at) == timeline(schedule, at - DAY, at)
    assert later.pace.turn_at(0) == version.pace.turn_at(0)
    # The order of the new list is kept: only where it begins is turned.
    turned = [later.members[n:] + later.members[:n] for n in range(len(new))]
    assert new in turned


@thoroughly
@given(st.integers(0, 25), st.integers(0, 25))
def test_property_11_a_swap_conserves_everybodys_total_hours(first, second):
    schedule = a_weekly_schedule(people=PEOPLE)
    start = from_micros(schedule.clock.instant(0)) + timedelta(days=21_000)
    end = start + timedelta(days=200)
    shifts = timeline(schedule, start, end)
    one, other = shifts[first], shifts[second]
    if one.user == other.user:
        return
    legs = [
        Override(
            key=(gives.user, gives.start),
            start=gives.start,
            end=gives.end,
            created_at=start,
            remove_user=gives.user,
            add_user=takes.user,
            role="primary",
        )
        for gives, takes in ((one, other), (other, one))
    ]
    new = properties.with_overrides(schedule, *legs)
    swapped = timeline(new, start, end)
    total = sum((part.end - part.start for part in swapped), timedelta())
    assert total == end - start
    assert all(part.user is not None for part in swapped)
    assert properties.people_at(new, one.start) == {("primary", other.user)}
    assert properties.people_at(new, other.start) == {("primary", one.user)}


@thoroughly
@given(scenes(), st.data())
def test_property_12_a_cancelled_override_is_as_if_it_had_never_been(scene, data):
    schedule, change = scene
    override = replace(
        draw_override(data.draw, change, key=9),
        cancelled_at=draw_near(data.draw, change),
    )
    properties.check_cancelled(schedule, override, draw_near(data.draw, change))


@thoroughly
@given(st.data())
def test_property_13_overrides_that_do_not_meet_may_be_made_in_any_order(data):
    zone, change = data.draw(zones_and_changes())
    schedule = draw_schedule(data.draw, zone, change)
    first = draw_override(data.draw, change, key=8)
    second = draw_override(data.draw, change, key=9)
    shift = max(first.end - second.start, timedelta())
    second = replace(second, start=second.start + shift, end=second.end + shift)
    reverse = (
        replace(first, created_at=second.created_at),
        replace(second, created_at=first.created_at),
    )
    one_way = properties.with_overrides(schedule, first, second)
    other_way = properties.with_overrides(schedule, *reverse)
    at = draw_near(data.draw, change, hours=20)
    assert users_at(one_way, at) == users_at(other_way, at)


@thoroughly
@given(scenes())
def test_property_15_the_gaps_are_what_coverage_leaves(scene):
    schedule, change = scene
    start, end = change - HALF, change + HALF
    gaps = find_gaps(schedule, start, end)
    for role in schedule.expected_roles:
        covered = [
            part
            for part in timeline(schedule, start, end)
            if part.role == role and part.user is not None
        ]
        left = [(gap.start, gap.end) for gap in gaps if gap.role == role]
        assert left == _complement(covered, start, end)


def _complement(parts, start, end):
    """Return the stretches of start <= t < end that no part covers."""
    found, edge = [], start
    for part in sorted(parts, key=lambda one: one.start):
        if part.start > edge:
            found.append((edge, part.start))
        edge = max(edge, part.end)
    return found + ([(edge, end)] if edge < end else [])


@thoroughly
@given(lone_rotations(), st.data())
def test_property_17_skipping_holidays_only_removes(drawn, data):
    version, zone, change = drawn
    day = change.astimezone(zone).date()
    days = data.draw(st.frozensets(st.integers(-1, 1), min_size=1))
    schedule = schedule_of(
        replace(version, holiday_policy=HolidayPolicy.SKIP),
        zone,
        holidays=frozenset(day + timedelta(days=n) for n in days),
    )
    working = schedule_of(version, zone)
    at = draw_near(data.draw, change, hours=20)
    shown, everyday = users_at(schedule, at), users_at(working, at)
    is_holiday = schedule.clock.reach(_micros(at)) // (86_400 * 10**6) in (
        schedule.holiday_numbers
    )
    assert shown == (() if is_holiday else everyday)


def _micros(at):
    return (at - EPOCH) // timedelta(microseconds=1)


@lru_cache
def _zone_of(*pairs):
    """Make a zone that starts at UTC and changes at each (moment, offset)."""
    changes = dict(pairs)
    moments = sorted(changes)
    offsets = sorted({0, *(changes[at] for at in moments)})
    rows = b"".join(pack(">lbB", offset, 0, 0) for offset in offsets)
    body = b"".join(pack(">q", at) for at in moments)
    body += bytes(offsets.index(changes[at]) for at in moments) + rows + b"LMT\0"
    # The file's first part, for readers of 32 bits, may be empty.
    empty = b"TZif2" + bytes(15) + pack(">6l", 0, 0, 0, 0, 1, 1) + bytes(7)
    counts = pack(">6l", 0, 0, 0, len(moments), len(offsets), 4)
    return ZoneInfo.from_file(
        BytesIO(empty + b"TZif2" + bytes(15) + counts + body + b"\n\n")
    )


@thoroughly
@given(
    st.sampled_from((-3_600, 20_700, 50_400)),
    st.sampled_from((-43_200, -2_700, 0, 7_200)),
    st.integers(-40, 40),
)
def test_property_18_news_of_a_clock_change_leaves_the_past_alone(
    offset, new_offset, quarters
):
    known, news = 1_700_000_000 // 900 * 900, 1_720_000_000 // 900 * 900
    before = _zone_of((known, offset))
    after = _zone_of((known, offset), (news, new_offset))
    moment = EPOCH + timedelta(seconds=news)
    version = RotationVersion(
        EPOCH, moment.replace(tzinfo=None), Unit.HOUR, ("A", "B", "C"), every=5
    )
    start = moment - DAY
    old = timeline(schedule_of(version, before), start, moment)
    new = schedule_of(version, after)
    assert timeline(new, start, moment) == old
    at = moment + quarters * QUARTER
    properties.check_simulation(new, at, at + DAY / 12)
