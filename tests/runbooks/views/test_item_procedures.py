"""Items of a run lead to the procedure of the service's runbook that fits."""

import pytest
import time_machine

from checklists.models import Checklist, RunItem
from checklists.services import items
from checklists.services.checklists import ItemPlan
from checklists.services.generation import open_due_runs
from checklists.services.items import Edit
from checklists.services.signing import void_run
from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory
from tests.factories.runs import open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

RUNBOOK = """# {title}

## Daily Checklist
- [ ] Review error rate < 0.1%
- [ ] Water the plants

## Troubleshooting

### {trouble}
**Symptoms:**
- Many answers with status 500

**Resolution:**
- Roll back
"""
LINK = (
    '<a class="fold lead" href="/services/kestrel/procedures/?q={q}&amp;first={key}">'
)


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def text(title="Kestrel", trouble="High Error Rate"):
    return RUNBOOK.format(title=title, trouble=trouble)


@pytest.fixture
def open_list():
    """`open_list()` is the run of the list that a runbook made."""

    def act(number=0):
        open_due_runs(now=NOW)
        return Checklist.objects.order_by("pk")[number].runs.get()

    return act


def key_in(version):
    return version.procedures.get().key


def test_what_waits_leads_to_what_fits_and_the_page_begins_with_it(
    apply, sign_in, open_list
):
    version = apply(text() + "\n### Budget used up\n**Resolution:**\n- Wait\n")
    key = version.procedures.get(title="High Error Rate").key
    client = sign_in("responder")
    page = client.get(f"/runs/{open_list().pk}/").content.decode()
    assert page.count('class="fold lead"') == 1
    assert LINK.format(q="Review+error+rate+%3C+0.1%25", key=key) in page
    path = f"/services/kestrel/procedures/?q=budget&first={key}"
    found = client.get(path).context["procedures"]
    assert [each.title for each in found] == ["High Error Rate", "Budget used up"]


def test_what_is_done_leads_nowhere_and_what_opens_again_does(
    apply, sign_in, open_list
):
    apply(text())
    run, client = open_list(), sign_in("responder")
    item = RunItem.objects.get(run=run, item__text__startswith="Review error")
    done = client.post(f"/items/{item.pk}/tick/", headers={"HX-Request": "true"})
    assert "fold lead" not in done.content.decode()
    assert "fold lead" not in client.get(f"/runs/{run.pk}/").content.decode()
    again = client.post(f"/items/{item.pk}/untick/", headers={"HX-Request": "true"})
    assert "fold lead" in again.content.decode()


def test_a_look_at_a_changed_row_brings_its_link(apply, sign_in, open_list, manager):
    apply(text())
    run, client = open_list(), sign_in("responder")
    page = client.get(f"/runs/{run.pk}/")
    mark = page.context["mark"]
    item = RunItem.objects.get(run=run, item__text__startswith="Review error")
    items.write_note(item.pk, Edit(by=manager, now=NOW, note="seen"))
    row = client.get(f"/runs/{run.pk}/live/?since={mark}").content.decode()
    assert "fold lead" in row


def test_nobody_is_led_from_a_run_that_is_over(apply, sign_in, open_list, manager):
    apply(text())
    run = open_list()
    void_run(run.pk, by=manager, reason="Not needed", now=NOW)
    page = sign_in("viewer").get(f"/runs/{run.pk}/").content.decode()
    assert "Review error rate" in page
    assert "fold lead" not in page


def test_of_two_runbooks_that_of_the_item_is_meant(apply, sign_in, open_list):
    first, second = apply(text("Kestrel A")), apply(text("Kestrel B"))
    client = sign_in("viewer")
    for number, version in enumerate((first, second)):
        page = client.get(f"/runs/{open_list(number).pk}/").content.decode()
        assert page.count('class="fold lead"') == 1
        assert f"first={key_in(version)}" in page


def test_a_list_without_a_service_leads_nowhere(apply, team, sign_in):
    apply(text())
    run = open_run(
        [ItemPlan(text="Review error rate")], service=ServiceFactory(team=team)
    )
    Checklist.objects.filter(pk=run.checklist_id).update(service=None)
    page = sign_in("viewer").get(f"/runs/{run.pk}/").content.decode()
    assert "fold lead" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_run_asks_as_often_for_many_items(
    apply, service, sign_in, count, django_assert_num_queries
):
    apply(text("Kestrel A"))
    apply(text("Kestrel B", "Disk full"))
    plan = [ItemPlan(text=f"Review error rate {n}") for n in range(count)]
    run = open_run(plan, service=service)
    client = sign_in("responder")
    client.get(f"/runs/{run.pk}/")
    with django_assert_num_queries(QUERIES):
        page = client.get(f"/runs/{run.pk}/").content.decode()
    assert page.count('class="fold lead"') == count


QUERIES = 18
