"""What people do to items."""

import pytest

from checklists.domain.event_chain import Link, verify
from checklists.models import ChecklistItem, RunEvent
from checklists.services import items
from checklists.services.checklists import ItemPlan
from checklists.services.events import chained_fields
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from opsportal.kit.errors import Conflict, Refused
from tests.factories.oncall import UserFactory
from tests.factories.runs import (
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MODE = ChecklistItem.Mode


@pytest.fixture
def ann():
    return UserFactory(name="Engineer A")


def watched_run(mode=MODE.AUTO, **more):
    """A run with one item that a check watches, and one for people."""
    check = make_check(make_service())
    plan = [
        ItemPlan(text="Lag", mode=mode, checks=(check,), **more),
        ItemPlan(text="Read"),
    ]
    run = open_run(plan, service=check.service)
    return run, run.items.get(item__text="Lag"), check


def test_a_tick_is_kept_with_who_and_when_and_an_event(ann):
    run = open_run()
    item = run.items.first()
    items.tick_item(item.pk, Edit(by=ann, now=NOW + MINUTE, version=0, note="fine"))
    item.refresh_from_db()
    assert (item.state, item.source, item.done_by, item.version) == (
        "done",
        "human",
        ann,
        1,
    )
    event = run.events.last()
    assert (event.verb, event.actor, event.after["note"]) == ("ticked", ann, "fine")


def test_the_second_of_two_edits_gets_the_others_value(ann):
    item = open_run().items.first()
    items.tick_item(item.pk, Edit(by=ann, now=NOW, version=0))
    with pytest.raises(Conflict) as caught:
        items.mark_item_na(
            item.pk, Edit(by=UserFactory(), now=NOW, version=0, reason="not today")
        )
    assert caught.value.current.done_by == ann
    assert "Engineer A" in caught.value.message


def test_a_passing_check_ticks_its_item(ann):
    run, item, check = watched_run()
    judge_check(check, "pass", NOW + MINUTE, summary="42 ms < 100 ms")
    assert reconcile_run(run.pk, now=NOW + MINUTE)
    item.refresh_from_db()
    assert (item.state, item.source, item.evidence) == (
        "done",
        "auto",
        "42 ms < 100 ms",
    )
    assert not reconcile_run(run.pk, now=NOW + MINUTE)


def test_a_check_that_fails_after_its_tick_takes_it_back():
    run, item, check = watched_run()
    judge_check(check, "pass", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    judge_check(check, "fail", NOW + 3 * MINUTE)
    reconcile_run(run.pk, now=NOW + 3 * MINUTE)
    item.refresh_from_db()
    assert (item.state, item.attention) == ("open", "failing")


def test_unknown_never_ticks():
    run, item, check = watched_run()
    judge_check(check, "unknown", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    item.refresh_from_db()
    assert (item.state, item.attention) == ("open", "stale")


def test_an_untick_holds_the_item_until_it_is_released(ann):
    run, item, check = watched_run()
    judge_check(check, "pass", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    items.untick_item(item.pk, Edit(by=ann, now=NOW + MINUTE))
    reconcile_run(run.pk, now=NOW + MINUTE)
    item.refresh_from_db()
    assert (item.state, item.is_held) == ("open", True)
    items.release_item(item.pk, Edit(by=ann, now=NOW + MINUTE))
    reconcile_run(run.pk, now=NOW + MINUTE)
    item.refresh_from_db()
    assert item.state == "done"


def test_ticking_over_a_failing_check_needs_a_reason(ann):
    run, item, check = watched_run()
    judge_check(check, "fail", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    with pytest.raises(Refused, match="at least 10 characters"):
        items.tick_item(item.pk, Edit(by=ann, now=NOW + MINUTE))
    reason = "known, ticket is open"
    items.tick_item(item.pk, Edit(by=ann, now=NOW + MINUTE, reason=reason))
    item.refresh_from_db()
    assert (item.state, item.overridden_by, item.reason) == ("done", ann, reason)


def test_a_failure_after_a_persons_tick_contradicts_it_until_accepted(ann):
    run, item, check = watched_run(mode=MODE.ASSISTED)
    items.tick_item(item.pk, Edit(by=ann, now=NOW + MINUTE))
    judge_check(check, "fail", NOW + 2 * MINUTE)
    reconcile_run(run.pk, now=NOW + 2 * MINUTE)
    item.refresh_from_db()
    assert (item.state, item.attention) == ("done", "contradicted")
    edit = Edit(by=ann, now=NOW + 3 * MINUTE, reason="the replica is rebuilt")
    items.accept_contradiction(item.pk, edit)
    item.refresh_from_db()
    assert item.attention == "none"


def test_numbers_have_bounds(ann):
    plan = ItemPlan(
        text="Load",
        kind="number",
        bounds={"hard_min": 0, "warn_max": 80, "unit": "%"},
    )
    item = open_run([plan]).items.get()
    with pytest.raises(Refused, match="at least 0 %"):
        items.enter_number(item.pk, -1, Edit(by=ann, now=NOW))
    with pytest.raises(Refused, match="add a note"):
        items.enter_number(item.pk, 91.5, Edit(by=ann, now=NOW))
    items.enter_number(item.pk, 91.5, Edit(by=ann, now=NOW, note="load test"))
    item.refresh_from_db()
    assert (item.state, item.value) == ("done", "91.5")


def test_a_link_item_takes_a_link(ann):
    item = open_run([ItemPlan(text="Share", kind="link")]).items.get()
    with pytest.raises(Refused, match="https://"):
        items.enter_value(item.pk, "javascript:alert(1)", Edit(by=ann, now=NOW))
    items.enter_value(item.pk, "https://example.org/notes", Edit(by=ann, now=NOW))
    item.refresh_from_db()
    assert item.value == "https://example.org/notes"


def test_an_item_that_needs_a_note_is_not_ticked_without_one(ann):
    item = open_run([ItemPlan(text="Slow", needs_note=True)]).items.get()
    with pytest.raises(Refused, match="needs a note"):
        items.tick_item(item.pk, Edit(by=ann, now=NOW))
    items.write_note(item.pk, Edit(by=ann, now=NOW, note="two queries"))
    items.tick_item(item.pk, Edit(by=ann, now=NOW))
    item.refresh_from_db()
    assert (item.state, item.note) == ("done", "two queries")


def test_left_out_with_a_reason(ann):
    item = open_run().items.first()
    items.mark_item_na(item.pk, Edit(by=ann, now=NOW, reason="no backups today"))
    item.refresh_from_db()
    assert (item.state, item.reason) == ("na", "no backups today")


def test_the_events_of_a_run_are_a_chain_that_an_edit_breaks(ann):
    run = open_run()
    for item in run.items.all():
        items.tick_item(item.pk, Edit(by=ann, now=NOW))

    def links():
        rows = RunEvent.objects.filter(run=run).order_by("number")
        return [Link(chained_fields(row), row.prev_hash, row.hash) for row in rows]

    assert len(links()) == 3
    assert verify(links()) is None
    forged = links()
    forged[1] = Link({**forged[1].event, "verb": "unticked"}, *_hashes(forged[1]))
    assert verify(forged) == 1


def _hashes(link):
    return link.prev_hash, link.hash
