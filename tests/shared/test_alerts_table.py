"""Everything asked of alerts is named with its tests, and the tests are there.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from tests.shared.test_oncall_table import ROOT, first_cells

TABLE = (ROOT / "docs" / "alerts-acceptance.md").read_text()
PROMISES = {str(number) for number in (*range(1, 14), 24, 25, 26)}
INVARIANTS = {f"I{number}" for number in range(1, 12)}
FAULTS = {f"F{number}" for number in (*range(1, 11), 12, 13, *range(17, 23))}


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)(?:::(\w+))?`", TABLE)
    assert len(addresses) > 100
    for path, name in addresses:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name or 'test_'}" in text, (path, name)


def test_each_promise_and_each_fault_has_its_tests():
    assert first_cells(TABLE) >= PROMISES | INVARIANTS | FAULTS


@pytest.mark.shared
def test_each_line_is_one_of_the_requirements(shared):
    page = (shared / "requirements" / "alerts-and-incidents.md").read_text()
    lines = {cell for cell in first_cells(TABLE) if cell.startswith("S")}
    assert len(lines) > 50
    assert lines <= first_cells(page)
