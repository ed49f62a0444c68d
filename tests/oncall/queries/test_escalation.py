"""Whom to turn to, in order, and who is on call there now."""

from datetime import timedelta

import pytest

from oncall.queries import (
    coverage_gaps,
    escalation_ladder,
    next_shifts,
    on_call_board,
    users_on_call,
)
from oncall.queries.loading import load_schedule, load_schedules
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    EscalationPolicyVersionFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    HolidayFactory,
    OverrideFactory,
    RotationMemberFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WEEK = timedelta(weeks=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


def test_the_newest_ladder_is_shown_rung_by_rung(schedule):
    old = EscalationPolicyVersionFactory()
    EscalationStepFactory(version=old, name="Old")
    new = EscalationPolicyVersionFactory(policy=old.policy, number=2)
    step = EscalationStepFactory(version=new, name="First", position=0)
    for target in (
        {"user": UserFactory(name="Engineer Q")},
        {"schedule": schedule, "role": "primary"},
        {"channel": ChannelFactory(name="#ops")},
        {"title": "VP Engineering"},
    ):
        EscalationTargetFactory(step=step, **{"title": "", **target})
    service = ServiceFactory(policy=old.policy)

    (rung,) = escalation_ladder(service.pk, now=NOW)

    assert (rung.name, rung.delay, rung.condition) == (
        "First",
        timedelta(minutes=15),
        "if nobody acknowledged",
    )
    assert [(each.kind, each.label) for each in rung.targets] == [
        ("user", "Engineer Q"),
        ("schedule", schedule.name),
        ("channel", "#ops"),
        ("title", "VP Engineering"),
    ]
    on_call = rung.targets[1].on_call
    assert [row.user_id for row in on_call] == [schedule.people[1].pk]
    (rung,) = escalation_ladder(service.pk)
    assert rung.targets[1].on_call == []


def test_a_service_without_a_policy_has_no_ladder():
    assert escalation_ladder(ServiceFactory().pk, now=NOW) == []


def test_many_schedules_are_loaded_with_the_questions_of_one(
    schedule, django_assert_num_queries
):
    others = [make_weekly_schedule().pk for _ in range(2)]
    with django_assert_num_queries(4):
        load_schedules([schedule.pk])
    with django_assert_num_queries(4):
        load_schedules([schedule.pk, *others])


def test_what_is_over_is_left_out_when_looking_ahead(schedule):
    OverrideFactory(schedule=schedule, starts_at=NOW - WEEK, ends_at=NOW)
    assert load_schedules([schedule.pk], since=NOW)[schedule.pk].overrides == ()
    assert len(load_schedule(schedule.pk).overrides) == 1


def test_holidays_come_from_the_schedule_or_else_from_the_team(schedule):
    holiday = HolidayFactory(on=NOW.date())
    schedule.team.calendar = holiday.calendar
    schedule.team.save()
    assert load_schedule(schedule.pk).holidays == {NOW.date()}


def test_a_group_serves_together(schedule):
    version = schedule.rotations.get().versions.get()
    partner = UserFactory(team=schedule.team)
    RotationMemberFactory(version=version, position=1, user=partner)
    ids = {row.user_id for row in users_on_call(schedule.pk, NOW, "primary")}
    assert ids == {schedule.people[1].pk, partner.pk}
    assert users_on_call(0, NOW) == []


def test_the_board_tells_what_is_missing_and_when_it_changes(schedule):
    OverrideFactory(
        schedule=schedule,
        add_user=None,
        remove_user=schedule.people[1],
        starts_at=NOW - WEEK,
        ends_at=NOW + timedelta(hours=2),
    )
    (row,) = on_call_board([schedule.team_id], NOW)
    assert row.missing_roles == ["primary"]
    assert row.handoff.at == NOW + timedelta(hours=2)
    assert [gap.ends_at for gap in row.gaps] == [NOW + timedelta(hours=2)]
    assert coverage_gaps(schedule.pk, NOW, NOW + WEEK) == row.gaps


def test_a_person_alone_is_on_call_without_an_end():
    schedule = make_weekly_schedule(people=1, required_roles=["primary"])
    rotation = schedule.rotations.get()
    rotation.roles = ["primary"]
    rotation.save()
    (row,) = on_call_board([schedule.team_id], NOW)
    assert (row.handoff, row.on_call[0].until) == (None, None)
    assert next_shifts(load_schedule(schedule.pk), NOW) == []


def test_a_team_and_a_title_are_named_on_the_ladder():
    step = EscalationStepFactory()
    person = UserFactory(name="Engineer Q")
    EscalationTargetFactory(
        step=step, title="", team=TeamFactory(name="Data"), scope="on_call"
    )
    EscalationTargetFactory(step=step, user=person, title="Platform lead")
    service = ServiceFactory(policy=step.version.policy)
    (rung,) = escalation_ladder(service.pk)
    assert [(each.kind, each.label) for each in rung.targets] == [
        ("team", "everybody on call of Data"),
        ("user", "Platform lead (Engineer Q)"),
    ]
