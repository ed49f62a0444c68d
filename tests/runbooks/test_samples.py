"""Runbooks of our own in the forms that teams use, read by the same rules."""

import json
from pathlib import Path

import pytest

from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.score import score_plan

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.name.removesuffix(".md") for path in SAMPLES.glob("*.md"))


def test_there_are_samples_of_every_family():
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_every_core_entry_is_found_and_nothing_is_invented(name):
    plan = read_plan((SAMPLES / f"{name}.md").read_bytes())
    truth = json.loads((SAMPLES / f"{name}.expect.json").read_text("utf-8"))
    faults = {
        score.category: (score.missed, score.invented)
        for score in score_plan(write_plan(plan), truth)
        if score.missed or score.invented
    }
    assert faults == {}
    assert plan.title == truth["title"]


def test_lists_that_people_start_are_no_recurring_ones():
    text = (SAMPLES / "siskin-releases.md").read_bytes()
    truth = json.loads((SAMPLES / "siskin-releases.expect.json").read_text("utf-8"))
    found = [
        {
            "title": each["title"],
            "items": [item["text"] for item in each["items"]],
            "lines": [item["line"] for item in each["items"]],
        }
        for each in write_plan(read_plan(text))["on_demand"]
    ]
    assert found == truth["on_demand"]
