"""Whoever's hours a change moves is told of it, once, in their own words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.domain.schedule import Override
from oncall.models import Notification
from oncall.queries import load_schedule
from oncall.services.roster_news import tell_moved_people
from tests.conftest import NOW
from tests.factories.oncall import UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3, name="Data on call")


def with_override(plan, start, length, **fields):
    end = start + length
    row = Override("o", start, end, created_at=NOW, role="primary", **fields)
    return replace(plan, overrides=(*plan.overrides, row))


def tell(schedule, after, **options):
    options = {"by": None, "now": NOW, "cause": "override:1"} | options
    before = load_schedule(schedule.pk)
    return tell_moved_people(schedule, before, after, **options)


def take(schedule, person, start=NOW, length=2 * HOUR):
    before = load_schedule(schedule.pk)
    return with_override(before, start, length, add_user=person.pk, takes_role=True)


def test_who_gains_and_who_loses_is_told_in_their_own_hours(schedule):
    first, second, _ = schedule.people
    second.time_zone = "Asia/Tokyo"
    second.save()
    told = tell(schedule, take(schedule, first), what="the pager")
    # In the eleventh week the second of three is primary, the third secondary.
    assert sorted(told) == sorted([first.pk, second.pk])
    gain, loss = (Notification.objects.get(recipient=each) for each in (first, second))
    assert gain.subject == "Your on-call hours change: Data on call"
    assert gain.text == (
        "The portal changed the pager.\n\n"
        "You are now on call:\n- primary: Wed 14 Jan 11:30 to Wed 14 Jan 13:30\n\n"
        "Times are Europe/Berlin."
    )
    assert "no longer on call:\n- primary: Wed 14 Jan 19:30" in loss.text
    assert (loss.urgency, loss.url) == ("low", f"/oncall/{schedule.slug}/")


def test_the_same_cause_is_told_once_and_nobody_is_told_what_they_know(schedule):
    first, second, third = schedule.people
    after = take(schedule, first)
    tell(schedule, after, by=first, besides=[third.pk])
    tell(schedule, after, by=first)
    assert Notification.objects.get().recipient == second
    assert Notification.objects.get().text.startswith(first.display_name)


def test_who_has_left_is_not_told(schedule):
    first = schedule.people[0]
    first.is_active = False
    first.save()
    assert first.pk not in tell(schedule, take(schedule, first))


def test_many_stretches_are_counted_and_another_year_is_named(schedule):
    before = load_schedule(schedule.pk)
    stranger = UserFactory(team=schedule.team)
    after = before
    for number in range(10):
        start = NOW + timedelta(days=400 + number)
        after = with_override(after, start, HOUR, add_user=stranger.pk)
    tell(schedule, after)
    row = Notification.objects.get(recipient=stranger)
    assert "and 2 more" in row.text
    assert " 2027 " in row.text
