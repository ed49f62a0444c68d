"""Editing a rotation appends; what was stays, and who edits is told what changes."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from oncall.models import ActiveWindow, AuditEntry, RotationVersion
from oncall.queries import load_schedule, users_on_call
from oncall.services.schedules import (
    create_schedule,
    edit_rotation,
    preview_rotation,
)
from oncall.services.weekly import WeeklyForm
from opsportal.kit.errors import Conflict, PortalError
from tests.conftest import NOW
from tests.factories.oncall import (
    RotationFactory,
    RotationVersionFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WEEK = timedelta(weeks=1)


def form(people, **changes):
    plain = WeeklyForm(
        people=tuple(person and person.pk for person in people),
        roles=("primary", "secondary"),
        weekday=0,
        at=time(9),
        time_zone="Europe/Berlin",
        effective_from=NOW,
    )
    return replace(plain, **changes)


def names(schedule, at=NOW):
    return [(row.role, row.user_id) for row in users_on_call(schedule.pk, at)]


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


@pytest.fixture
def rotation(schedule):
    return schedule.rotations.get()


@pytest.fixture
def editor(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def test_a_new_schedule_has_the_first_person_on_call(editor, schedule):
    team, people = schedule.team, schedule.people
    made = create_schedule(
        team, name="Data", slug="data", form=form(people), by=editor, now=NOW
    )
    assert names(made) == [("primary", people[0].pk), ("secondary", people[1].pk)]
    assert made.required_roles == ["primary", "secondary"]
    assert AuditEntry.objects.get().action == "schedule.create"
    team.refresh_from_db()
    assert team.version == 1


def test_a_short_name_is_taken_once(editor, schedule):
    with pytest.raises(PortalError) as caught:
        create_schedule(
            schedule.team,
            name="Again",
            slug=schedule.slug,
            form=form(schedule.people),
            by=editor,
            now=NOW,
        )
    assert caught.value.field == "slug"


def test_an_edit_keeps_the_person_on_duty_and_the_past(schedule, rotation, editor):
    before = names(schedule)
    last_week = names(schedule, NOW - WEEK)
    new = UserFactory(team=schedule.team)

    row = edit_rotation(rotation, form([new, *schedule.people]), by=editor, now=NOW)

    assert rotation.versions.count() == 2
    assert row.created_by == editor
    assert names(schedule, NOW - WEEK) == last_week
    assert names(schedule)[0] == before[0]
    entry = AuditEntry.objects.get()
    assert entry.before["people"] == [person.pk for person in schedule.people]
    assert entry.after["people"][0] == new.pk


def test_an_edit_may_begin_later(schedule, rotation, editor):
    later = NOW + WEEK
    plan = form(reversed(schedule.people), effective_from=later, keeps_current=False)
    now_on = names(schedule)
    edit_rotation(rotation, plan, by=editor, now=NOW)
    assert names(schedule) == now_on
    assert names(schedule, later)[0] == ("primary", schedule.people[2].pk)


def test_fewer_roles_hold_from_their_moment_only(schedule, rotation, editor):
    plan = form(schedule.people, roles=("primary",), effective_from=NOW + WEEK)
    edit_rotation(rotation, plan, by=editor, now=NOW)
    assert [role for role, _ in names(schedule)] == ["primary", "secondary"]
    assert [role for role, _ in names(schedule, NOW + WEEK)] == ["primary"]
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary"]


def test_another_role_holds_from_its_moment_only(schedule, rotation, editor):
    rotation.refresh_from_db()
    plan = form(
        schedule.people,
        roles=("primary", "secondary", "shadow"),
        effective_from=NOW + WEEK,
    )
    edit_rotation(rotation, plan, by=editor, now=NOW)
    assert len(names(schedule, NOW + WEEK)) == 3


def test_required_roles_of_other_rotations_stay(schedule, rotation, editor):
    schedule.required_roles = ["primary", "secondary", "manager"]
    schedule.save()
    rotation.refresh_from_db()
    edit_rotation(rotation, form(schedule.people), by=editor, now=NOW)
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary", "manager"]


def test_an_empty_slot_is_a_week_without_anybody(schedule, rotation, editor):
    plan = form([schedule.people[0], None], roles=("primary",), keeps_current=False)
    edit_rotation(rotation, plan, by=editor, now=NOW)
    assert names(schedule, NOW + WEEK) == []


def test_windows_stay_and_groups_are_kept_apart(schedule, rotation, editor):
    version = rotation.versions.get()
    ActiveWindow.objects.create(
        version=version, weekday=0, start_minute=540, end_minute=1020
    )
    row = edit_rotation(rotation, form(schedule.people), by=editor, now=NOW)
    assert row.windows.get().start_minute == 540


def test_two_editors_do_not_lose_an_edit(schedule, rotation, editor):
    seen = rotation.versions.get().pk
    plan = form(schedule.people, based_on=seen)
    first = edit_rotation(rotation, plan, by=editor, now=NOW)
    with pytest.raises(Conflict, match="changed this rotation") as caught:
        edit_rotation(rotation, plan, by=editor, now=NOW)
    assert caught.value.current == first
    RotationVersion.objects.update(created_by=None)
    with pytest.raises(Conflict, match="Somebody"):
        edit_rotation(rotation, plan, by=editor, now=NOW)


def test_a_rotation_without_versions_gets_its_first(schedule, editor):
    rotation = RotationFactory(schedule=schedule, name="Second line")
    edit_rotation(rotation, form(schedule.people), by=editor, now=NOW)
    assert AuditEntry.objects.get().before is None


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"effective_from": NOW - WEEK}, "effective_from", "not rewritten"),
        ({"people": ()}, "people", "empty"),
        ({"roles": ()}, "roles", "empty"),
        ({"roles": ("primary", "primary")}, "roles", "repeat"),
        ({"roles": ("a", "b", "c", "d")}, "roles", "Add members"),
        ({"time_zone": "Mars/Base"}, "time_zone", "IANA"),
        (
            {"time_zone": "Asia/Tokyo", "effective_from": NOW + WEEK},
            "time_zone",
            "at once",
        ),
    ],
)
def test_a_fault_names_its_field_and_the_remedy(
    schedule, rotation, editor, changes, field, said
):
    plan = replace(form(schedule.people), **changes)
    with pytest.raises(PortalError, match=said) as caught:
        edit_rotation(rotation, plan, by=editor, now=NOW)
    assert caught.value.field == field
    assert rotation.versions.count() == 1


def test_strangers_cannot_be_on_call(schedule, rotation, editor):
    with pytest.raises(PortalError, match="members of the team") as caught:
        edit_rotation(rotation, form([UserFactory()]), by=editor, now=NOW)
    assert caught.value.field == "people"


def test_a_new_zone_moves_the_handoff_on_the_wall(schedule, rotation, editor):
    plan = form(schedule.people, time_zone="Asia/Tokyo")
    edit_rotation(rotation, plan, by=editor, now=NOW)
    assert str(load_schedule(schedule.pk).zone) == "Asia/Tokyo"


def test_a_preview_names_everybody_whose_hours_change(schedule, rotation, editor):
    RotationVersionFactory(rotation=RotationFactory(schedule=schedule, name="Idle"))
    gone, *rest = schedule.people
    plan = form([*rest], effective_from=NOW + WEEK)
    preview = preview_rotation(rotation, plan, now=NOW)
    assert {change.name for change in preview.changes} == {
        person.display_name for person in schedule.people
    }
    lost = [change for change in preview.changes if change.name == gone.display_name]
    assert all(change.lost and not change.gained for change in lost)
    assert preview.gaps == []
    assert rotation.versions.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_preview_of_no_change_is_empty(schedule, rotation):
    preview = preview_rotation(rotation, form(schedule.people), now=NOW)
    assert preview.changes == []


def test_a_preview_shows_the_gaps_that_would_be(schedule, rotation):
    plan = form([schedule.people[0], None], roles=("primary",))
    assert preview_rotation(rotation, plan, now=NOW).gaps


def test_another_team_is_not_touched(editor, schedule):
    other = TeamFactory()
    create_schedule(
        schedule.team,
        name="Data",
        slug="data",
        form=form(schedule.people),
        by=editor,
        now=NOW,
    )
    other.refresh_from_db()
    assert other.version == 0
