"""Overrides: what they change is told, what is wrong is refused at its field."""

from datetime import timedelta

import pytest

from oncall.models import AuditEntry, Notification, Override
from oncall.queries import users_on_call
from oncall.services.overrides import (
    OverrideForm,
    add_override,
    cancel_override,
    give_back_pager,
    preview_override,
    restore_override,
    take_pager,
)
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    OverrideFactory,
    ScheduleFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule()


@pytest.fixture
def by(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def form(schedule, **changes):
    values = {
        "starts_at": NOW,
        "ends_at": NOW + 8 * HOUR,
        "role": "primary",
        "add_user_id": schedule.people[0].pk,
        "takes_role": True,
    }
    return OverrideForm(**values | changes)


def on_call(schedule, at=NOW, role="primary"):
    return [row.user_id for row in users_on_call(schedule.pk, at, role)]


def test_an_override_of_an_override_has_the_last_word(schedule, by):
    first, _, third = schedule.people
    add_override(schedule, form(schedule), by=by, now=NOW)
    later = form(schedule, add_user_id=third.pk, ends_at=NOW + HOUR)
    row = add_override(schedule, later, by=by, now=NOW + timedelta(seconds=1))
    at = NOW + HOUR / 2
    assert on_call(schedule, at) == [third.pk]
    assert on_call(schedule, NOW + HOUR) == [first.pk]
    cancel_override(row, by=by, now=at)
    assert on_call(schedule, at) == [first.pk]
    assert on_call(schedule, at - timedelta(seconds=1)) == [third.pk]


def test_everybody_whose_hours_move_is_told_once(schedule, by):
    first, second, _ = schedule.people
    row = add_override(schedule, form(schedule), by=by, now=NOW)
    told = {each.recipient for each in Notification.objects.all()}
    assert told == {first, second}
    cancel_override(row, by=by, now=NOW + HOUR)
    assert Notification.objects.count() == 4
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["override.add", "override.cancel"]


def test_a_preview_writes_nothing(schedule):
    first, second, _ = schedule.people
    preview = preview_override(schedule, form(schedule), now=NOW)
    changes = {(each.name, each.gained, each.lost) for each in preview.changes}
    nothing = timedelta()
    assert changes == {
        (first.name, 8 * HOUR, nothing),
        (second.name, nothing, 8 * HOUR),
    }
    assert preview.gaps == []
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW + 9 * HOUR}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=400)}, "ends_at"),
        (
            {
                "starts_at": NOW + timedelta(days=800),
                "ends_at": NOW + timedelta(days=801),
            },
            "ends_at",
        ),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"add_user_id": None}, "add_user"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    schedule, by, changes, field
):
    for act in (
        lambda: add_override(schedule, form(schedule, **changes), by=by, now=NOW),
        lambda: preview_override(schedule, form(schedule, **changes), now=NOW),
    ):
        with pytest.raises(PortalError) as caught:
            act()
        assert caught.value.field == field
    assert not Override.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("field", ["add_user", "remove_user"])
def test_people_of_other_teams_neither_come_nor_go(schedule, by, field):
    stranger = {f"{field}_id": UserFactory().pk, "takes_role": False}
    with pytest.raises(PortalError, match="members of the team") as caught:
        add_override(schedule, form(schedule, **stranger), by=by, now=NOW)
    assert caught.value.field == field


def test_a_cancelled_override_is_restored_from_now_on(schedule, by):
    row = add_override(schedule, form(schedule), by=by, now=NOW)
    with pytest.raises(Refused, match="Only a cancelled"):
        restore_override(row, by=by, now=NOW)
    cancel_override(row, by=by, now=NOW + HOUR)
    row.refresh_from_db()
    again = restore_override(row, by=by, now=NOW + 2 * HOUR)
    assert (again.starts_at, again.ends_at) == (NOW + 2 * HOUR, NOW + 8 * HOUR)
    assert on_call(schedule, NOW + HOUR) == [schedule.people[1].pk]
    with pytest.raises(Refused, match="over already"):
        cancel_override(row, by=by, now=NOW + 2 * HOUR)


def test_half_a_swap_is_not_cancelled(schedule, by):
    row = OverrideFactory(schedule=schedule, source="swap")
    with pytest.raises(Refused, match="Take the swap back"):
        cancel_override(row, by=by, now=NOW)


def test_the_pager_is_taken_to_the_end_of_the_turn(schedule):
    me = UserFactory(team=schedule.team)
    row = take_pager(schedule, role="", by=me, now=NOW)
    assert (row.role, row.source) == ("primary", "take")
    assert row.ends_at == NOW.replace(day=19, hour=8, minute=0)
    assert on_call(schedule) == [me.pk]
    with pytest.raises(Refused, match="already"):
        take_pager(schedule, role="primary", by=me, now=NOW)
    take_pager(schedule, role="secondary", length=2 * HOUR, by=me, now=NOW)
    assert give_back_pager(schedule, by=me, now=NOW + HOUR) == 2
    assert on_call(schedule, NOW + HOUR) == [schedule.people[1].pk]
    with pytest.raises(Refused, match="not taken"):
        give_back_pager(schedule, by=me, now=NOW + HOUR)


def test_a_schedule_without_roles_has_no_pager():
    bare = ScheduleFactory(required_roles=[])
    with pytest.raises(PortalError) as caught:
        take_pager(bare, role="", by=UserFactory(team=bare.team), now=NOW)
    assert caught.value.field == "role"
