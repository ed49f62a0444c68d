"""Everything asked of checks is named with its tests, and the tests are there.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from tests.shared.test_oncall_table import ROOT, first_cells

TABLE = (ROOT / "docs" / "checks-acceptance.md").read_text()
LATER = {"domain expiry", "multi-step with context"}


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)(?:::(\w+))?`", TABLE)
    assert len(addresses) > 40
    for path, name in addresses:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name or 'test_'}" in text, (path, name)


@pytest.mark.shared
def test_each_row_of_the_field_is_there_or_said_to_come_later(shared):
    page = (shared / "requirements" / "field.md").read_text()
    field = first_cells(page[page.index("### 1b. Checks") :].split("\n\n", 2)[1])
    rows = field - {"Feature", "---"}
    assert len(rows) > 20
    assert rows - first_cells(TABLE) == LATER
