"""Lanes hold whole shifts, the rotations apart, and looking on apart from serving."""

from datetime import timedelta

import pytest

from oncall.queries import gaps_of, load_schedule, next_shifts, schedule_lanes
from oncall.queries.coverage import team_coverage
from tests.conftest import NOW
from tests.factories.oncall import (
    ContactMethodFactory,
    OverrideFactory,
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule()


def add_rotation(schedule, role, *people, priority=0):
    rotation = RotationFactory(schedule=schedule, roles=[role], priority=priority)
    version = RotationVersionFactory(rotation=rotation)
    for position, person in enumerate(people):
        RotationMemberFactory(version=version, position=position, user=person)
    return version


def lanes_of(schedule, start=NOW, end=NOW + WEEK):
    return schedule_lanes(load_schedule(schedule.pk), start, end)


def test_a_bar_begins_and_ends_when_the_shift_does(schedule):
    (first, second) = lanes_of(schedule, NOW, NOW + HOUR)[0].bars[:1] * 2
    monday = NOW.replace(day=12, hour=8, minute=0)
    assert (first.starts_at, second.ends_at) == (monday, monday + WEEK)


def test_each_rotation_has_its_lanes_and_who_looks_on_comes_last(schedule):
    add_rotation(schedule, "primary", schedule.people[0], priority=5)
    add_rotation(schedule, "shadow", schedule.people[2])
    labels = [(lane.kind, lane.label, lane.is_shadow) for lane in lanes_of(schedule)]
    assert labels == [
        ("rotation", "primary · layer 1", False),
        ("rotation", "primary · layer 2", False),
        ("rotation", "secondary", False),
        ("override", "overrides", False),
        ("final", "primary", False),
        ("final", "secondary", False),
        ("rotation", "shadow", True),
        ("final", "shadow", True),
    ]


def test_an_override_is_a_lane_of_its_own_and_joins_what_goes_on(schedule):
    holder = schedule.people[1]
    row = OverrideFactory(schedule=schedule, add_user=holder, takes_role=True)
    OverrideFactory(
        schedule=schedule,
        role="secondary",
        add_user=None,
        remove_user=schedule.people[2],
        cancelled_at=NOW,
    )
    lanes = {(lane.kind, lane.label): lane for lane in lanes_of(schedule)}
    (bar,) = lanes["override", "overrides"].bars
    assert (bar.key, bar.note, bar.name) == (row.pk, "primary", holder.name)
    assert lanes["final", "primary"].bars[0].ends_at == NOW.replace(
        day=19, hour=8, minute=0
    )


def test_hours_that_are_empty_by_design_are_drawn_as_nothing(schedule):
    version = schedule.rotations.get().versions.get()
    version.windows.create(weekday=2, start_minute=9 * 60, end_minute=17 * 60)
    plan = load_schedule(schedule.pk)
    assert gaps_of(plan, NOW, NOW + 4 * WEEK) == []
    final = [lane for lane in lanes_of(schedule) if lane.kind == "final"]
    assert all(bar.user_id is not None for lane in final for bar in lane.bars)
    assert all(bar.user_id is not None for bar in next_shifts(plan, NOW))


def test_a_team_s_coverage_asks_as_much_about_one_schedule_as_about_three(
    schedule, django_assert_num_queries
):
    ContactMethodFactory(user=schedule.people[0])
    with django_assert_num_queries(7):
        (row,) = team_coverage(schedule.team_id, NOW)
    assert row.gaps == []
    assert {each.name for each in row.unreachable} == {
        person.name for person in schedule.people[1:]
    }
    for _ in range(2):
        make_weekly_schedule(schedule.team)
    with django_assert_num_queries(7):
        assert len(team_coverage(schedule.team_id, NOW)) == 3
