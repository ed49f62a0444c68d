"""What is forgotten, and what is said of it before."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import models

from checklists.models import (
    Attachment,
    Check,
    CheckDay,
    CheckResult,
    HeartbeatPing,
    Run,
    RunEvent,
    RunItem,
)
from checklists.services import retention
from checklists.services.attachments import Upload, attach_file
from checklists.services.checklists import ItemPlan
from checklists.services.heartbeats import create_heartbeat
from checklists.services.items import Edit
from checklists.services.retention import preview_purge, purge_results
from tests.factories.checklists import CheckDayFactory, CheckFactory, CheckResultFactory
from tests.factories.oncall import UserFactory
from tests.factories.runs import NOW, open_run

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = timedelta(minutes=10)


@pytest.fixture
def check(now):
    return CheckFactory(rolled_until=now)


def make_results(check, *moments):
    for at in moments:
        CheckResultFactory(check_ref=check, scheduled_for=at)


def left():
    return sorted(CheckResult.objects.values_list("scheduled_for", flat=True))


def test_the_last_48_hours_stay_whole(check, now):
    moments = [now - 48 * HOUR + n * TEN for n in range(6)]
    make_results(check, *moments, now - 49 * HOUR)
    assert purge_results(now=now) == 1
    assert left() == moments


def test_what_is_not_summed_up_stays(check, now):
    make_results(check, now - 60 * HOUR, now - 50 * HOUR)
    for rolled_until, count in ((None, 0), (now - 55 * HOUR, 1), (now, 1)):
        Check.objects.update(rolled_until=rolled_until)
        assert purge_results(now=now) == count
    assert left() == []


def test_steps_go_after_30_days_and_hours_after_two_years(check, now, settings):
    for age in (29, 31, 729, 731):
        CheckDayFactory(check_ref=check, on=(now - age * DAY).date(), fives=b"x")
    assert purge_results(now=now) == 4
    kept = CheckDay.objects.order_by("-on").values_list("on", "fives")
    assert [((now.date() - on).days, fives and bytes(fives)) for on, fives in kept] == [
        (29, b"x"),
        (31, None),
        (729, None),
    ]
    settings.KEEP_HOURS = 30 * DAY
    assert purge_results(now=now) == 2


def test_pings_stay_for_90_days(now):
    check = CheckFactory(kind="heartbeat", spec={})
    create_heartbeat(check, by=None, now=now - 100 * DAY)
    for age in (91, 89):
        HeartbeatPing.objects.create(
            heartbeat=check.heartbeat, at=now - age * DAY, kind="success"
        )
    assert purge_results(now=now) == 1
    assert HeartbeatPing.objects.get().at == now - 89 * DAY


def close(run, age):
    """Make it a run that was completed so long ago."""
    at = NOW - age
    Run.objects.filter(pk=run.pk).update(
        state="closed", outcome="completed", due_at=at, closed_at=at
    )


def attach(run, name):
    with time_machine.travel(NOW, tick=False):
        edit = Edit(by=UserFactory(team=run.team), now=NOW)
        upload = Upload(name, BytesIO(name.encode()))
        return attach_file(run.items.get().pk, upload, edit)


@pytest.mark.database
def test_runs_go_after_two_years_with_all_that_hangs_on_them():
    plan = [ItemPlan(text="Report", kind="file")]
    old, young = open_run(plan), open_run(plan)
    alone, shared = attach(old, "a"), attach(young, "b")
    close(old, 731 * DAY)
    close(young, 729 * DAY)
    assert (preview_purge(NOW)[-1].count, purge_results(now=NOW)) == (1, 1)
    assert list(Run.objects.all()) == [young]
    assert set(RunEvent.objects.values_list("run", flat=True)) == {young.pk}
    assert not default_storage.exists(alone.file.name)
    assert default_storage.exists(shared.file.name)


def test_a_file_that_hangs_on_a_younger_run_too_stays():
    plan = [ItemPlan(text="Report", kind="file")]
    old, young = open_run(plan), open_run(plan)
    kept = [attach(run, "same") for run in (old, young)][1]
    close(old, 731 * DAY)
    assert purge_results(now=NOW) == 1
    assert default_storage.exists(kept.file.name)


def test_what_was_completed_late_stays_with_its_period():
    run = open_run()
    close(run, 731 * DAY)
    Run.objects.update(closed_at=NOW - 729 * DAY)
    assert purge_results(now=NOW) == 0


def test_all_that_holds_on_to_a_run_is_known_to_go_with_it():
    holders = {
        relation.related_model
        for model in (Run, RunItem, RunEvent)
        for relation in model._meta.related_objects
        if relation.on_delete in {models.PROTECT, models.RESTRICT}
    }
    assert holders == {RunEvent, Attachment}


def test_a_sweep_ends_in_time_and_the_next_goes_on(check, now, monkeypatch):
    monkeypatch.setattr(retention, "MOST_ROWS", 3)
    monkeypatch.setattr(retention, "DELETE_BATCH", 2)
    make_results(check, *(now - 3 * DAY + n * TEN for n in range(6)))
    assert [purge_results(now=now) for _ in range(3)] == [4, 2, 0]


def test_a_preview_says_what_would_go_and_leaves_it(check, now):
    make_results(check, now - 3 * DAY, now - HOUR)
    CheckDayFactory(check_ref=check, on=(now - 800 * DAY).date(), fives=b"x")
    found = preview_purge(now)
    assert [(each.words, each.count) for each in found] == [
        ("single results", 1),
        ("days of five-minute steps", 1),
        ("days of hours", 1),
        ("reports of jobs", 0),
        ("closed runs", 0),
    ]
    assert found[0].before == now - 48 * HOUR
    assert CheckResult.objects.count() == 2


def test_the_command_says_what_would_go_before_it_forgets(check, now, capsys):
    make_results(check, now - 3 * DAY, now - 4 * DAY, now - HOUR)
    line = "        2  single results, kept for 2 d: before 2026-01-12 10:30 UTC"
    with time_machine.travel(now, tick=False):
        call_command("purge", "--dry-run")
        assert line in capsys.readouterr().out.splitlines()
        assert CheckResult.objects.count() == 3
        call_command("purge")
        assert capsys.readouterr().out.splitlines()[-1] == "        2  forgotten"
    assert CheckResult.objects.count() == 1
