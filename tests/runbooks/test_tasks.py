"""The tasks wake their sweeps."""

import pytest

from oncall.models import SweepRecord
from runbooks import tasks

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("name", ["read_runbook_sources", "remind_reviews"])
def test_a_task_runs_its_sweep_and_leaves_a_trace(name):
    getattr(tasks, name)()
    assert SweepRecord.objects.get(name=name, driver="beat").finished_at
