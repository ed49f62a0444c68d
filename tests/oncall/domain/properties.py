"""What must hold for every schedule, as plain checks: tests and mutants run them."""

from dataclasses import replace
from datetime import timedelta

from oncall.domain.rotation import timeline, users_at
from oncall.domain.walltime import (
    from_wall_micros,
    to_micros,
    to_utc,
    to_wall,
    wall_clock,
)
from tests.oncall.domain.oracle import boundary, simulate
from tests.oncall.domain.strategies import QUARTER

MICROSECOND = timedelta(microseconds=1)


def people_at(schedule, at):
    """Return the set of (role, user) on call."""
    return {(line.role, line.user) for line in users_at(schedule, at)}


def rows_at(segments, at):
    """Return the set of (role, user, source) that a timeline shows at an instant."""
    return {tuple(part[2:]) for part in segments if part.start <= at < part.end}


def join(ones, others):
    """Return two timelines that touch as one."""
    seam = others[0].start
    late = {part[2:]: part for part in others if part.start == seam}
    joined = []
    for part in ones:
        after = late.pop(part[2:], None) if part.end == seam else None
        joined.append(part._replace(end=after.end) if after else part)
    return joined + [part for part in others if part.start > seam or part[2:] in late]


def check_order_of_walls(convert, zone, walls):
    """Earlier wall times are never later instants."""
    moments = [convert(wall, zone) for wall in sorted(walls)]
    assert moments == sorted(moments)


def check_first_instant(convert, zone, wall, earlier):
    """The instant shows the wall time or later, and no instant before it does."""
    at = convert(wall, zone)
    assert at.astimezone(zone).replace(tzinfo=None) >= wall
    for before in (at - MICROSECOND, at - earlier):
        assert before.astimezone(zone).replace(tzinfo=None) < wall


def check_reach(zone, wall, at):
    """A wall time has come by an instant exactly when the clock has reached it."""
    clock = wall_clock(zone)
    moment, target = to_micros(at), to_micros(wall.replace(tzinfo=at.tzinfo))
    assert (clock.instant(target) <= moment) == (target <= clock.reach(moment))


def check_partition(schedule, start, end):
    """The segments of each expected role cover start to end with no seam or overlap."""
    parts = timeline(schedule, start, end)
    for role in schedule.expected_roles:
        own = [part for part in parts if part.role == role]
        edges = sorted({part.start for part in own} | {end})
        assert edges[0] == start
        for edge in edges[:-1]:
            over = [part for part in own if part.start <= edge < part.end]
            assert over
            assert {part.user is None for part in over} in ({True}, {False})
            assert all(part.end <= end for part in over)
    assert all(start <= part.start < part.end <= end for part in parts)


def check_point_is_interval(schedule, start, end, *instants):
    """The timeline shows at each instant just whom the point question names."""
    parts = timeline(schedule, start, end)
    for at in instants:
        lines = users_at(schedule, at)
        assert len({line[:2] for line in lines}) == len(lines)
        expected = {tuple(line) for line in lines}
        held = {role for role, _, _ in expected}
        gaps = {
            (role, None, None) for role in schedule.expected_roles if role not in held
        }
        assert rows_at(parts, at) == expected | gaps


def check_simulation(schedule, start, end, step=QUARTER):
    """A simulated clock names the same people at each of its ticks."""
    parts = timeline(schedule, start, end)
    for at, held in simulate(schedule, start, end, step):
        expected = {(role, user) for role, users in held.items() for user in users}
        assert people_at(schedule, at) == expected
        shown = {(role, user) for role, user, _ in rows_at(parts, at) if user}
        assert shown == expected


def check_handoff_at_wall_time(version, zone, turn):
    """A turn begins at the wall time it is planned for, or at the jump over it."""
    clock = wall_clock(zone)
    planned = version.pace.start_of(turn)
    shown = clock.reading(clock.instant(planned))
    assert shown >= planned
    if shown > planned:
        assert clock.reading(clock.instant(planned) - 1) < planned


def check_index_of_boundary(version, turn):
    """The turn that begins at a boundary is that boundary's turn, and not before."""
    start = version.pace.start_of(turn)
    assert version.pace.turn_at(start) == turn
    assert version.pace.turn_at(start - 1) == turn - 1


def check_planned_boundary(version, turn):
    """A calendar turn begins where the calendar says, counted from the anchor."""
    if version.count == "calendar":
        assert from_wall_micros(version.pace.start_of(turn)) == boundary(version, turn)


def check_cancelled(schedule, override, at):
    """Cancelled, an override is as if it had never been, and was before that."""
    without = people_at(schedule, at)
    with_it = people_at(
        with_overrides(schedule, replace(override, cancelled_at=None)), at
    )
    cancelled = people_at(with_overrides(schedule, override), at)
    assert cancelled == (without if at >= override.cancelled_at else with_it)


def with_overrides(schedule, *more):
    """Return the schedule with more overrides."""
    return replace(schedule, overrides=(*schedule.overrides, *more))


def check_told_absence(schedule, absence, at):
    """An absence changes nothing before it is told, nor once it is cancelled."""
    after = replace(schedule, absences=(*schedule.absences, absence))
    over = absence.cancelled_at is not None and at >= absence.cancelled_at
    if at < absence.created_at or over or not absence.start <= at < absence.end:
        assert users_at(after, at) == users_at(schedule, at)


def with_versions(schedule, change):
    """Return the schedule with each version of each rotation changed."""
    return replace(
        schedule,
        rotations=tuple(
            replace(each, versions=tuple(change(one) for one in each.versions))
            for each in schedule.rotations
        ),
    )


def with_policy(schedule, policy):
    """Return the schedule with that absence policy throughout."""
    return with_versions(
        schedule, lambda version: replace(version, absence_policy=policy)
    )


def moved_by(schedule, some):
    """Return the schedule with its anchors and exceptions some minutes later."""
    later = with_versions(
        schedule, lambda version: replace(version, anchor=version.anchor + some)
    )
    return replace(
        later,
        overrides=tuple(
            replace(each, start=each.start + some, end=each.end + some)
            for each in schedule.overrides
        ),
        absences=tuple(
            replace(each, start=each.start + some, end=each.end + some)
            for each in schedule.absences
        ),
    )


def check_last_override_wins(schedule, older, newer, at):
    """Of two that take a role at once, the one created later holds it."""
    both = with_overrides(schedule, newer, older)
    assert ("primary", newer.add_user) in people_at(both, at)
    if older.add_user != newer.add_user:
        assert ("primary", older.add_user) not in people_at(both, at)


def check_wall_round_trip(zone, at):
    """A clock that has not been put back shows what stands for that very instant."""
    assert to_wall(at, zone) == at.astimezone(zone).replace(tzinfo=None)
    assert to_utc(to_wall(at, zone), zone) <= at
