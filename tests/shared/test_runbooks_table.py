"""Everything asked of the import is named with its tests, and the tests are there.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "runbooks-acceptance.md").read_text()
SAMPLES = ROOT / "tests" / "runbooks" / "samples"


def test_each_test_that_is_named_exists():
    addresses = re.findall(r"`(\S+?\.py)(?:::(\w+))?`", TABLE)
    assert len(addresses) > 60
    for path, name in addresses:
        assert f"def {name}(" in (ROOT / "tests" / path).read_text(), (path, name)


def test_each_family_of_form_has_samples_that_are_there():
    rows = re.findall(r"^\| ([1-9]|10) [^|]+ \| ([^|]+) \|$", TABLE, re.MULTILINE)
    assert [number for number, _ in rows] == [str(each) for each in range(1, 11)]
    named = [name for _, names in rows for name in names.strip().split(", ")]
    assert [name for name in named if not (SAMPLES / f"{name}.md").exists()] == []


@pytest.mark.shared
def test_the_families_are_those_of_the_requirements(shared):
    page = (shared / "requirements" / "runbook-import.md").read_text()
    asked = page[page.index("## Forms that") : page.index("## Contradictions")]
    assert len(re.findall(r"^\d+\. \*\*", asked, re.MULTILINE)) == 10
