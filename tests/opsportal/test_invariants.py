"""Each invariant holds in a lived-in database and catches what breaks it."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from checklists.models import CheckResult, Run, RunEvent, RunItem
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from oncall.models import AuditEntry, Notification
from opsportal.invariants import INVARIANTS, find_violations
from opsportal.kit import append_only
from tests.factories.incidents import AlertFactory
from tests.factories.oncall import NotificationFactory, UserFactory
from tests.factories.runs import (
    HOUR,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SENTENCES = [one.sentence for one in INVARIANTS]


@pytest.fixture
def run():
    """A run with one item that ticked itself and one that a person ticked."""
    service = make_service()
    check = make_check(service)
    judge_check(check, "pass", NOW)
    plans = [
        ItemPlan(text="The queue is short", mode="auto", checks=(check,)),
        ItemPlan(text="Look around"),
    ]
    run = open_run(plans, service=service)
    user = UserFactory(team=run.team)
    last = run.items.get(item__text="Look around")
    items.tick_item(last.pk, Edit(by=user, version=last.version, now=NOW + MINUTE))
    signing.hand_in_run(run.pk, by=user, now=NOW + HOUR)
    run.refresh_from_db()
    return run


def broken(now=NOW):
    return {key: rows for key, rows in find_violations(now=now).items() if rows}


def drop(table, constraint):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps its constraints inside the table")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def test_what_the_services_wrote_keeps_every_promise(run):
    AlertFactory()
    NotificationFactory()
    assert find_violations(now=NOW) == {sentence: [] for sentence in SENTENCES}
    assert run.items.get(source="auto").evidence == "it is pass"


def test_a_dropped_constraint_and_the_second_run_that_it_let_in(run):
    drop("checklists_run", "checklists_one_run_a_period")
    key, period = run.cadence_id, run.period_key
    run.pk = None
    run.save()
    found = broken()
    assert found[SENTENCES[0]] == ["constraint checklists_one_run_a_period"]
    assert found["A period has one run"] == [f"period {key} {period}: 2 times"]
    assert found["The story of every run is whole"] == [f"run {run.pk}: no event"]


def test_a_dropped_trigger():
    on_table = " ON oncall_auditentry" if connection.vendor == "postgresql" else ""
    name = "append_only" if on_table else "no_delete"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER oncall_auditentry_{name}{on_table}")
    assert broken() == {SENTENCES[0]: ["trigger of oncall_auditentry"]}


def test_two_results_of_one_slot():
    drop("checklists_checkresult", "checklists_one_result_a_slot")
    check = make_check(make_service())
    for _ in range(2):
        CheckResult.objects.create(
            check_ref=check, scheduled_for=NOW, observed_at=NOW, outcome="pass"
        )
    assert len(broken()["A slot of a check has one result"]) == 1


def test_a_closed_run_without_an_outcome(run):
    drop("checklists_run", "checklists_closed_run_has_outcome")
    Run.objects.filter(pk=run.pk).update(outcome="")
    assert broken()["A closed run has an outcome"] == [f"run {run.pk}"]


def test_a_completed_run_with_a_gap(run):
    run.items.filter(item__text="Look around").update(state="open")
    assert broken() == {"A completed run has no gap": [f"run {run.pk}"]}


@pytest.mark.parametrize("lost", [{"evidence": ""}, {"evidence_at": None}])
def test_a_tick_without_evidence(run, lost):
    ticked = RunItem.objects.filter(run=run, source="auto")
    ticked.update(evidence_result=None, **lost)
    assert broken() == {"What ticked itself has evidence": [f"item {ticked.get().pk}"]}


def test_leases_that_nobody_took_over():
    row = NotificationFactory(
        state="leased", lease_token=uuid4(), lease_until=NOW, next_try_at=None
    )
    check = make_check(make_service(), lease_token=uuid4(), lease_until=NOW)
    assert broken(NOW + timedelta(seconds=15)) == {}
    assert broken(NOW + MINUTE) == {
        "No lease is older than twice its length": [
            f"notification {row.pk}",
            f"check {check.pk}",
        ]
    }


def test_messages_that_end_nowhere():
    lead = NotificationFactory(state="sent", sent_at=NOW, next_try_at=None)
    bundled = {"state": "bundled", "sent_at": NOW, "next_try_at": None}
    NotificationFactory(bundled_into=lead, **bundled)
    NotificationFactory(state="cancelled", last_error="the run closed")
    lost = [
        NotificationFactory(next_try_at=None),
        NotificationFactory(**bundled),
        NotificationFactory(state="failed"),
    ]
    assert broken() == {
        "Every message ends somewhere": [f"notification {row.pk}" for row in lost]
    }


def test_an_attempt_that_is_not_counted():
    row = NotificationFactory()
    row.tries.create(number=1, started_at=NOW)
    assert broken() == {"Every attempt is counted": [f"notification {row.pk}"]}
    Notification.objects.update(attempts=1)
    assert broken() == {}


def test_an_event_that_was_edited_and_one_that_was_removed(run):
    other = open_run()
    with append_only.lifted():
        RunEvent.objects.filter(run=run, number=2).update(reason="because")
        RunEvent.objects.filter(run=other).delete()
    assert broken() == {
        "The story of every run is whole": [
            f"run {other.pk}: no event",
            f"run {run.pk}: event 2",
        ]
    }


def test_an_audit_entry_that_was_edited(run):
    first = AuditEntry.objects.order_by("pk").first()
    with append_only.lifted():
        AuditEntry.objects.filter(pk=first.pk).update(actor_label="nobody")
    said = f"entry {first.pk} of {first.at:%Y-%m-%d %H:%M:%S} UTC"
    (found,) = broken()["The audit log is whole"]
    assert found == f"{said}: {first.action} {first.target}"


def test_an_audit_log_that_lost_its_end(run):
    with append_only.lifted():
        AuditEntry.objects.order_by("pk").last().delete()
    assert broken() == {"The audit log is whole": ["the end of the log was removed"]}


def test_the_command_counts_and_names_and_fails(run):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert len(out.getvalue().splitlines()) == len(INVARIANTS)
    assert {line.split()[0] for line in out.getvalue().splitlines()} == {"0"}

    for _ in range(7):
        NotificationFactory(next_try_at=None)
    out = StringIO()
    with pytest.raises(CommandError, match=r"^7 violations") as raised:
        call_command("check_invariants", stdout=out)
    assert raised.value.returncode == 1
    assert "      7  Every message ends somewhere" in out.getvalue()
    assert "and 2 more" in out.getvalue()
