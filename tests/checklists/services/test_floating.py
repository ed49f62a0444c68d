"""Runs that are counted from the last completion."""

import pytest

from checklists.services import items
from checklists.services.cadences import CadencePlan, change_cadence, pause_cadence
from checklists.services.checklists import ItemPlan, publish_version
from checklists.services.generation import open_due_runs, start_ad_hoc_run
from checklists.services.items import Edit
from checklists.services.settling import settle_runs
from checklists.services.signing import hand_in_run
from tests.factories.oncall import UserFactory
from tests.factories.runs import DAY, DUE, HOUR, MINUTE, NOW, TIMING, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
RULE = {"kind": "floating", "days_after": 3}


@pytest.fixture
def ann():
    return UserFactory()


@pytest.fixture
def checklist():
    """It was added on 14 January, so that its first run is due on the 17th."""
    return make_checklist(rule=RULE)


def keys_of(checklist):
    return list(
        checklist.runs.order_by("opens_at").values_list("period_key", flat=True)
    )


def complete(run, by, now):
    for row in run.items.all():
        items.tick_item(row.pk, Edit(by=by, now=now))
    hand_in_run(run.pk, by=by, now=now)


def opening(checklist):
    return checklist.cadences.get().next_open_at


def test_the_next_one_is_counted_from_the_completion(checklist, ann):
    assert opening(checklist) == NOW + 3 * DAY
    open_due_runs(now=NOW + 3 * DAY)
    assert keys_of(checklist) == ["2026-01-17#1"]
    assert opening(checklist) is None
    open_due_runs(now=NOW + 3 * DAY + HOUR)
    # Done a day late, so that the next comes a day later too.
    complete(checklist.runs.get(), ann, NOW + 3 * DAY + 10 * HOUR)
    assert opening(checklist) == NOW + 6 * DAY
    open_due_runs(now=NOW + 6 * DAY)
    assert keys_of(checklist) == ["2026-01-17#1", "2026-01-20#2"]


def test_one_that_was_missed_counts_from_its_end(checklist):
    open_due_runs(now=NOW + 3 * DAY)
    settle_runs(now=DUE + 5 * DAY)
    run = checklist.runs.get()
    assert run.outcome == "missed"
    # It closed at midnight, which is the 18th in Berlin.
    assert opening(checklist) == NOW + 7 * DAY


def test_after_downtime_there_is_one_lost_run_and_not_many(checklist):
    now = NOW + 40 * DAY
    assert open_due_runs(now=now) == 1
    assert checklist.runs.get().cause == "system"
    assert opening(checklist) == NOW + 43 * DAY


def test_what_is_not_caught_up_begins_anew(checklist):
    checklist.cadences.update(catch_up="none")
    assert open_due_runs(now=NOW + 40 * DAY) == 0
    assert opening(checklist) == NOW + 43 * DAY


def test_a_run_by_hand_counts_as_a_completion(checklist, ann):
    cadence = checklist.cadences.get()
    run = start_ad_hoc_run(cadence.pk, by=ann, now=NOW + DAY)
    complete(run, ann, NOW + DAY + MINUTE)
    assert opening(checklist) == NOW + 4 * DAY
    open_due_runs(now=NOW + 4 * DAY)
    assert keys_of(checklist)[-1] == "2026-01-18#1"


def test_a_pause_begins_anew_and_nothing_opens_in_it(checklist, ann):
    open_due_runs(now=NOW + 3 * DAY)
    cadence = checklist.cadences.get()
    pause_cadence(cadence, paused=True, by=ann, now=NOW + 3 * DAY)
    complete(checklist.runs.get(), ann, NOW + 3 * DAY + HOUR)
    assert opening(checklist) is None
    cadence.refresh_from_db()
    pause_cadence(cadence, paused=False, by=ann, now=NOW + 60 * DAY)
    assert opening(checklist) == NOW + 63 * DAY


def test_a_fixed_cadence_that_is_made_floating_goes_on_from_its_last_run(ann):
    checklist = make_checklist()
    open_due_runs(now=NOW)
    plan = CadencePlan(rule=RULE, timing=TIMING, time_zone="Europe/Berlin")
    change_cadence(checklist.cadences.get(), plan, by=ann, now=NOW)
    assert opening(checklist) is None
    publish_version(checklist, [ItemPlan(text="New")], by=ann, now=NOW)
    complete(checklist.runs.get(), ann, DUE)
    assert opening(checklist) == NOW + 3 * DAY
