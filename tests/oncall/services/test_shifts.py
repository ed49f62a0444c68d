"""Overrides change who is on call; the record of shifts follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.models import AuditEntry, ShiftRecord
from oncall.queries import users_on_call
from oncall.services.overrides import OverrideForm, add_override, cancel_override
from oncall.services.shifts import record_shifts
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
    return make_weekly_schedule(people=3)


@pytest.fixture
def by(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def primary(schedule, at=NOW):
    return [row.user_id for row in users_on_call(schedule.pk, at, "primary")]


def takes(schedule, **changes):
    form = OverrideForm(
        starts_at=NOW - HOUR,
        ends_at=NOW + 8 * HOUR,
        role="primary",
        add_user_id=schedule.people[0].pk,
        takes_role=True,
    )
    return replace(form, **changes)


def test_an_override_takes_the_role_from_now_on_until_it_is_cancelled(schedule, by):
    usual = primary(schedule)
    row = add_override(schedule, takes(schedule), by=by, now=NOW)
    assert row.starts_at == NOW
    assert primary(schedule) == [schedule.people[0].pk] != usual
    assert primary(schedule, NOW - HOUR) == usual

    cancel_override(row, by=by, now=NOW + HOUR)
    assert primary(schedule, NOW + HOUR) == usual
    assert primary(schedule, NOW) == [schedule.people[0].pk]
    with pytest.raises(Refused):
        cancel_override(row, by=by, now=NOW + HOUR)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["override.add", "override.cancel"]


def test_an_override_that_is_over_is_not_cancelled(by):
    row = OverrideFactory(starts_at=NOW - 3 * HOUR, ends_at=NOW - HOUR)
    with pytest.raises(Refused):
        cancel_override(row, by=by, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": NOW - HOUR}, "ends_at"),
        ({"starts_at": NOW + 9 * HOUR}, "ends_at"),
        ({"add_user_id": None}, "add_user"),
        ({"add_user_id": None, "takes_role": False}, "add_user"),
        ({"role": ""}, "role"),
    ],
)
def test_an_override_names_its_fault(schedule, by, changes, field):
    with pytest.raises(PortalError) as caught:
        add_override(schedule, takes(schedule, **changes), by=by, now=NOW)
    assert caught.value.field == field


def test_a_stranger_does_not_come_in(schedule, by):
    form = takes(schedule, add_user_id=UserFactory().pk)
    with pytest.raises(PortalError, match="members"):
        add_override(schedule, form, by=by, now=NOW)


def test_shift_records_follow_who_is_on_call(schedule, by):
    assert record_shifts(now=NOW) == 2
    assert record_shifts(now=NOW + HOUR) == 0
    add_override(schedule, takes(schedule), by=by, now=NOW + HOUR)
    usual = ShiftRecord.objects.get(role="primary").user_id

    assert record_shifts(now=NOW + HOUR) == 2

    old, new = ShiftRecord.objects.filter(role="primary").order_by("pk")
    assert (old.user_id, old.ends_at) == (usual, NOW + HOUR)
    assert (new.user, new.starts_at, new.ends_at) == (
        schedule.people[0],
        NOW + HOUR,
        None,
    )
    assert new.cause.startswith("override:")


def test_the_record_closes_with_its_schedule(schedule):
    record_shifts(now=NOW)
    schedule.is_active = False
    schedule.save(update_fields=["is_active"])
    ScheduleFactory()
    assert record_shifts(now=NOW + HOUR) == 2
    assert not ShiftRecord.objects.filter(ends_at=None).exists()
