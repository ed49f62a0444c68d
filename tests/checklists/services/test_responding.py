"""Steps that answer an incident run as a live checklist."""

from datetime import timedelta

import pytest

from checklists.models import Checklist, Run
from checklists.services.items import Edit, tick_item
from checklists.services.responding import ResponsePlan, start_response_run
from checklists.services.settling import settle_runs
from incidents.models import Incident
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PLAN = ResponsePlan(
    "P2: High error rate",
    (("Assess scope", "which endpoints"), ("Check logs", "")),
    "from the runbook, line 78",
)


@pytest.fixture
def incident():
    return IncidentFactory()


@pytest.fixture
def start(incident):
    engineer = UserFactory(team=incident.team)

    def start(plan=PLAN, on=incident):
        return start_response_run(on.pk, plan, by=engineer, now=NOW)

    return start


def test_steps_become_items_of_a_run_under_the_incident(incident, start):
    run = start()
    assert run.incident == incident
    assert [row.item.text for row in run.items.order_by("item__position")] == [
        "Assess scope",
        "Check logs",
    ]
    assert run.checklist.service == incident.severity.service
    assert run.checklist.description == "from the runbook, line 78"
    entry = incident.timeline.get()
    assert (entry.kind, entry.data["run"]) == ("run", run.pk)


def test_what_runs_already_is_kept(incident, start):
    assert start() == start()
    assert incident.timeline.count() == 1


def test_the_next_incident_has_the_same_checklist_and_a_changed_plan_a_new_version(
    incident, start
):
    first = start()
    other = IncidentFactory(service=incident.severity.service)
    again = start(on=other)
    assert again.version == first.version
    third = IncidentFactory(service=incident.severity.service)
    changed = ResponsePlan(PLAN.title, (("Roll back", ""),))
    assert start(changed, on=third).version.number == 2
    assert Checklist.objects.count() == 1


def test_it_ends_like_every_run(start):
    run = start()
    for row in run.items.all():
        by = UserFactory(team=run.team)
        tick_item(row.pk, Edit(by=by, now=NOW, version=row.version))
    settle_runs(now=NOW + timedelta(days=31))
    run.refresh_from_db()
    assert run.state == Run.State.CLOSED


def test_without_steps_or_when_it_is_over_nothing_starts(incident, start):
    with pytest.raises(PortalError, match="no steps"):
        start(ResponsePlan("Empty", ()))
    Incident.objects.update(status="resolved", resolved_at=NOW)
    with pytest.raises(Refused, match="is over"):
        start()
    assert not Run.objects.exists()
