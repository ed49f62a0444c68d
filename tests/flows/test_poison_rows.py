"""One row that cannot be understood delays nobody else."""

from datetime import timedelta

import pytest

from checklists.models import Cadence, Run
from checklists.services.generation import open_due_runs
from checklists.services.reminding import remind_late_runs
from oncall.models import Notification, Role
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import DAY, DUE, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.flow, pytest.mark.database]
LADDER = [{"when": "at due", "to": ["manager"], "ignores_quiet_hours": True}]


@pytest.fixture
def cadences():
    team = TeamFactory()
    UserFactory(team=team, team__role=Role.MANAGER)
    for _ in range(3):
        make_checklist(team=team, reminders=LADDER)
    return list(Cadence.objects.order_by("pk"))


def test_a_broken_cadence_does_not_hold_up_the_openings_of_others(cadences):
    first = cadences[0]
    Cadence.objects.filter(pk=first.pk).update(
        timing={"due_time": "soon"}, next_open_at=first.next_open_at - DAY
    )
    assert open_due_runs(now=DUE + DAY) == 4
    assert not first.runs.exists()


def test_a_broken_ladder_does_not_hold_up_the_reminders_of_others(cadences):
    open_due_runs(now=NOW)
    Cadence.objects.filter(pk=cadences[0].pk).update(reminders=["now and then"])
    Run.objects.filter(cadence=cadences[0]).update(
        next_reminder_at=DUE - timedelta(hours=1)
    )
    assert remind_late_runs(now=DUE) == 2
    assert Notification.objects.count() == 2
