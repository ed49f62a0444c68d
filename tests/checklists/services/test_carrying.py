"""New runs take over what the one before them left undone."""

import pytest

from checklists.models import Run
from checklists.services import items
from checklists.services.checklists import ItemPlan, publish_version
from checklists.services.events import check_seal
from checklists.services.generation import open_due_runs, start_ad_hoc_run
from checklists.services.items import Edit
from checklists.services.settling import settle_runs
from checklists.services.signing import hand_in_run, void_run
from checklists.services.syncing import sync_runs
from tests.factories.oncall import UserFactory
from tests.factories.runs import DAY, HOUR, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ann():
    return UserFactory(name="Engineer A")


def first_run(policy, **more):
    checklist = make_checklist(carry_over=policy, **more)
    open_due_runs(now=NOW)
    return checklist.runs.get()


def tick(run, text, ann):
    items.tick_item(run.items.get(item__text=text).pk, Edit(by=ann, now=NOW))


def next_run(run, days=1):
    settle_runs(now=NOW + days * DAY)
    open_due_runs(now=NOW + days * DAY)
    return run.checklist.runs.latest("opens_at")


def carried(run):
    """The text of each item with the period that first left it open."""
    rows = run.items.order_by("item__text")
    return list(rows.values_list("item__text", "carried_from__period_key"))


@pytest.mark.parametrize("policy", ["none", "link"])
def test_a_link_is_made_only_where_the_cadence_asks(policy):
    run = first_run(policy)
    after = next_run(run)
    assert after.carried_from == (run if policy == "link" else None)
    assert carried(after) == [("Look again", None), ("Look around", None)]


def test_open_items_are_marked_with_the_run_that_first_left_them(ann):
    run = first_run("copy")
    tick(run, "Look around", ann)
    second = next_run(run)
    assert second.carried_from == run
    assert carried(second) == [("Look again", "2026-01-14"), ("Look around", None)]
    event = second.events.last()
    assert (event.verb, event.after) == (
        "carried",
        {"from": "2026-01-14", "items": ["Look again"]},
    )
    assert check_seal(second.pk).first_broken is None
    third = next_run(second, days=2)
    assert carried(third) == [
        ("Look again", "2026-01-14"),
        ("Look around", "2026-01-15"),
    ]


def test_what_the_new_version_does_not_have_comes_along_as_it_was(ann):
    run = first_run("copy")
    publish_version(run.checklist, [ItemPlan(text="New")], by=None, now=NOW)
    after = next_run(run)
    assert carried(after) == [
        ("Look again", "2026-01-14"),
        ("Look around", "2026-01-14"),
        ("New", None),
    ]
    # It is no part of the version, so that no newer one takes it away.
    publish_version(run.checklist, [ItemPlan(text="Newer")], by=None, now=NOW)
    sync_runs(run.checklist, [after.pk], seen=3, by=ann, now=NOW + DAY)
    assert [text for text, _ in carried(after)] == [
        "Look again",
        "Look around",
        "Newer",
    ]


def test_after_downtime_the_items_know_when_they_were_first_left():
    run = first_run("copy")
    open_due_runs(now=NOW + 3 * DAY)
    runs = list(run.checklist.runs.order_by("opens_at"))
    assert [each.carried_from for each in runs] == [None, *runs[:-1]]
    assert {since for _, since in carried(runs[-1])} == {"2026-01-14"}
    assert runs[1].events.count() == 1
    assert runs[-1].events.count() == 2


def test_what_was_not_asked_for_is_not_carried():
    run = first_run("copy")
    run.items.filter(item__text="Look again").update(is_hidden=True)
    assert carried(next_run(run)) == [
        ("Look again", None),
        ("Look around", "2026-01-14"),
    ]


def test_a_finished_run_leaves_nothing(ann):
    run = first_run("copy")
    for row in run.items.all():
        items.tick_item(row.pk, Edit(by=ann, now=NOW))
    hand_in_run(run.pk, by=ann, now=NOW)
    assert next_run(run).carried_from is None


def test_a_run_that_was_struck_or_started_by_hand_is_passed_over(ann):
    run = first_run("link")
    second = next_run(run)
    void_run(second.pk, by=ann, reason="a mistake", now=NOW + DAY)
    start_ad_hoc_run(run.cadence_id, by=ann, now=NOW + DAY + HOUR)
    assert next_run(run, days=2).carried_from == run
    assert (
        Run.objects.filter(period_key__startswith="adhoc-").get().carried_from is None
    )
