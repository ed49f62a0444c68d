"""Checklists and their published versions."""

import pytest

from checklists.models import ChecklistItem
from checklists.services.checklists import (
    ItemPlan,
    create_checklist,
    hash_version,
    publish_version,
)
from opsportal.kit.errors import PortalError
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory
from tests.factories.runs import NOW, make_check, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def create(team, **more):
    made = {"slug": "daily", "name": "Daily", "by": None, "now": NOW, **more}
    return create_checklist(team, **made)


def test_a_checklist_belongs_to_a_service_of_its_team():
    with pytest.raises(PortalError) as caught:
        create(TeamFactory(), service=ServiceFactory())
    assert caught.value.field == "service"


def test_a_name_is_taken_once():
    team = TeamFactory()
    create(team)
    with pytest.raises(PortalError, match="another name") as caught:
        create(team)
    assert caught.value.field == "slug"


def test_a_new_version_archives_the_old_one_and_keeps_it_as_it_was():
    checklist, ann = make_checklist(), UserFactory()
    first = checklist.versions.get()
    second = publish_version(checklist, [ItemPlan(text="New")], by=ann, now=NOW)
    first.refresh_from_db()
    assert (first.status, second.number, second.published_by) == ("archived", 2, ann)
    assert hash_version(first) == first.body_hash != second.body_hash


def test_options_are_sealed_too():
    plan = ItemPlan(text="Backup", kind="choice", options=("complete", "none"))
    version = make_checklist([plan]).versions.get()
    version.items.update(options=["complete", "partial"])
    assert hash_version(version) != version.body_hash


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "at least one item"),
        ([ItemPlan(text=" ")], "needs a text"),
        ([ItemPlan(text="Backup", kind="choice")], "needs options"),
        ([ItemPlan(text="Lag", mode=ChecklistItem.Mode.AUTO)], "needs a check"),
    ],
)
def test_items_that_cannot_work_are_refused(items, words):
    checklist = create(TeamFactory())
    with pytest.raises(PortalError, match=words):
        publish_version(checklist, items, by=None, now=NOW)
    assert not checklist.versions.exists()


def test_a_check_of_another_team_is_refused():
    checklist = create(TeamFactory())
    plan = ItemPlan(
        text="Lag",
        mode=ChecklistItem.Mode.AUTO,
        checks=(make_check(ServiceFactory()),),
    )
    with pytest.raises(PortalError, match="another team"):
        publish_version(checklist, [plan], by=None, now=NOW)
