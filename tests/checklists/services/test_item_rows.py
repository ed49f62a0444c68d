import pytest

from checklists.models import Run, RunItem
from checklists.services.checklists import ItemPlan
from checklists.services.generation import open_due_runs
from checklists.services.item_rows import insert_items
from tests.factories.runs import DAY, NOW, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_every_run_gets_every_item_as_a_new_row_would_be():
    first = open_run([ItemPlan(text=f"Item {n}") for n in range(3)])
    open_due_runs(now=NOW + DAY)
    runs = list(Run.objects.order_by("pk"))
    items = list(first.version.items.all())
    assert len(runs) == 2
    RunItem.objects.all().delete()
    insert_items([run.pk for run in runs], [item.pk for item in items])
    found = list(RunItem.objects.order_by("pk"))
    assert [(row.run_id, row.item_id) for row in found] == [
        (run.pk, item.pk) for run in runs for item in items
    ]
    for row in found:
        plain = RunItem(pk=row.pk, run_id=row.run_id, item_id=row.item_id)
        for field in RunItem._meta.concrete_fields:
            assert getattr(row, field.attname) == getattr(plain, field.attname)


@pytest.mark.parametrize(("runs", "items"), [([], [1]), ([1], [])])
def test_nothing_is_inserted_for_nothing(runs, items):
    insert_items(runs, items)
    assert not RunItem.objects.exists()
