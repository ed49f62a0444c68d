"""Bringing open runs to the newest version."""

from dataclasses import replace

import pytest

from checklists.models import Run
from checklists.services import items, texts
from checklists.services.checklists import ItemPlan
from checklists.services.events import check_seal
from checklists.services.generation import open_due_runs
from checklists.services.items import Edit
from checklists.services.signing import hand_in_run
from checklists.services.syncing import preview_sync, sync_runs
from oncall.models import AuditEntry
from opsportal.kit.errors import Conflict, PortalError
from tests.factories.oncall import UserFactory
from tests.factories.runs import (
    DAY,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_checklist,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ann():
    return UserFactory(name="Engineer A")


@pytest.fixture
def run(ann):
    """An item done, one begun, one untouched, one a number, one that goes on."""
    plans = [
        ItemPlan(text="Done"),
        ItemPlan(text="Begun"),
        ItemPlan(text="Untouched"),
        ItemPlan(text="Memory", kind="number", bounds={"hard_max": 100}),
        ItemPlan(text="Stays", reference="A1"),
    ]
    run = open_run(plans)
    edit = Edit(by=ann, now=NOW + MINUTE)
    items.tick_item(row_of(run, "Done").pk, edit)
    items.tick_item(row_of(run, "Begun").pk, edit)
    items.untick_item(row_of(run, "Begun").pk, edit)
    items.enter_number(row_of(run, "Memory").pk, 70, edit)
    return run


def row_of(run, text):
    return run.items.get(item__text=text)


def rewrite(checklist, ann, change):
    """Publish the text of the checklist with ``change`` made to its items."""
    text = texts.read_edition(checklist).text
    changed = replace(text, items=tuple(change(text.items)))
    return texts.publish_text(checklist, changed, seen=None, by=ann, now=NOW)


def shrink(found):
    """Leave the first three out, narrow the number, reword the last, add one."""
    *_, memory, stays = found
    return [
        replace(stays, text="Stays, in other words"),
        replace(memory, bounds={"hard_max": 60}),
        replace(stays, text="Brand new", reference=""),
    ]


def told(run):
    rows = run.items.order_by("pk").values_list("item__text", "state", "reason")
    return [tuple(row) for row in rows]


def test_an_open_run_follows_when_it_is_asked_to_and_keeps_its_story(run, ann):
    version = rewrite(run.checklist, ann, shrink)
    preview = preview_sync(run.checklist, now=NOW)
    assert (preview.number, len(preview.runs), preview.waiting) == (2, 1, [])
    assert [(step.text, step.fate) for step in preview.runs[0].steps] == [
        ("Stays, in other words", "kept"),
        ("Memory", "reopened"),
        ("Brand new", "added"),
        ("Done", "recorded"),
        ("Begun", "left_out"),
        ("Untouched", "dropped"),
    ]
    assert sync_runs(run.checklist, [run.pk], seen=2, by=ann, now=NOW + MINUTE) == 1
    run.refresh_from_db()
    assert run.version == version
    assert told(run) == [
        ("Done", "done", ""),
        ("Begun", "na", "Version 2 leaves it out."),
        ("Memory", "open", ""),
        ("Stays, in other words", "open", ""),
        ("Brand new", "open", ""),
    ]
    event = run.events.last()
    assert (event.verb, event.actor, event.before) == ("synced", ann, {"version": 1})
    assert event.after == {
        "version": 2,
        "added": ["Brand new"],
        "reopened": ["Memory"],
        "removed": ["Done", "Begun", "Untouched"],
    }
    assert check_seal(run.pk).first_broken is None
    assert AuditEntry.objects.filter(action="run.synced").count() == 1
    assert preview_sync(run.checklist, now=NOW).runs == []


def test_whoever_looks_at_the_old_words_has_to_look_again(run, ann):
    stays = row_of(run, "Stays")
    rewrite(run.checklist, ann, shrink)
    sync_runs(run.checklist, [run.pk], seen=None, by=ann, now=NOW)
    with pytest.raises(Conflict):
        items.tick_item(stays.pk, Edit(by=ann, now=NOW, version=stays.version))


def test_a_preview_of_an_older_version_brings_nothing(run, ann):
    rewrite(run.checklist, ann, shrink)
    rewrite(run.checklist, ann, lambda found: found[:1])
    with pytest.raises(Conflict, match="Version 3"):
        sync_runs(run.checklist, [run.pk], seen=2, by=ann, now=NOW)
    run.refresh_from_db()
    assert run.version.number == 1


def test_what_is_over_or_handed_in_or_not_chosen_stays_as_it_was(ann):
    checklist = make_checklist()
    open_due_runs(now=NOW + DAY)
    missed, still = checklist.runs.order_by("due_at")
    for row in still.items.all():
        items.tick_item(row.pk, Edit(by=ann, now=NOW + DAY))
    checklist.cadences.update(sign_off="one")
    hand_in_run(still.pk, by=ann, now=NOW + DAY)
    rewrite(checklist, ann, lambda found: found[:1])
    preview = preview_sync(checklist, now=NOW + DAY)
    assert (preview.runs, preview.waiting) == ([], [still])
    everything = [missed.pk, still.pk]
    args = {"seen": 2, "by": ann, "now": NOW + DAY}
    assert sync_runs(checklist, everything, **args) == 0
    Run.objects.filter(pk=still.pk).update(state="open")
    assert sync_runs(checklist, [missed.pk], **args) == 0
    assert sync_runs(checklist, everything, **args) == 1


def test_without_a_version_there_is_nothing_to_bring(ann):
    checklist = make_checklist()
    checklist.versions.update(status="archived")
    assert preview_sync(checklist, now=NOW).number == 0
    with pytest.raises(PortalError, match="no published version"):
        sync_runs(checklist, [], seen=None, by=ann, now=NOW)


def test_a_check_ticks_what_it_is_named_for_at_once(ann):
    check = make_check(make_service(slug="arq"))
    judge_check(check, "pass", NOW)
    run = open_run([ItemPlan(text="Lag")], service=check.service)
    rewrite(
        run.checklist,
        ann,
        lambda found: [replace(found[0], mode="auto", checks=("arq/lag",))],
    )
    sync_runs(run.checklist, [run.pk], seen=2, by=ann, now=NOW + MINUTE)
    assert row_of(run, "Lag").source == "auto"


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_asks_the_same_number_of_questions(
    ann, count, django_assert_num_queries
):
    checklist = make_checklist(catch_up="all")
    for day in range(count):
        open_due_runs(now=NOW + day * DAY)
    checklist.runs.update(
        state="open", outcome="", closed_at=None, closes_at=NOW + 9 * DAY
    )
    rewrite(checklist, ann, lambda found: found[:1])
    with django_assert_num_queries(6):
        assert len(preview_sync(checklist, now=NOW).runs) == count
