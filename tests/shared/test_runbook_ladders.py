"""Each demo ladder, simulated, tells whom its runbook names and when.

Reads ../shared beside the checkout, which does not ship.
"""

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from checklists.domain.cadence import slots
from checklists.models import Checklist
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.timetables import timetable_of
from oncall.domain.escalation_story import Story
from oncall.domain.handoff import find_handoffs
from oncall.models import Rotation
from oncall.queries.loading import load_schedule
from oncall.queries.policies import newest_version
from oncall.queries.simulation import tell_story
from opsportal.demo.arca import SERVICE as ARCA
from tests.conftest import NOW

pytestmark = [pytest.mark.shared, pytest.mark.django_db]

SLUGS = {"architect": "architect-api", "arca": "arca-api"}
MINUTE = timedelta(minutes=1)
CONDITIONS = {
    "customer-impacting": "customer_impact",
    "data loss risk or complete outage": "emergency",
}
# What the ladder calls the entries that the runbook words differently.
CALLED = {"Manager + Lead Engineer": "P1 or P2"}


@pytest.fixture
def services(demo_services, db):
    return demo_services


def expected(shared, runbook):
    return json.loads((shared / "acceptance" / f"{runbook}.expect.json").read_text())


def story_of(services, runbook, level=1, labels=(), ack=None):
    service = services[SLUGS.get(runbook, runbook)]
    version = newest_version(service.policy_id)
    story = Story(
        opened_at=NOW,
        level=level,
        labels=dict.fromkeys(labels, "true"),
        acknowledged_at=None if ack is None else NOW + ack * MINUTE,
    )
    return version, tell_story(version, story)


def told(lines):
    return {
        line.title: line.after / MINUTE
        for line in lines
        if line.act in {"tell", "pass"}
    }


def people(lines):
    return {
        line.title: [each.via or each.name for each in line.told]
        for line in lines
        if line.told
    }


def plain(text):
    return text.lower().replace("-", " ")


@pytest.mark.parametrize("runbook", ["arq", "amas", "architect", "arca"])
def test_every_level_of_the_runbook_is_reached_at_its_time(shared, services, runbook):
    entries = expected(shared, runbook)["escalation"]
    labels = [
        CONDITIONS[entry["condition"]]
        for entry in entries
        if entry.get("condition") in CONDITIONS
    ]
    version, lines = story_of(services, runbook, labels=labels)
    names = [step.name for step in version.steps.all()]
    moments = told(lines)
    for entry in entries:
        who = plain(CALLED.get(entry["who"], entry["who"]))
        name = next(each for each in names if who in plain(each))
        step = version.steps.get(name=name)
        after = entry["after_minutes"]
        if after is not None:
            assert moments[name] == after
        elif entry["who"] == "Emergency":
            assert moments[name] == 0
        elif runbook == "arca":
            # No time is named, so none is made up.
            assert step.delay is None
        else:
            assert moments[name] == 5
        condition = entry.get("condition")
        assert step.requires == CONDITIONS.get(condition, "")
        if condition == "P1 unresolved":
            assert (step.min_level, step.condition) == (1, "unresolved")


def test_arq_climbs_at_0_15_and_30_minutes(services):
    _, lines = story_of(services, "arq")
    assert people(lines) == {
        "Automated": ["#platform-ops"],
        "On-call engineer": ["primary of Platform rotation"],
        "Engineering lead": ["Engineering lead"],
        # The executive has no account: the managers hear instead.
        "Last resort": ["manager", "manager"],
    }
    assert told(lines)["Executive"] == 30
    assert people(story_of(services, "arq", level=2)[1]) == {
        "Automated": ["#platform-ops"]
    }
    assert people(story_of(services, "arq", level=3)[1]) == {}


def test_amas_asks_for_customer_impact_and_emergencies(services):
    assert people(story_of(services, "amas")[1]) == {
        "On-call engineer": ["primary of Platform rotation"],
        "Senior engineer": ["Senior engineer"],
    }
    labels = ["customer_impact", "emergency"]
    _, lines = story_of(services, "amas", labels=labels, ack=1)
    moments = told(lines)
    assert [moments[name] for name in people(lines)] == [0, 0, 30, 60]
    assert people(lines)["Emergency"] == [
        "primary of Platform rotation",
        "secondary of Platform rotation",
        "Platform lead",
    ]


def test_qenergyz_goes_by_severity(shared, services):
    routes = {
        row["severity"]: row["route"]
        for row in expected(shared, "qenergyz")["severity_routes"]
    }
    assert set(routes) == {"P0", "P1", "P2", "P3"}
    by_level = [
        people(story_of(services, "qenergyz", level=level)[1]) for level in (1, 2, 3, 4)
    ]
    assert by_level == [
        {"On-call engineer": ["primary of Energy rotation"]},
        {"Team lead": ["#incident-response", "Team lead"]},
        {"Team": ["Team mail"]},
        {},
    ]


def test_architect_asks_for_p1_and_p2_and_pages_all_in_an_emergency(services):
    grave = people(story_of(services, "architect", ack=2)[1])
    assert grave["P1 or P2"] == ["Manager", "Lead engineer"]
    assert "No response" not in grave
    mild = story_of(services, "architect", level=3)[1]
    assert people(mild)["No response"] == ["Manager", "Lead engineer"]
    assert "Director + VP Engineering" not in people(mild)
    assert people(story_of(services, "architect", level=3, ack=2)[1]).keys() == {
        "Engineer on call"
    }
    everybody = people(story_of(services, "architect", labels=["emergency"])[1])
    assert len(everybody["Emergency - All on-call staff"]) == 2


def test_arca_pages_for_sev1_and_sev2_and_leads_to_the_tech_lead(services):
    version, lines = story_of(services, "arca", level=2)
    assert people(lines) == {"Primary on call": ["primary of Invoicing rotation"]}
    assert str(version.steps.get(position=2).targets.get().user) == "Tech lead"
    assert people(story_of(services, "arca", level=3)[1]) == {}


def test_arca_s_handoff_list_is_due_when_its_rotation_hands_over(services):
    (row,) = (each for each in ARCA.checklists if each.rule == {"kind": "handoff"})
    checklist = Checklist.objects.get(name=row.name, service=services["arca-api"])
    rotation = Rotation.objects.get(schedule__team=checklist.team)
    plan = CadencePlan(
        rule=row.rule, timing=row.timing, time_zone="UTC", rotation=rotation
    )
    cadence = add_cadence(checklist, plan, by=None, now=NOW)
    end = NOW + timedelta(weeks=5)
    handoffs = find_handoffs(
        load_schedule(rotation.schedule_id), NOW, end, rotation=rotation.pk
    )
    moments = [each.at for each in handoffs]
    assert [later - one for one, later in pairwise(moments)] == 4 * [timedelta(7)]
    assert [slot.due_at for slot in slots(timetable_of(cadence), NOW, end)] == moments
