"""The factories make whole rows."""

import pytest

from tests.factories.oncall import (
    EscalationTargetFactory,
    NotificationFactory,
    OverrideFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db


def test_a_weekly_schedule_has_its_people_in_order():
    schedule = make_weekly_schedule(people=3)
    version = schedule.rotations.get().versions.get()
    assert [m.user for m in version.members.all()] == schedule.people


def test_a_user_joins_the_team_with_a_role():
    team = TeamFactory()
    user = UserFactory(team=team, team__role="manager")
    assert user.memberships.get().role == "manager"


def test_a_notification_goes_to_a_verified_method_of_its_recipient():
    row = NotificationFactory()
    assert row.contact_method.user == row.recipient


@pytest.mark.parametrize("factory", [OverrideFactory, EscalationTargetFactory])
def test_the_others_make_rows(factory):
    assert factory().pk
