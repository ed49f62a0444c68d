"""Rows become the values that the kernel thinks in, and nothing else thinks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall import models
from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.rotation import timeline, users_at
from oncall.queries import load_schedule, load_schedules, users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    HolidayCalendarFactory,
    HolidayFactory,
    OverrideFactory,
    RotationFactory,
    RotationVersionFactory,
    ScheduleFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.domain.strategies import IS_NIGHT, PROFILE, draw_near, scenes

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WEEK = timedelta(days=7)
MOMENTS = 20
# By night 500 schedules of 20 moments each are 10,000 questions.
EXAMPLES = {"ci": 50, "nightly": 500}.get(PROFILE, 8)


def away(person, **fields):
    values = {"starts_at": NOW - WEEK, "ends_at": NOW + WEEK, "created_at": NOW - WEEK}
    return models.Absence.objects.create(user=person, **values | fields)


@pytest.fixture
def weekly():
    schedule = make_weekly_schedule()
    models.RotationVersion.objects.update(absence_policy="next")
    return schedule


def test_absences_of_members_are_loaded_where_a_rotation_heeds_them(weekly):
    first = weekly.people[0]
    row = away(first, cancelled_at=NOW + timedelta(days=1))
    away(UserFactory())
    plan = load_schedule(weekly.pk)
    assert plan.absences == (
        Absence(first.pk, row.starts_at, row.ends_at, row.created_at, row.cancelled_at),
    )
    (rotation,) = plan.rotations
    assert rotation.versions[0].absence_policy is AbsencePolicy.NEXT
    models.RotationVersion.objects.update(absence_policy="warn")
    assert load_schedule(weekly.pk).absences == ()


def test_who_looks_ahead_leaves_out_absences_that_are_over(weekly):
    away(weekly.people[0], ends_at=NOW)
    assert load_schedules([weekly.pk], since=NOW)[weekly.pk].absences == ()
    assert len(load_schedule(weekly.pk).absences) == 1


def test_two_schedules_of_one_person_both_know_of_the_absence(weekly):
    other = make_weekly_schedule(weekly.team)
    models.RotationVersion.objects.update(absence_policy="skip")
    person = weekly.people[0]
    models.RotationMember.objects.filter(user=other.people[0]).update(user=person)
    away(person)
    plans = load_schedules([weekly.pk, other.pk])
    assert [len(plans[each.pk].absences) for each in (weekly, other)] == [1, 1]


@pytest.mark.parametrize("rows", [1, 3])
def test_many_schedules_are_loaded_with_the_questions_of_one(rows):
    schedules = [make_weekly_schedule() for _ in range(rows)]
    models.RotationVersion.objects.update(absence_policy="next")
    calendar = models.HolidayCalendar.objects.create(name="Days off")
    models.Schedule.objects.update(calendar=calendar)
    for each in schedules:
        away(each.people[0])
    with CaptureQueriesContext(connection) as asked:
        load_schedules([each.pk for each in schedules])
    assert len(asked) == 6


@pytest.mark.slow
@pytest.mark.usefixtures("db")
@settings(max_examples=EXAMPLES)
@given(scenes(), st.data())
def test_property_19_what_a_page_shows_is_whom_the_pager_calls(scene, data):
    drawn, change = scene
    moments = [draw_near(data.draw, change, hours=30) for _ in range(MOMENTS)]
    with transaction.atomic():
        pk, people = save(drawn)
        plan = load_schedule(pk)
        parts = timeline(plan, change - WEEK / 2, change + WEEK / 2)
        for at in moments:
            called = {(line.role, line.user) for line in users_at(plan, at)}
            shown = {(row.role, row.user_id) for row in users_on_call(pk, at)}
            spanned = {
                (part.role, part.user)
                for part in parts
                if part.start <= at < part.end and part.user is not None
            }
            meant = {(line.role, people[line.user]) for line in users_at(drawn, at)}
            assert called == shown == spanned == meant
        transaction.set_rollback(True)


def test_by_night_there_are_ten_thousand_questions():
    assert not IS_NIGHT or EXAMPLES * MOMENTS >= 10_000


def save(drawn):
    """Keep a schedule of the domain as rows; return its key, and the people's ids."""
    team = TeamFactory(calendar=HolidayCalendarFactory())
    for day in drawn.holidays:
        HolidayFactory(calendar=team.calendar, on=day)
    schedule = ScheduleFactory(
        team=team, time_zone=drawn.zone.key, required_roles=list(drawn.required_roles)
    )
    people = {name: UserFactory().pk for name in "ABCDEFG"}
    for rotation in drawn.rotations:
        row = RotationFactory(
            schedule=schedule, roles=list(rotation.roles), priority=rotation.priority
        )
        for version in rotation.versions:
            _save_version(row, version, people)
    for each in sorted(drawn.overrides, key=lambda one: one.created_at):
        OverrideFactory(
            schedule=schedule,
            starts_at=each.start,
            ends_at=each.end,
            role=each.role,
            add_user_id=people.get(each.add_user),
            add_user=None,
            remove_user_id=people.get(each.remove_user),
            takes_role=each.takes_role,
            created_at=each.created_at,
            cancelled_at=each.cancelled_at,
        )
    for each in drawn.absences:
        models.Absence.objects.create(
            user_id=people[each.person],
            starts_at=each.start,
            ends_at=each.end,
            created_at=each.created_at,
            cancelled_at=each.cancelled_at,
        )
    return schedule.pk, people


def _save_version(rotation, version, people):
    row = RotationVersionFactory(
        rotation=rotation,
        effective_from=version.effective_from,
        anchor=version.anchor.isoformat(timespec="minutes"),
        unit=version.unit,
        every=version.every,
        concurrency=version.concurrency,
        count=version.count,
        holiday_policy=version.holiday_policy,
        absence_policy=version.absence_policy,
    )
    for position, member in enumerate(version.members):
        for person in member if isinstance(member, tuple) else (member,):
            models.RotationMember.objects.create(
                version=row, position=position, user_id=people.get(person)
            )
    for window in version.windows:
        models.ActiveWindow.objects.create(
            version=row,
            weekday=window.weekday,
            start_minute=window.start_minute,
            end_minute=window.end_minute,
        )


def test_a_saved_schedule_says_of_itself_what_was_drawn():
    plan = load_schedule(make_weekly_schedule().pk)
    pk, people = save(
        replace(
            plan,
            rotations=tuple(
                replace(
                    each,
                    versions=tuple(
                        replace(one, members=("A", "B", "C")) for one in each.versions
                    ),
                )
                for each in plan.rotations
            ),
        )
    )
    (first, second) = users_at(load_schedule(pk), NOW)
    assert {first.user, second.user} <= set(people.values())
