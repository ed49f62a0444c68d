"""Everything asked of on call is named with its tests, and the tests are there.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "oncall-acceptance.md").read_text()
PROPERTIES = ROOT / "tests" / "oncall" / "domain" / "test_schedule_properties.py"
GOALS = {f"G{number}" for number in (1, 2, 3, *range(8, 14))}


def first_cells(text):
    return {
        line.split("|")[1].strip() for line in text.splitlines() if line[:2] == "| "
    }


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)(?:::(\w+))?`", TABLE)
    assert len(addresses) > 80
    for path, name in addresses:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name or 'test_'}" in text, (path, name)


def test_each_goal_and_each_promise_has_its_tests():
    cells = first_cells(TABLE)
    assert cells >= GOALS
    text = PROPERTIES.read_text() + (PROPERTIES.parent / "test_walltime.py").read_text()
    numbers = {int(found) for found in re.findall(r"def test_property_(\d\d)", text)}
    numbers |= {int(cell) for cell in cells if cell.isdecimal()}
    assert numbers == set(range(1, 20))


@pytest.mark.shared
def test_each_feature_of_the_requirements_is_in_the_table(shared):
    page = (shared / "requirements" / "oncall.md").read_text()
    asked = first_cells(page[: page.index("## 2. ")])
    assert len(asked) == 46  # with the head of the table
    assert asked <= first_cells(TABLE)
