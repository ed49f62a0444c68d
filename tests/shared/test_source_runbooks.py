"""The five source runbooks are read whole, and nothing is invented.

Reads ../shared beside the checkout, which does not ship.
"""

import json

import pytest

from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.score import score_plan

pytestmark = pytest.mark.shared

NAMES = ("arq", "amas", "qenergyz", "architect", "arca")


def read(shared, name):
    plan = read_plan((shared / "runbooks" / f"{name}.md").read_bytes())
    truth = json.loads((shared / "acceptance" / f"{name}.expect.json").read_text())
    return plan, truth


@pytest.mark.parametrize("name", NAMES)
def test_every_core_entry_is_found_and_nothing_is_invented(shared, name):
    plan, truth = read(shared, name)
    faults = {
        score.category: (score.missed, score.invented)
        for score in score_plan(write_plan(plan), truth)
        if score.missed or score.invented
    }
    assert faults == {}


@pytest.mark.parametrize("name", NAMES)
def test_title_and_service_are_those_of_the_truth(shared, name):
    plan, truth = read(shared, name)
    assert plan.title == truth["title"]
    assert plan.service in {truth["service"], *truth.get("service_aliases", ())}


@pytest.mark.parametrize("name", NAMES)
def test_lines_that_were_encoded_twice_are_repaired(shared, name):
    plan, truth = read(shared, name)
    known = truth.get("mojibake", [])
    lines = {n for each in known for n in each.get("lines", [each.get("line")])}
    assert set(plan.source.repaired) == lines


WARNINGS = {
    "amas": {(308, "contradiction"), (295, "destructive command"), (324, "contradiction"), (641, "destructive command")},
    "arq": {(71, "contradiction"), (147, "placeholder")},
    "architect": {(71, "insecure command"), (96, "bad PromQL"), (157, "bad PromQL"), (254, "destructive command"), (306, "bad PromQL"), (470, "opening command"), (1, "no checklist")},
    "arca": {(174, "contradiction")},
    "qenergyz": {(501, "placeholder")},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_contradictions_and_dangerous_lines_are_pointed_at(shared, name):
    plan, _ = read(shared, name)
    assert {(each.line, each.kind) for each in plan.warnings} >= WARNINGS[name]


def test_nothing_between_a_target_and_the_first_page_is_said_aloud(shared):
    plan, _ = read(shared, "arq")
    said = [
        each.text for each in plan.warnings if each.rule == "target and first alert"
    ]
    assert said == [
        "database replication lag: nothing warns between the target < 100ms of line 29 "
        "and > 1s, which pages",
        "memory: nothing warns between the target < 80% of line 36 and > 90%, which "
        "pages",
    ]


CHECKS = {
    "arq": {
        117: ("heartbeat", "age < 26h and exit_code == 0"),
        118: ("prometheus", "value < 100ms"),
        119: ("prometheus", "value < 0.1%"),
        120: ("prometheus", "value > 85%"),
        121: ("tls", "cert_days > 30 and valid"),
        125: ("internal", "value == 0"),
    },
    "amas": {
        36: (
            "http",
            'status == 200 and json("$.status") == "ok" and age(json("$.timestamp")) < 5m',
        ),
        488: ("sql", "value == 0"),
    },
    "qenergyz": {474: ("prometheus", "value < 0.1%")},
}


@pytest.mark.parametrize("name", CHECKS)
def test_items_propose_checks_that_are_never_taken_for_sure(shared, name):
    plan, _ = read(shared, name)
    items = [item for each in plan.checklists for item in each.items]
    by_line = {item.line: item.check for item in items}
    for line, (kind, condition) in CHECKS[name].items():
        assert (by_line[line].kind, by_line[line].condition) == (kind, condition)
    assert all(item.check.confidence < 1 for item in items if item.check)
