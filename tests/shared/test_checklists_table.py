"""Everything asked of recurring checklists is named with its tests, or as missing.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from tests.shared.test_oncall_table import ROOT, first_cells

TABLE = (ROOT / "docs" / "checklists-acceptance.md").read_text()


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)::(\w+)`", TABLE)
    assert len(addresses) > 50
    for path, name in addresses:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name}(" in text, (path, name)


def test_each_feature_has_tests_or_is_said_to_be_missing():
    for line in TABLE.splitlines():
        if line.startswith("| ") and not line.startswith("| feature"):
            assert "::test_" in line or "Not yet" in line, line


@pytest.mark.shared
def test_each_feature_of_the_field_is_in_the_table(shared):
    page = (shared / "requirements" / "field.md").read_text()
    asked = page[page.index("### 1a. ") : page.index("### 1b. ")]
    features = first_cells(asked) - {"Feature"}
    assert len(features) == 29
    assert first_cells(TABLE) - {"feature"} == features
