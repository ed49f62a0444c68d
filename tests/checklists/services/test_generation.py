"""Opening runs."""

from datetime import timedelta

import pytest

from checklists.models import Cadence, Run, RunItem
from checklists.services.cadences import (
    CadencePlan,
    add_cadence,
    change_cadence,
    pause_cadence,
)
from checklists.services.checklists import ItemPlan, create_checklist, publish_version
from checklists.services.generation import open_due_runs
from opsportal.kit.errors import PortalError
from tests.factories.oncall import TeamFactory
from tests.factories.runs import (
    DAY,
    DUE,
    HOUR,
    MINUTE,
    NOW,
    TIMING,
    make_checklist,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def keys_of(checklist):
    return list(
        checklist.runs.order_by("opens_at").values_list("period_key", flat=True)
    )


def test_a_daily_cadence_opens_one_run_a_day_with_all_its_items():
    checklist = make_checklist()
    assert open_due_runs(now=NOW) == 1
    run = checklist.runs.get(period_key="2026-01-14")
    assert (run.opens_at, run.due_at) == (NOW, DUE)
    assert [item.item.text for item in run.items.all()] == ["Look around", "Look again"]
    assert [event.verb for event in run.events.all()] == ["opened"]


def test_a_second_sweep_opens_nothing():
    make_checklist()
    open_due_runs(now=NOW)
    assert open_due_runs(now=NOW) == 0
    assert open_due_runs(now=NOW + MINUTE) == 0


def test_after_downtime_every_lost_period_has_a_row_and_only_today_is_open():
    checklist = make_checklist()
    open_due_runs(now=NOW + 3 * DAY)
    assert keys_of(checklist) == [
        "2026-01-14",
        "2026-01-15",
        "2026-01-16",
        "2026-01-17",
    ]
    lost = checklist.runs.filter(period_key="2026-01-15").get()
    assert (lost.state, lost.outcome, lost.cause) == ("closed", "missed", "system")
    today = checklist.runs.get(period_key="2026-01-17")
    assert (today.state, today.missed_at) == ("open", None)


def test_the_latest_policy_opens_only_the_newest_of_the_lost_periods():
    checklist = make_checklist(catch_up="latest")
    open_due_runs(now=NOW + 3 * DAY)
    assert keys_of(checklist)[-1] == "2026-01-17"
    assert "2026-01-15" not in keys_of(checklist)


def test_a_cadence_that_is_added_while_its_window_is_open_opens_at_once():
    checklist = make_checklist()
    later = NOW + HOUR
    plan = CadencePlan(
        rule={"kind": "weekdays"}, timing=TIMING, time_zone="Europe/Berlin"
    )
    cadence = add_cadence(checklist, plan, by=None, now=later)
    assert cadence.runs.get().period_key == "2026-01-14"


def test_a_cadence_without_a_published_version_waits_for_one():
    team = TeamFactory()
    checklist = create_checklist(team, slug="empty", name="Empty", by=None, now=NOW)
    plan = CadencePlan(rule={"kind": "daily"}, timing=TIMING, time_zone="Europe/Berlin")
    add_cadence(checklist, plan, by=None, now=NOW)
    open_due_runs(now=NOW + HOUR)
    assert not checklist.runs.exists()
    publish_version(checklist, [ItemPlan(text="One")], by=None, now=NOW + HOUR)
    assert keys_of(checklist) == ["2026-01-14"]


def test_an_edit_keeps_the_runs_that_exist():
    checklist = make_checklist()
    open_due_runs(now=NOW)
    cadence = checklist.cadences.get()
    plan = CadencePlan(
        rule={"kind": "daily"},
        timing={**TIMING, "due_time": "12:00"},
        time_zone="Europe/Berlin",
    )
    change_cadence(cadence, plan, by=None, now=NOW)
    open_due_runs(now=NOW + DAY + 3 * HOUR)
    dues = dict(checklist.runs.values_list("period_key", "due_at"))
    assert dues["2026-01-14"] == DUE
    assert dues["2026-01-15"] == DUE + DAY + timedelta(hours=2)


def test_a_pause_opens_nothing_and_its_periods_are_not_caught_up():
    checklist = make_checklist()
    cadence = checklist.cadences.get()
    pause_cadence(cadence, paused=True, by=None, now=NOW)
    assert open_due_runs(now=NOW + 2 * DAY) == 0
    pause_cadence(cadence, paused=False, by=None, now=NOW + 5 * DAY + 12 * HOUR)
    assert keys_of(checklist) == []
    open_due_runs(now=NOW + 6 * DAY)
    assert keys_of(checklist) == ["2026-01-20"]


@pytest.mark.parametrize(
    ("field", "plan"),
    [
        ("kind", {"rule": {"kind": "sometimes"}}),
        ("due_time", {"timing": {**TIMING, "due_time": "25:00"}}),
        ("[0].to", {"reminders": [{"when": "at due", "to": []}]}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
    ],
)
def test_a_plan_that_cannot_be_used_names_its_field(field, plan):
    whole = {"rule": {"kind": "daily"}, "timing": TIMING, "time_zone": "UTC", **plan}
    with pytest.raises(PortalError) as caught:
        add_cadence(make_checklist(), CadencePlan(**whole), by=None, now=NOW)
    assert caught.value.field == field


def test_runs_that_were_missed_but_can_still_be_done_stay_open():
    checklist = make_checklist()
    open_due_runs(now=DUE + HOUR)
    run = checklist.runs.get(period_key="2026-01-14")
    assert (run.state, run.cause, run.next_event_at) == (
        "open",
        "system",
        run.closes_at,
    )
    assert run.missed_at is not None


def test_nothing_is_lost_when_the_version_changes_under_an_open_run():
    run = open_run()
    publish_version(run.checklist, [ItemPlan(text="New")], by=None, now=NOW)
    assert RunItem.objects.filter(run=run).count() == 2
    assert Cadence.objects.get().runs.count() == Run.objects.count()
