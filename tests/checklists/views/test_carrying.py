"""A run shows what it carries over, and from where."""

import pytest
from django.urls import reverse

from checklists.forms.cadences import CadenceForm, initial_of
from checklists.services.checklists import ItemPlan, publish_version
from checklists.services.generation import open_due_runs
from checklists.services.items import Edit, tick_item
from checklists.services.settling import settle_runs
from checklists.services.syncing import sync_runs
from tests.factories.oncall import UserFactory
from tests.factories.runs import DAY, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def runs(service):
    """The runs of two days, of which the second takes over from the first."""
    checklist = make_checklist(
        [ItemPlan(text="Look")], service=service, carry_over="copy"
    )
    open_due_runs(now=NOW)
    settle_runs(now=NOW + DAY)
    open_due_runs(now=NOW + DAY)
    return checklist.runs.order_by("opens_at")


def test_both_runs_lead_to_each_other(runs, sign_in):
    first, second = runs
    client = sign_in("viewer")
    html = client.get(f"/runs/{second.pk}/").content.decode()
    assert f'href="/runs/{first.pk}/">2026-01-14</a>, missed' in html
    assert "carried over from 2026-01-14" in html
    assert "from 2026-01-14 · Look" in html
    html = client.get(f"/runs/{first.pk}/").content.decode()
    assert f'<a class="link" href="/runs/{second.pk}/">2026-01-15</a>' in html


def test_an_answer_that_a_newer_version_left_out_says_so(runs, sign_in):
    run, by = runs.last(), UserFactory()
    run.items.update(carried_from=None)
    tick_item(run.items.get().pk, Edit(by=by, now=NOW + DAY))
    publish_version(run.checklist, [ItemPlan(text="New")], by=None, now=NOW + DAY)
    sync_runs(run.checklist, [run.pk], seen=2, by=by, now=NOW + DAY)
    html = sign_in("viewer").get(f"/runs/{run.pk}/").content.decode()
    assert "removed in version 2" in html


def test_a_manager_chooses_it_for_a_cadence(runs, sign_in):
    cadence = runs.first().cadence
    client, url = sign_in("manager"), reverse("cadence_edit", args=[cadence.pk])
    team = cadence.checklist.team
    form = CadenceForm(None, initial=initial_of(cadence), team=team)
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value not in (None, "")}
    assert typed["carry_over"] == "copy"
    assert client.post(url, typed | {"carry_over": "link"}).status_code == 302
    cadence.refresh_from_db()
    assert cadence.carry_over == "link"
    html = client.get(f"/checklists/{cadence.checklist.slug}/").content.decode()
    assert "link to it" in html
