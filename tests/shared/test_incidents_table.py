"""Every line of the runbooks and every promise is named with its tests.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from opsportal.management.commands.bench import NAMES as BENCHMARKS
from tests.shared.test_oncall_table import ROOT, first_cells

INCIDENTS = (ROOT / "docs" / "incidents-acceptance.md").read_text()
ALERTS = (ROOT / "docs" / "alerts-acceptance.md").read_text()
PROMISES = {str(number) for number in range(1, 31)}
CONTRADICTIONS = {f"C{number}" for number in range(1, 17)}
GOALS = {"G5", "G11", "G12", "G13", "G15", "G16"}


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)(?:::(\w+))?`", INCIDENTS)
    assert len(addresses) > 150
    for path, name in addresses:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name or 'test_'}" in text, (path, name)


def test_every_promise_contradiction_and_goal_is_there_or_with_the_alerts():
    told = first_cells(INCIDENTS) | first_cells(ALERTS)
    assert told >= PROMISES | CONTRADICTIONS | GOALS
    names = re.findall(r"^\| G\d+ \|.*`(\w+)` \|$", INCIDENTS, re.MULTILINE)
    assert len(names) == len(GOALS)
    assert set(names) <= set(BENCHMARKS)


@pytest.mark.shared
def test_every_line_of_the_runbooks_has_its_tests_and_none_is_invented(shared):
    page = (shared / "requirements" / "alerts-and-incidents.md").read_text()
    asked = {cell for cell in first_cells(page) if re.fullmatch(r"S\d-\d\d", cell)}
    assert len(asked) == 127
    told = first_cells(INCIDENTS) | first_cells(ALERTS)
    assert {cell for cell in told if re.fullmatch(r"S\d-\d\d", cell)} == asked
