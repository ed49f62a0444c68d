"""Many people edit the same items at once: no edit is lost, none counts twice."""

import threading

import pytest

from checklists.models import RunEvent, RunItem
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit, write_note
from opsportal.invariants import find_broken_runs
from opsportal.kit.errors import Conflict
from tests.factories.oncall import UserFactory
from tests.factories.runs import NOW, open_run
from tests.flows.test_many_sweeps import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]

PEOPLE, RUNS = 8, 8


def add_one(item_pk, user, *, wait=None):
    """Raise the number in an item's note by one, from what stands there now."""
    seen = RunItem.objects.get(pk=item_pk)
    if wait:
        wait()
    note = str(int(seen.note or 0) + 1)
    write_note(item_pk, Edit(by=user, now=NOW, version=seen.version, note=note))


@pytest.mark.slow
@pytest.mark.parametrize("edits", [40, pytest.param(10_000, marks=pytest.mark.soak)])
def test_eight_people_count_on_the_same_items_and_every_edit_is_there(edits):
    runs = [open_run([ItemPlan(text="Count")]) for _ in range(RUNS)]
    items = [run.items.get().pk for run in runs]
    people = iter([UserFactory() for _ in range(PEOPLE)])
    before = RunEvent.objects.count()
    conflicts = []
    everybody_saw = threading.Barrier(PEOPLE)

    def keep_adding(item_pk, user, *, wait=None):
        try:
            add_one(item_pk, user, wait=wait)
        except Conflict:
            conflicts.append(item_pk)
            keep_adding(item_pk, user)

    def work():
        user = next(people)
        # All of them saw the same before the first writes: one wins.
        keep_adding(items[0], user, wait=everybody_saw.wait)
        for number in range(edits // PEOPLE - 1):
            keep_adding(items[number % RUNS], user)

    run_together(PEOPLE, work)
    assert sum(int(row.note or 0) for row in RunItem.objects.all()) == edits
    assert RunEvent.objects.count() == before + edits
    assert len(conflicts) >= PEOPLE - 1
    assert not list(find_broken_runs(NOW))
