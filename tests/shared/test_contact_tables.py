"""The demo's contact tables are those of the runbooks.

Reads ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from oncall.models import EscalationContact

pytestmark = [pytest.mark.shared, pytest.mark.django_db]

SLUGS = {
    "arq": "arq",
    "amas": "amas",
    "qenergyz": "qenergyz",
    "architect": "architect-api",
}
HEADING = re.compile(r"^## .*contact info", re.IGNORECASE | re.MULTILINE)
LINE = re.compile(r"^(?:- )?(?:\*\*)?([^*:\n]+?)(?:\*\*)?: (.+)$", re.MULTILINE)


def read_section(shared, name):
    page = (shared / "runbooks" / f"{name}.md").read_text()
    return page, page[HEADING.search(page).end() :].split("\n---")[0]


@pytest.mark.parametrize("name", SLUGS)
def test_every_line_of_the_runbook_is_in_the_table_in_its_order(
    shared, demo_services, name
):
    page, section = read_section(shared, name)
    contacts = EscalationContact.objects.filter(service=demo_services[SLUGS[name]])
    wanted = [(title.lower(), value) for title, value in LINE.findall(section)]
    assert len(wanted) >= 4
    table = {contact.title.lower(): contact for contact in contacts}
    assert [title for title in table if title in dict(wanted)] == [
        title for title, _ in wanted
    ]
    for title, value in wanted:
        contact = table[title]
        assert contact.value in value.replace("`", "")
        is_blank = value.startswith("[") or "XXX" in value
        assert contact.is_placeholder == is_blank
    for contact in contacts:
        assert contact.value in page.replace("`", "")
