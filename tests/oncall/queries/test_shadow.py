"""Whoever shadows is shown on call, and never paged."""

import pytest

from oncall.domain.plan import SHADOW
from oncall.queries import on_call_in, users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_shadow_is_on_call_in_its_own_role_only():
    schedule = make_weekly_schedule()
    learner = UserFactory(team=schedule.team)
    rotation = RotationFactory(schedule=schedule, name="Learning", roles=[SHADOW])
    RotationMemberFactory(
        version=RotationVersionFactory(rotation=rotation), user=learner
    )
    shown = {row.user_id for row in on_call_in([schedule.pk], NOW)[schedule.pk]}
    assert learner.pk in shown
    paged = {row.user_id for row in users_on_call(schedule.pk, NOW)}
    assert paged == shown - {learner.pk}
    (row,) = users_on_call(schedule.pk, NOW, SHADOW)
    assert row.user_id == learner.pk
