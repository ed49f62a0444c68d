"""The demo's contact tables are those of the runbooks.

Reads ../shared beside the checkout, which does not ship.
"""

import os
import re
from pathlib import Path

import pytest

from opsportal.demo.services import SERVICES

pytestmark = pytest.mark.shared

RUNBOOKS = Path(__file__).resolve().parents[3] / "shared" / "runbooks"
SLUGS = {
    "arq": "arq",
    "amas": "amas",
    "qenergyz": "qenergyz",
    "architect": "architect-api",
}
HEADING = re.compile(r"^## .*contact info", re.IGNORECASE | re.MULTILINE)
LINE = re.compile(r"^(?:- )?(?:\*\*)?([^*:\n]+?)(?:\*\*)?: (.+)$", re.MULTILINE)


def read_section(name):
    if not RUNBOOKS.is_dir():
        sentence = "needs the runbooks in ../shared, which are not there"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    page = (RUNBOOKS / f"{name}.md").read_text()
    return page, page[HEADING.search(page).end() :].split("\n---")[0]


@pytest.mark.parametrize("name", SLUGS)
def test_every_line_of_the_runbook_is_in_the_table_in_its_order(name):
    page, section = read_section(name)
    plan = next(each for each in SERVICES if each.slug == SLUGS[name])
    wanted = [(title.lower(), value) for title, value in LINE.findall(section)]
    assert len(wanted) >= 4
    table = {contact.title.lower(): contact for contact in plan.contacts}
    assert [title for title in table if title in dict(wanted)] == [
        title for title, _ in wanted
    ]
    for title, value in wanted:
        contact = table[title]
        assert contact.value in value.replace("`", "")
        is_blank = value.startswith("[") or "XXX" in value
        assert contact.is_placeholder == is_blank
    for contact in plan.contacts:
        assert contact.value in page
