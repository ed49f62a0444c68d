import pytest

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.checklist_text import read_markdown, write_markdown
from checklists.domain.starters import STARTERS


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.key)
def test_each_can_be_written_started_and_read_back(starter):
    assert rule_from_json(starter.rule)
    assert timing_from_json(starter.timing)
    assert read_markdown(write_markdown(starter.text)) == starter.text
    assert starter.text.description


def test_a_load_test_in_production_has_its_hours_and_others_have_none():
    windows = {each.key: each.rule.get("starts_until") for each in STARTERS}
    assert windows == {
        "pre-deployment": None,
        "load-test": None,
        "load-test-production": "04:00",
    }
