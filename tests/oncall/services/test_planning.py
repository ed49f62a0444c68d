from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.domain.pace import Unit
from oncall.domain.rotation import timeline
from oncall.models import Absence, RotationVersion
from oncall.queries import load_schedule, users_on_call
from oncall.services.edits import UndoVersion
from oncall.services.planning import (
    PlanForm,
    apply_of,
    draft_plan,
    places_of,
    rotations_to_plan,
)
from oncall.services.previews import preview_edit
from oncall.services.schedules import make_edit
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.oncall import RotationFactory, UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# The Monday after NOW, a Wednesday; handoffs are at 09:00 in Berlin.
MONDAY = NOW.replace(day=19, hour=8, minute=0)


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=4)


@pytest.fixture
def rotation(schedule):
    (row,) = rotations_to_plan(schedule)
    return row


@pytest.fixture
def form(schedule):
    return PlanForm(
        people=tuple(person.pk for person in schedule.people),
        starts_on=MONDAY.date(),
        at=MONDAY.replace(hour=9).time(),
        weeks=8,
    )


def test_a_plan_respects_absences_and_becomes_one_version(schedule, rotation, form):
    away = schedule.people[0]
    Absence.objects.create(
        user=away, starts_at=MONDAY, ends_at=MONDAY + 3 * WEEK, created_at=NOW
    )
    plan = draft_plan(rotation, form, now=NOW)
    assert plan.clashes == ()
    before = timeline(load_schedule(schedule.pk), NOW - WEEK, MONDAY)
    edit = apply_of(rotation, form, plan)
    assert preview_edit(edit, now=NOW).clashes == []
    made = make_edit(edit, by=away, now=NOW)
    assert RotationVersion.objects.filter(rotation=rotation).count() == 2
    assert (made.version.effective_from, made.version.unit) == (MONDAY, Unit.WEEK)
    after = load_schedule(schedule.pk)
    assert timeline(after, NOW - WEEK, MONDAY) == before
    parts = timeline(after, MONDAY, MONDAY + 8 * WEEK)
    primary = [(part.user, part.start) for part in parts if part.role == "primary"]
    assert primary == [(part.person, part.start) for part in plan.stretches]
    early = {part.user for part in parts if part.start < MONDAY + 3 * WEEK}
    assert away.pk not in early
    assert {part.role for part in parts} == {"primary", "secondary"}


def test_a_plan_is_undone_like_every_edit(schedule, rotation, form):
    later = MONDAY + WEEK / 2
    before = users_on_call(schedule.pk, later)
    edit = apply_of(rotation, form, draft_plan(rotation, form, now=NOW))
    made = make_edit(edit, by=schedule.people[0], now=NOW)
    make_edit(UndoVersion(made.version), by=schedule.people[0], now=NOW)
    assert [row.user_id for row in users_on_call(schedule.pk, later)] == [
        row.user_id for row in before
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": NOW.date() - DAY}, "starts_on"),
        ({"starts_on": NOW.date() + 900 * DAY}, "starts_on"),
        ({"weeks": 105}, "weeks"),
        ({"people": ()}, "people"),
    ],
)
def test_what_cannot_be_planned_is_refused(rotation, form, change, field):
    with pytest.raises(PortalError) as caught:
        draft_plan(rotation, replace(form, **change), now=NOW)
    assert caught.value.field == field


def test_only_members_of_the_team_are_planned(rotation, form):
    strange = replace(form, people=(*form.people, UserFactory().pk))
    with pytest.raises(PortalError, match="members of the team"):
        draft_plan(rotation, strange, now=NOW)


def test_too_few_people_for_the_places_are_refused_by_the_edit(rotation, form):
    plan = draft_plan(rotation, form, now=NOW)
    alone = replace(apply_of(rotation, form, plan), members=form.people[:1])
    with pytest.raises(PortalError) as caught:
        alone.think(NOW)
    assert caught.value.field == "roles"


def test_a_rotation_without_a_version_yet_can_be_planned(schedule, form):
    RotationFactory(schedule=schedule, name="Lead", roles=["lead"])
    lead = next(row for row in rotations_to_plan(schedule) if row.name == "Lead")
    assert places_of(lead, NOW) == 1
    plan = draft_plan(lead, form, now=NOW)
    assert not any(share.secondary for share in plan.shares)
    make_edit(apply_of(lead, form, plan), by=schedule.people[0], now=NOW)
    lines = users_on_call(schedule.pk, MONDAY + DAY, "lead")
    assert [line.user_id for line in lines] == [plan.members[0]]
