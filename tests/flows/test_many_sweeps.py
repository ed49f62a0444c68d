"""Many sweeps at once: every period gets one run, every item one row."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from checklists.models import Cadence, Run, RunItem
from checklists.services.checklists import ItemPlan
from checklists.services.generation import open_due_runs
from tests.factories.oncall import TeamFactory
from tests.factories.runs import NOW, make_checklist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]

SWEEPS = 8
ITEMS = 10


def run_together(count, act):
    """Run ``act`` in ``count`` threads; raise what any of them raised."""
    errors = []
    start = threading.Barrier(count)

    def work():
        try:
            start.wait()
            act()
        except Exception as error:  # noqa: BLE001 -- raised again below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("checklists", "periods"),
    [(25, 12), pytest.param(200, 30, marks=pytest.mark.soak)],
)
def test_eight_sweeps_open_each_of_many_runs_once(checklists, periods):
    team = TeamFactory()
    items = [ItemPlan(text=f"Item {number}") for number in range(ITEMS)]
    for _ in range(checklists):
        make_checklist(items, team=team)
    Run.objects.all().delete()
    end = NOW + timedelta(days=periods - 1)
    run_together(SWEEPS, lambda: open_due_runs(now=end))
    assert Run.objects.count() == checklists * periods
    assert RunItem.objects.count() == checklists * periods * ITEMS
    keys = Run.objects.values_list("cadence", "period_key")
    assert len(set(keys)) == checklists * periods
    assert not Cadence.objects.filter(next_open_at__lte=end).exists()


@pytest.mark.database
def test_four_sweeps_on_one_cadence_open_one_run_a_period():
    checklist = make_checklist()
    run_together(4, lambda: open_due_runs(now=NOW + timedelta(days=9)))
    assert checklist.runs.count() == 10
    assert RunItem.objects.count() == 20
