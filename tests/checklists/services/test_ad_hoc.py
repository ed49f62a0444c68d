"""Runs that a person starts, and checks that a person asks."""

from datetime import timedelta

import pytest

from checklists.models import Run
from checklists.services.cadences import CadencePlan, add_cadence, pause_cadence
from checklists.services.checklists import ItemPlan, create_checklist
from checklists.services.generation import open_due_runs, start_ad_hoc_run
from checklists.services.verifying import verify_item
from oncall.models import AuditEntry
from opsportal.kit.errors import PortalError, Refused
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import (
    HOUR,
    MINUTE,
    NOW,
    TIMING,
    make_check,
    make_checklist,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ann():
    return UserFactory()


def on_demand():
    return make_checklist(rule={"kind": "on_demand"}).cadences.get()


def test_a_run_is_started_and_due_as_long_after_as_it_opens_before(ann):
    cadence = on_demand()
    version = cadence.checklist.team.version
    assert open_due_runs(now=NOW) == 0
    run = start_ad_hoc_run(cadence.pk, by=ann, now=NOW)
    assert run.period_key == "adhoc-20260114T050000000000Z"
    assert (run.opens_at, run.due_at) == (NOW, NOW + 4 * HOUR)
    assert run.items.count() == 2
    assert run.events.get().verb == "opened"
    assert run.next_reminder_at is None
    assert AuditEntry.objects.filter(action="run.started", actor=ann).exists()
    cadence.checklist.team.refresh_from_db()
    assert cadence.checklist.team.version > version


def test_its_reminders_are_those_of_the_cadence(ann):
    rung = {"when": "before 30m", "to": ["assignee"]}
    cadence = make_checklist(rule={"kind": "on_demand"}, reminders=[rung])
    run = start_ad_hoc_run(cadence.cadences.get().pk, by=ann, now=NOW)
    assert run.next_reminder_at == run.due_at - timedelta(minutes=30)


def test_two_starts_are_two_runs(ann):
    cadence = on_demand()
    for minutes in range(2):
        start_ad_hoc_run(cadence.pk, by=ann, now=NOW + minutes * MINUTE)
    assert Run.objects.count() == 2


def test_a_load_test_starts_between_two_and_four_on_the_clock_of_its_cadence(ann):
    rule = {"kind": "on_demand", "starts_from": "02:00", "starts_until": "04:00"}
    cadence = make_checklist(rule=rule, time_zone="America/New_York").cadences.get()
    # 00:00 there
    with pytest.raises(
        Refused, match=r"from 02:00 to 04:00 .*, next on Wednesday at 02"
    ):
        start_ad_hoc_run(cadence.pk, by=ann, now=NOW)
    assert Run.objects.count() == 0
    run = start_ad_hoc_run(cadence.pk, by=ann, now=NOW + 3 * HOUR)
    assert (run.opens_at, run.due_at) == (NOW + 3 * HOUR, NOW + 4 * HOUR)
    with pytest.raises(Refused, match="next on Thursday at 02:00"):
        start_ad_hoc_run(cadence.pk, by=ann, now=NOW + 4 * HOUR)


def test_a_paused_cadence_starts_nothing(ann):
    cadence = on_demand()
    pause_cadence(cadence, paused=True, by=ann, now=NOW)
    with pytest.raises(Refused, match="resume it first"):
        start_ad_hoc_run(cadence.pk, by=ann, now=NOW)


def test_without_a_published_version_nothing_starts(ann):
    checklist = create_checklist(
        TeamFactory(), slug="empty", name="Empty", by=None, now=NOW
    )
    plan = CadencePlan(rule={"kind": "on_demand"}, timing=TIMING, time_zone="UTC")
    cadence = add_cadence(checklist, plan, by=None, now=NOW)
    with pytest.raises(PortalError, match="no published version"):
        start_ad_hoc_run(cadence.pk, by=ann, now=NOW)


def test_verifying_looks_at_every_check_and_ticks():
    service = make_service()
    checks = tuple(
        make_check(
            service,
            slug=f"check-{number}",
            spec={"source": "alert_rate"},
            condition="value <= 50",
            recover_after=1,
        )
        for number in range(2)
    )
    plan = [ItemPlan(text="Storm", mode="auto", checks=checks), ItemPlan(text="Read")]
    run = open_run(plan, service=service)
    item = run.items.get(item__text="Storm")
    after = verify_item(item.pk, now=NOW + MINUTE)
    assert (after.state, after.source) == ("done", "auto")


def test_an_item_without_checks_has_nothing_to_verify():
    item = open_run().items.first()
    with pytest.raises(Refused, match="No check watches"):
        verify_item(item.pk, now=NOW)
