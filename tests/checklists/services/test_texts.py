"""Checklists written as texts."""

from dataclasses import replace

import pytest

from checklists.domain.checklist_text import ChecklistText, TextItem
from checklists.services import texts
from checklists.services.checklists import ItemPlan
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import NOW, make_check, make_checklist, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def checklist():
    service = make_service(slug="arq")
    check = make_check(service)
    return make_checklist(
        [
            ItemPlan(text="Lag", mode="auto", checks=(check,), section="Data"),
            ItemPlan(text="Memory", kind="number", bounds={"warn_max": 80}),
            ItemPlan(
                text="Backup",
                kind="choice",
                options=("yes", "no"),
                show_if={"check": "arq/lag", "state": ["fail"]},
                show_if_check=check,
            ),
        ],
        service=service,
    )


def test_what_is_published_is_read_as_a_text(checklist):
    edition = texts.read_edition(checklist)
    assert edition.number == 1
    assert edition.text == ChecklistText(
        name=checklist.name,
        items=(
            TextItem(text="Lag", mode="auto", checks=("arq/lag",), section="Data"),
            TextItem(text="Memory", kind="number", bounds={"warn_max": 80}),
            TextItem(
                text="Backup",
                kind="choice",
                options=("yes", "no"),
                show_if={"check": "arq/lag", "state": ["fail"]},
            ),
        ),
    )


def test_an_item_that_goes_on_keeps_its_key(checklist, by):
    lag, memory, _backup = checklist.versions.get().items.order_by("position")
    old = texts.read_edition(checklist).text
    lines = (old.items[1], TextItem(text="Disk"), old.items[0], old.items[2])
    new = replace(old, name="Renamed", items=lines)
    changes = texts.compare_text(checklist, new)
    assert [(change.kind, change.text) for change in changes] == [
        ("moved", "Memory"),
        ("added", "Disk"),
    ] or [(change.kind, change.text) for change in changes] == [
        ("added", "Disk"),
        ("moved", "Lag"),
    ]
    version = texts.publish_text(checklist, new, seen=1, by=by, now=NOW)
    rows = list(version.items.order_by("position"))
    assert (rows[0].key, rows[2].key) == (memory.key, lag.key)
    assert rows[1].key not in {memory.key, lag.key}
    assert [check.slug for check in rows[2].checks.all()] == ["lag"]
    assert rows[3].show_if_check.slug == "lag"
    checklist.refresh_from_db()
    assert checklist.name == "Renamed"
    assert texts.read_edition(checklist) == texts.Edition(new, 2)


def test_whoever_saw_an_older_version_does_not_publish_over_the_newer(checklist, by):
    text = replace(texts.read_edition(checklist).text, items=(TextItem(text="Disk"),))
    texts.publish_text(checklist, text, seen=None, by=by, now=NOW)
    with pytest.raises(Conflict):
        texts.publish_text(checklist, text, seen=1, by=by, now=NOW)
    with pytest.raises(Refused):
        texts.publish_text(checklist, text, seen=2, by=by, now=NOW)


def test_a_check_of_another_team_is_not_named(checklist):
    make_check(make_service(slug="far"), slug="other")
    text = ChecklistText(
        name="x", items=(TextItem(text="Far", mode="auto", checks=("far/other",)),)
    )
    with pytest.raises(PortalError, match="far/other") as refused:
        texts.compare_text(checklist, text)
    assert refused.value.field == "text"


def test_a_new_one_gets_an_address_that_is_free(by):
    team, text = TeamFactory(), ChecklistText(name="ARQ", items=(TextItem(text="A"),))
    made = [
        texts.create_from_text(team, text, service=None, by=by, now=NOW)
        for _ in range(3)
    ]
    assert [each.slug for each in made] == ["arq", "arq-2", "arq-3"]
    assert texts.read_edition(made[2]) == texts.Edition(text, 1)
    odd = replace(text, name="…")
    assert (
        texts.create_from_text(team, odd, service=None, by=by, now=NOW).slug
        == "checklist"
    )


def test_an_archived_one_opens_no_runs_until_it_is_back(checklist, by):
    texts.archive_checklist(checklist, by=by, now=NOW)
    assert not checklist.cadences.filter(is_enabled=True).exists()
    texts.restore_checklist(checklist, by=by, now=NOW)
    checklist.refresh_from_db()
    assert not checklist.is_archived
    assert not checklist.cadences.filter(is_enabled=True).exists()


def test_without_a_version_there_are_no_items(checklist):
    checklist.versions.update(status="archived")
    assert texts.read_edition(checklist).number == 0
    assert texts.read_edition(checklist).text.items == ()
