"""Editing a rotation appends; what was stays, and whoever's hours move is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.schedule import HolidayPolicy
from oncall.models import (
    AuditEntry,
    Notification,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
)
from oncall.queries import load_schedule
from oncall.services.drafts import ScheduleSettings, draft_of
from oncall.services.edits import (
    AddRotation,
    CreateSchedule,
    EditRotation,
    EditSettings,
    RetireRotation,
    SwitchSchedule,
)
from oncall.services.schedules import make_edit
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    HolidayCalendarFactory,
    HolidayFactory,
    RotationFactory,
    RotationVersionFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.services.rosters import DAY, WEEK, a_draft, edit, lived, names

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OFFICE = tuple(ActiveWindow(day, 540, 1020) for day in range(5))


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


@pytest.fixture
def rotation(schedule):
    return schedule.rotations.get()


@pytest.fixture
def editor(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def creation(team, people, **changes):
    plain = CreateSchedule(team, "Data", "data", "Europe/Berlin", a_draft(people))
    return replace(plain, **changes)


def test_a_new_schedule_has_the_first_person_on_call(editor, schedule):
    team, people = schedule.team, schedule.people
    made = make_edit(creation(team, people), by=editor, now=NOW).schedule
    assert names(made) == [("primary", people[0].pk), ("secondary", people[1].pk)]
    assert made.required_roles == ["primary", "secondary"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before) == ("schedule.create", None)
    assert entry.target == f"oncall.schedule:{made.pk}"
    team.refresh_from_db()
    assert team.version == 1
    assert Notification.objects.count() == 3


def test_a_schedule_is_made_without_telling_anybody(editor, schedule):
    plan = creation(schedule.team, schedule.people)
    make_edit(plan, by=editor, now=NOW, tells=False)
    assert not Notification.objects.exists()


def test_a_shadow_is_not_required(editor, schedule):
    draft = a_draft(schedule.people, roles=("primary", "shadow"))
    plan = creation(schedule.team, schedule.people, draft=draft)
    made = make_edit(plan, by=editor, now=NOW).schedule
    assert made.required_roles == ["primary"]


def test_a_short_name_is_taken_once(editor, schedule):
    plan = creation(schedule.team, schedule.people, slug=schedule.slug)
    with pytest.raises(PortalError) as caught:
        make_edit(plan, by=editor, now=NOW)
    assert caught.value.field == "slug"
    for word in ("mine", "new"):
        with pytest.raises(PortalError, match="another page"):
            make_edit(replace(plan, slug=word), by=editor, now=NOW)


def test_of_two_who_take_a_short_name_at_once_one_is_refused(editor, schedule):
    from oncall.services import schedules  # noqa: PLC0415 -- only here

    row = Schedule(team=schedule.team, slug=schedule.slug, name="Late", time_zone="UTC")
    with pytest.raises(PortalError) as caught:
        schedules.save_schedule(row)
    assert caught.value.code == "taken"


def test_an_edit_keeps_the_person_on_duty_and_the_past(schedule, rotation, editor):
    before = names(schedule)
    past = lived(schedule, NOW - 10 * WEEK, NOW)
    new = UserFactory(team=schedule.team)

    row = edit(rotation, a_draft([new, *schedule.people]), editor)

    assert rotation.versions.count() == 2
    assert row.created_by == editor
    assert lived(schedule, NOW - 10 * WEEK, NOW) == past
    assert names(schedule)[0] == before[0]
    entry = AuditEntry.objects.get()
    assert entry.before["people"] == [person.pk for person in schedule.people]
    assert new.pk in entry.after["people"]
    assert entry.target == f"oncall.rotation:{rotation.pk}"


def test_whoever_gains_or_loses_hours_is_told_and_the_editor_is_not(
    schedule, rotation, editor
):
    draft = a_draft([editor, *schedule.people[:2]])
    row = edit(rotation, draft, editor)
    # The editor stands where the third stood; the others keep their turns.
    told = Notification.objects.get()
    assert told.recipient == schedule.people[2]
    assert f"roster:version:{row.pk}:" in told.dedupe_key
    assert "changed the rotation Weekly" in told.text


def test_an_edit_may_begin_later(schedule, rotation, editor):
    later = NOW + WEEK
    people = list(reversed(schedule.people))
    draft = a_draft(people, effective_from=later, keeps_current=False)
    now_on = names(schedule)
    edit(rotation, draft, editor)
    assert names(schedule) == now_on
    assert names(schedule, later)[0] == ("primary", schedule.people[2].pk)


def test_fewer_roles_hold_from_their_moment_only(schedule, rotation, editor):
    draft = a_draft(schedule.people, roles=("primary",), effective_from=NOW + WEEK)
    edit(rotation, draft, editor)
    assert [role for role, _ in names(schedule)] == ["primary", "secondary"]
    assert [role for role, _ in names(schedule, NOW + WEEK)] == ["primary"]
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary"]


def test_one_more_role_holds_from_its_moment_only(schedule, rotation, editor):
    roles = ("primary", "secondary", "manager")
    draft = a_draft(schedule.people, roles=roles, effective_from=NOW + WEEK)
    edit(rotation, draft, editor)
    assert len(names(schedule)) == 2
    assert len(names(schedule, NOW + WEEK)) == 3
    schedule.refresh_from_db()
    assert schedule.required_roles == list(roles)


def test_required_roles_of_other_rotations_stay(schedule, rotation, editor):
    RotationFactory(schedule=schedule, roles=["secondary"])
    schedule.required_roles = ["primary", "secondary", "manager"]
    schedule.save()
    edit(rotation, a_draft(schedule.people, roles=("primary",)), editor)
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary", "manager"]


def test_without_required_roles_every_role_stays_required(schedule, rotation, editor):
    schedule.required_roles = []
    schedule.save()
    edit(rotation, a_draft(schedule.people, roles=("primary",)), editor)
    schedule.refresh_from_db()
    assert schedule.required_roles == []


@pytest.mark.parametrize("roles", [("lead", "secondary"), ("secondary", "primary")])
def test_roles_that_were_filled_keep_their_names(schedule, rotation, editor, roles):
    with pytest.raises(PortalError, match="past stays readable") as caught:
        edit(rotation, a_draft(schedule.people, roles=roles), editor)
    assert caught.value.field == "roles"


def test_the_priority_stays_once_it_orders_the_past(schedule, rotation, editor):
    with pytest.raises(PortalError, match="orders the past") as caught:
        edit(rotation, a_draft(schedule.people, priority=3), editor)
    assert caught.value.field == "priority"
    fresh = RotationFactory(schedule=schedule)
    edit(fresh, a_draft(schedule.people, priority=3, name=" Night "), editor)
    fresh.refresh_from_db()
    assert (fresh.priority, fresh.name) == (3, "Night")


def test_all_that_a_rotation_can_be_is_kept_and_read_again(schedule, rotation, editor):
    first, second, third = schedule.people
    draft = replace(
        a_draft([]),
        people=(first.pk, None, (second.pk, third.pk)),
        roles=("primary",),
        unit=Unit.DAY,
        every=2,
        counted_from=date(2026, 1, 12),
        count=Count.ACTIVE,
        windows=OFFICE,
        holiday_policy=HolidayPolicy.SKIP,
        absence_policy=AbsencePolicy.NEXT,
        keeps_current=False,
    )
    row = edit(rotation, draft, editor)
    rotation.refresh_from_db()
    assert (row.unit, row.every, row.count) == ("day", 2, "active")
    assert (row.holiday_policy, row.absence_policy) == ("skip", "next")
    again = draft_of(rotation, NOW)
    assert again == replace(
        draft,
        people=again.people,
        weekday=again.weekday,
        month_day=again.month_day,
        based_on=row.pk,
        keeps_current=True,
    )
    assert set(again.people) == set(draft.people)
    assert AuditEntry.objects.get().after["windows"][0] == [0, 540, 1020]


def test_two_editors_do_not_lose_an_edit(schedule, rotation, editor):
    draft = a_draft(schedule.people, based_on=rotation.versions.get().pk)
    first = edit(rotation, draft, editor)
    with pytest.raises(Conflict, match="changed this rotation") as caught:
        edit(rotation, draft, editor)
    assert caught.value.current == first
    RotationVersion.objects.update(created_by=None)
    with pytest.raises(Conflict, match="Somebody"):
        edit(rotation, draft, editor)


def test_a_rotation_without_versions_gets_its_first(schedule, editor):
    rotation = RotationFactory(schedule=schedule, name="Second line")
    assert draft_of(rotation, NOW).people == ()
    edit(rotation, a_draft(schedule.people), editor)
    assert AuditEntry.objects.get().before is None


def test_a_rotation_above_wins_in_its_hours_and_one_below_fills(schedule, editor):
    new = UserFactory(team=schedule.team)
    draft = a_draft(
        [new], name="Office", roles=("primary",), windows=OFFICE, priority=1
    )
    made = make_edit(AddRotation(schedule, draft), by=editor, now=NOW)
    assert made.version.rotation.name == "Office"
    assert names(schedule)[0] == ("primary", new.pk)
    assert names(schedule, NOW + DAY / 2)[0] == ("primary", schedule.people[1].pk)
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary"]
    assert AuditEntry.objects.get().action == "rotation.add"


def test_a_retired_rotation_puts_nobody_on_call_and_keeps_its_past(
    schedule, rotation, editor
):
    past = lived(schedule, NOW - WEEK, NOW + DAY)
    retire = RetireRotation(rotation, NOW + DAY)
    make_edit(retire, by=editor, now=NOW)
    assert lived(schedule, NOW - WEEK, NOW + DAY) == past
    assert names(schedule, NOW + DAY) == []
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary"]
    with pytest.raises(Refused, match="nobody"):
        make_edit(RetireRotation(rotation, NOW + 2 * DAY), by=editor, now=NOW)
    empty = RotationFactory(schedule=schedule)
    with pytest.raises(Refused, match="nobody"):
        make_edit(RetireRotation(empty), by=editor, now=NOW)


def settings_of(schedule, **changes):
    plain = ScheduleSettings(
        schedule.name, schedule.time_zone, None, tuple(schedule.required_roles)
    )
    return EditSettings(schedule, replace(plain, **changes))


def test_new_zones_and_calendars_leave_the_past_alone(schedule, editor):
    calendar = HolidayCalendarFactory()
    past = lived(schedule, NOW - 4 * WEEK, NOW)
    changes = [{"time_zone": "Asia/Tokyo"}, {"calendar_id": calendar.pk}]
    for number, change in enumerate(changes):
        schedule.refresh_from_db()
        at = NOW + number * DAY
        before = lived(schedule, NOW - 4 * WEEK, at)
        make_edit(settings_of(schedule, **change), by=editor, now=at)
        assert lived(schedule, NOW - 4 * WEEK, at) == before
    assert lived(schedule, NOW - 4 * WEEK, NOW) == past
    schedule.refresh_from_db()
    assert [each["time_zone"] for each in schedule.former_settings] == [
        "Europe/Berlin",
        "Asia/Tokyo",
    ]
    renamed = settings_of(schedule, name="Other", calendar_id=calendar.pk)
    make_edit(renamed, by=editor, now=NOW + 3 * DAY)
    schedule.refresh_from_db()
    assert len(schedule.former_settings) == 2


def test_a_new_zone_moves_the_handoff_on_the_wall_and_tells(schedule, editor):
    make_edit(settings_of(schedule, time_zone="Asia/Tokyo"), by=editor, now=NOW)
    assert str(load_schedule(schedule.pk).zone) == "Asia/Tokyo"
    entry = AuditEntry.objects.get()
    assert entry.before["time_zone"] == "Europe/Berlin"
    assert entry.after["time_zone"] == "Asia/Tokyo"
    assert Notification.objects.count() == 3
    assert "the schedule's settings" in Notification.objects.first().text


def test_holidays_and_required_roles_are_settings(schedule, rotation, editor):
    calendar = HolidayCalendarFactory()
    HolidayFactory(calendar=calendar, on=NOW.date())
    draft = a_draft(schedule.people, holiday_policy=HolidayPolicy.SKIP)
    edit(rotation, draft, editor)
    changed = settings_of(
        schedule, calendar_id=calendar.pk, required_roles=("primary",)
    )
    make_edit(changed, by=editor, now=NOW)
    assert names(schedule) == []
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"required_roles": ("primary", "primary")}, "required_roles"),
    ],
)
def test_faulty_settings_name_their_field(schedule, editor, changes, field):
    with pytest.raises(PortalError) as caught:
        make_edit(settings_of(schedule, **changes), by=editor, now=NOW)
    assert caught.value.field == field
    assert not AuditEntry.objects.exists()


def test_an_archived_schedule_is_left_alone_until_it_is_restored(
    schedule, rotation, editor
):
    archive = SwitchSchedule(schedule, is_active=False)
    make_edit(archive, by=editor, now=NOW)
    schedule.refresh_from_db()
    assert schedule.is_active is False
    assert Notification.objects.count() == 3
    with pytest.raises(Refused, match="archived already"):
        make_edit(archive, by=editor, now=NOW)
    with pytest.raises(Refused, match="Restore it first"):
        edit(rotation, a_draft(schedule.people), editor)
    restore = SwitchSchedule(schedule, is_active=True)
    make_edit(restore, by=editor, now=NOW + DAY)
    assert Notification.objects.count() == 6
    with pytest.raises(Refused, match="active already"):
        make_edit(restore, by=editor, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"effective_from": NOW - WEEK}, "effective_from", "not rewritten"),
        ({"effective_from": NOW + 800 * DAY}, "effective_from", "two years"),
        ({"people": ()}, "people", "Nobody is in"),
        ({"people": (None, None)}, "people", "retire it"),
        ({"roles": ()}, "roles", "empty"),
        ({"roles": ("primary", " ")}, "roles", "empty"),
        ({"roles": ("primary", "primary")}, "roles", "repeat"),
        ({"roles": ("a", "b", "c", "d")}, "roles", "more roles"),
        ({"roles": ("x" * 33,)}, "roles", "32 letters"),
        ({"roles": tuple("abcdefg")}, "roles", "at most 6"),
        ({"name": ""}, "name", "Give a name"),
        ({"name": "x" * 121}, "name", "120"),
        ({"every": 0}, "every", "1 to 366"),
        ({"every": 367}, "every", "1 to 366"),
        ({"every": 0, "count": Count.ACTIVE, "windows": OFFICE}, "every", "1 to 366"),
        ({"weekday": 9}, "weekday", "Sunday"),
        ({"month_day": 0}, "month_day", "1 to 31"),
        ({"priority": 100}, "priority", "-99 to 99"),
        ({"windows": (ActiveWindow(0, 600, 540),)}, "windows", "after they start"),
        ({"windows": (ActiveWindow(0, 600, 2881),)}, "windows", "next day"),
        ({"windows": OFFICE * 15}, "windows", "too many"),
        ({"counted_from": date(2026, 1, 6)}, "counted_from", "Choose a Monday"),
        ({"counted_from": date(1969, 12, 29)}, "counted_from", "1970"),
    ],
)
def test_a_fault_names_its_field_and_the_remedy(
    schedule, rotation, editor, changes, field, said
):
    draft = replace(a_draft(schedule.people), **changes)
    with pytest.raises(PortalError, match=said) as caught:
        edit(rotation, draft, editor)
    assert caught.value.field == field
    assert rotation.versions.count() == 1
    assert RotationMember.objects.count() == 3
    assert not AuditEntry.objects.exists()
    assert not Notification.objects.exists()


def test_there_are_fifty_places_at_most(schedule, rotation, editor):
    with pytest.raises(PortalError, match="50 places"):
        edit(rotation, a_draft(schedule.people * 17), editor)


def test_strangers_cannot_be_on_call(schedule, rotation, editor):
    with pytest.raises(PortalError, match="members of the team") as caught:
        edit(rotation, a_draft([UserFactory()], roles=("primary",)), editor)
    assert caught.value.field == "people"


def test_another_team_is_not_touched(editor, schedule):
    other = TeamFactory()
    make_edit(creation(schedule.team, schedule.people), by=editor, now=NOW)
    other.refresh_from_db()
    assert other.version == 0


def test_a_form_that_was_open_for_minutes_still_means_now(schedule, rotation, editor):
    draft = a_draft(schedule.people, effective_from=NOW - timedelta(minutes=4))
    assert edit(rotation, draft, editor).effective_from == NOW


def test_an_edit_of_one_rotation_leaves_the_others(schedule, rotation, editor):
    idle = RotationFactory(schedule=schedule, name="Idle", roles=["manager"])
    RotationVersionFactory(rotation=idle)
    edit(rotation, a_draft(schedule.people), editor)
    assert Rotation.objects.get(pk=idle.pk).versions.count() == 1
    assert EditRotation(idle, a_draft([])).team_id == schedule.team_id
