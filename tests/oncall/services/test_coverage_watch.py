"""Warnings before a gap or an unreachable shift: each once, none for nothing."""

from datetime import timedelta

import pytest

from oncall.models import Notification, RotationVersion
from oncall.services import overrides
from oncall.services.coverage_watch import warn_coverage
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ContactMethodFactory,
    OverrideFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def schedule():
    schedule = make_weekly_schedule(name="Data")
    for person in schedule.people:
        ContactMethodFactory(user=person)
    return schedule


@pytest.fixture
def manager(schedule):
    user = UserFactory(team=schedule.team, team__role="manager")
    ContactMethodFactory(user=user)
    return user


def make_gap(schedule, starts_at=NOW + 20 * DAY, length=HOUR):
    """Leave the secondary role empty for a while."""
    for person in schedule.people:
        OverrideFactory(
            schedule=schedule,
            role="secondary",
            add_user=None,
            remove_user=person,
            starts_at=starts_at,
            ends_at=starts_at + length,
        )


def subjects():
    return list(Notification.objects.order_by("pk").values_list("subject", flat=True))


def sweep(*moments):
    return [warn_coverage(now=moment) for moment in moments]


def test_a_gap_is_told_of_once_a_rung(schedule, manager):
    make_gap(schedule)
    gap = NOW + 20 * DAY
    assert sweep(NOW, gap - 14 * DAY - HOUR) == [0, 0]
    said = ("3 Feb 11:30", "3 Feb 11:30", "Tue 11:30", "Tue 11:30")
    for days, when in zip((14, 7, 2, 1), said, strict=True):
        rung = gap - days * DAY + MINUTE
        assert [count > 0 for count in sweep(rung, rung + HOUR)] == [True, False]
        assert subjects()[-1] == f"Data: no secondary from {when}"
    assert sweep(gap - HOUR, gap, gap + HOUR / 2) == [0, 0, 0]
    assert len(subjects()) == 4
    assert {row.recipient for row in Notification.objects.all()} == {manager}


def test_after_a_silence_only_the_nearest_rung_is_told(schedule, manager):
    make_gap(schedule)
    sweep(NOW + 19 * DAY + HOUR)
    assert subjects() == ["Data: no secondary from Tue 11:30"]
    assert Notification.objects.get().urgency == "low"


def test_a_gap_made_just_now_is_told_of_at_once_and_presses(schedule, manager):
    make_gap(schedule, NOW - HOUR, 2 * HOUR)
    sweep(NOW, NOW + MINUTE)
    row = Notification.objects.get()
    assert (row.subject, row.urgency) == ("Data: no secondary now", "high")
    assert row.url == f"/oncall/{schedule.slug}/"


def test_a_gap_that_is_over_is_told_to_nobody(schedule, manager):
    make_gap(schedule, NOW - 2 * HOUR, HOUR)
    assert sweep(NOW) == [0]
    assert subjects() == []


def test_a_later_rung_replaces_what_still_waits(schedule, manager):
    make_gap(schedule)
    sweep(NOW + 18 * DAY, NOW + 19 * DAY)
    states = Notification.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "pending"]


def test_what_is_filled_before_is_never_told_or_taken_back(schedule, manager):
    make_gap(schedule)
    sweep(NOW + 10 * DAY)
    form = overrides.OverrideForm(
        starts_at=NOW + 20 * DAY,
        ends_at=NOW + 20 * DAY + HOUR,
        role="secondary",
        add_user_id=schedule.people[0].pk,
        takes_role=True,
    )
    overrides.add_override(schedule, form, by=manager, now=NOW + 11 * DAY)
    assert sweep(NOW + 11 * DAY) == [1]
    row = Notification.objects.get(topic__startswith="coverage:")
    assert (row.state, "settled" in row.last_error) == ("cancelled", True)
    assert sweep(NOW + 19 * DAY) == [0]


def test_a_schedule_that_is_off_warns_of_nothing(schedule, manager):
    make_gap(schedule)
    sweep(NOW + 10 * DAY)
    schedule.is_active = False
    schedule.save()
    assert sweep(NOW + 10 * DAY) == [1]
    assert Notification.objects.get().state == "cancelled"


def test_hours_that_are_empty_by_design_never_warn(schedule, manager):
    version = RotationVersion.objects.get()
    for weekday in range(5):
        version.windows.create(weekday=weekday, start_minute=9 * 60, end_minute=17 * 60)
    assert sweep(NOW, NOW + DAY) == [0, 0]


def test_what_has_always_been_so_is_told_of_once(schedule, manager):
    schedule.required_roles = ["primary", "secondary", "lead"]
    schedule.save()
    sweep(NOW, NOW + DAY, NOW + 30 * DAY)
    assert subjects() == ["Data: no lead now"]


def test_who_cannot_be_reached_is_told_with_the_managers(schedule, manager):
    person = schedule.people[0]
    person.contact_methods.update(verified_at=None)
    sweep(NOW, NOW + HOUR)
    told = {row.recipient: row for row in Notification.objects.all()}
    assert set(told) == {manager, person}
    # The next shift alone: Monday's, as secondary.
    assert told[manager].subject == (
        f"Data: {person} cannot be reached as secondary from Mon 09:00"
    )
    assert "you are secondary" in told[person].subject
    assert told[person].url == "/me/"


def test_an_account_that_is_off_is_told_to_the_managers_alone(schedule, manager):
    person = schedule.people[1]
    person.is_active = False
    person.save()
    sweep(NOW)
    assert {row.recipient for row in Notification.objects.all()} == {manager}


def test_a_manager_who_cannot_be_reached_is_told_once(schedule, manager):
    person = schedule.people[1]
    person.memberships.update(role="manager")
    person.contact_methods.all().delete()
    sweep(NOW)
    rows = Notification.objects.filter(recipient=person)
    assert [("you are primary" in row.subject) for row in rows] == [True]


def test_a_team_without_managers_falls_to_the_admins(schedule):
    admin = AdminFactory()
    make_gap(schedule, NOW + DAY)
    sweep(NOW)
    assert Notification.objects.get().recipient == admin
