"""A preview says what an edit does; what was not previewed is not saved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.models import Absence, AuditEntry
from oncall.services.drafts import ScheduleSettings
from oncall.services.edits import (
    AddRotation,
    EditRotation,
    EditSettings,
    RetireRotation,
    UndoVersion,
)
from oncall.services.previews import preview_edit
from oncall.services.schedules import make_edit
from opsportal.kit.errors import Conflict, Refused
from tests.conftest import NOW
from tests.factories.oncall import UserFactory, make_weekly_schedule
from tests.oncall.services.rosters import DAY, WEEK, a_draft, edit

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


@pytest.fixture
def rotation(schedule):
    return schedule.rotations.get()


@pytest.fixture
def editor(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def look(rotation, draft):
    return preview_edit(EditRotation(rotation, draft), now=NOW)


def test_a_preview_names_everybody_whose_hours_change(schedule, rotation):
    gone, *rest = schedule.people
    preview = look(rotation, a_draft(rest, effective_from=NOW + WEEK))
    assert {change.name for change in preview.changes} == {
        person.display_name for person in schedule.people
    }
    lost = [change for change in preview.changes if change.name == gone.display_name]
    assert all(change.lost and not change.gained for change in lost)
    assert all(change.first_at >= NOW + WEEK for change in preview.changes)
    assert preview.gaps == []
    assert preview.words == [f"{gone.display_name} leaves"]
    assert preview.sentence.startswith("Every week, hands over Monday 09:00")
    assert preview.ends_at - preview.starts_at == 8 * WEEK
    assert rotation.versions.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_preview_of_no_change_is_empty(schedule, rotation):
    preview = look(rotation, a_draft(schedule.people))
    assert (preview.changes, preview.clashes) == ([], [])
    assert preview.lanes


def test_a_preview_shows_the_gaps_that_it_makes(schedule, rotation):
    draft = a_draft([schedule.people[0], None], roles=("primary",))
    gaps = look(rotation, draft).gaps
    assert {gap.role for gap in gaps} == {"primary"}
    assert all(gap.ends_at - gap.starts_at == WEEK for gap in gaps[1:-1])
    retired = preview_edit(RetireRotation(rotation), now=NOW)
    assert {gap.role for gap in retired.gaps} == {"primary", "secondary"}


def test_a_preview_reaches_past_what_is_planned_for_later(schedule, rotation, editor):
    far = NOW + 20 * WEEK
    edit(rotation, a_draft(schedule.people, effective_from=far), editor)
    undo = UndoVersion(rotation.versions.last())
    assert preview_edit(undo, now=NOW).ends_at == far + 8 * WEEK


def test_a_preview_warns_of_people_who_are_away(schedule, rotation):
    new = UserFactory(team=schedule.team)
    other = schedule.people[0]
    for person, days in ((new, 0), (new, 200), (other, 0)):
        Absence.objects.create(
            user=person,
            starts_at=NOW + days * DAY,
            ends_at=NOW + (days + 2) * DAY,
            created_at=NOW,
        )
    draft = a_draft([new], roles=("primary",), name="Office", priority=1)
    preview = preview_edit(AddRotation(schedule, draft), now=NOW)
    (clash,) = preview.clashes
    assert (clash.name, clash.role, clash.kind) == (
        new.display_name,
        "primary",
        "Vacation",
    )
    assert (clash.starts_at, clash.ends_at) == (NOW, NOW + 2 * DAY)


def test_settings_have_a_preview_without_words(schedule):
    settings = ScheduleSettings("New name", "Asia/Tokyo", None, ("primary",))
    preview = preview_edit(EditSettings(schedule, settings), now=NOW)
    assert (preview.words, preview.sentence) == ([], "")
    assert len(preview.changes) == 6


def test_exactly_what_was_previewed_is_saved(schedule, rotation, editor):
    plan = EditRotation(rotation, a_draft(schedule.people[:2]))
    seal = preview_edit(plan, now=NOW).seal
    other = replace(plan, draft=a_draft(schedule.people))
    with pytest.raises(Refused, match="not what was previewed") as caught:
        make_edit(other, by=editor, now=NOW, seal=seal)
    assert caught.value.code == "not_previewed"
    assert rotation.versions.count() == 1
    make_edit(plan, by=editor, now=NOW + timedelta(minutes=3), seal=seal)
    assert rotation.versions.count() == 2


@pytest.mark.parametrize("forged", ["x", "x.y", "."])
def test_a_forged_seal_saves_nothing(schedule, rotation, editor, forged):
    plan = EditRotation(rotation, a_draft(schedule.people))
    with pytest.raises(Refused):
        make_edit(plan, by=editor, now=NOW, seal=forged)


def test_what_changed_since_the_preview_is_a_conflict(schedule, rotation, editor):
    plan = EditRotation(rotation, a_draft(schedule.people[:2]))
    seal = preview_edit(plan, now=NOW).seal
    schedule.required_roles = ["primary"]
    schedule.save()
    with pytest.raises(Conflict, match="after you looked"):
        make_edit(plan, by=editor, now=NOW, seal=seal)
    assert rotation.versions.count() == 1
