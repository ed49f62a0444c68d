"""Handing in, signing off, closing."""

import pytest
from django.db import DatabaseError, transaction

from checklists.models import ChecklistItem, RunEvent
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from checklists.services.settling import settle_run, settle_runs
from oncall.models import AuditEntry, Notification
from opsportal.kit.append_only import lifted
from opsportal.kit.errors import Refused
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.factories.runs import (
    DUE,
    HOUR,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tick_all(run, by, now=NOW):
    for item in run.items.filter(state="open"):
        items.tick_item(item.pk, Edit(by=by, now=now))


def test_handing_in_needs_every_required_item():
    run, ann = open_run(), UserFactory()
    with pytest.raises(Refused, match="2 required items are open"):
        signing.hand_in_run(run.pk, by=ann, now=NOW)
    tick_all(run, ann)
    closed = signing.hand_in_run(run.pk, by=ann, now=NOW + MINUTE)
    assert (closed.state, closed.outcome, closed.completed_by) == (
        "closed",
        "completed",
        ann,
    )
    assert closed.next_event_at is None


def test_a_closed_run_cannot_be_changed():
    run, ann = open_run(), UserFactory()
    tick_all(run, ann)
    signing.hand_in_run(run.pk, by=ann, now=NOW)
    with pytest.raises(Refused, match="closed"):
        items.untick_item(run.items.first().pk, Edit(by=ann, now=NOW))
    with pytest.raises(Refused, match="closed"):
        signing.skip_run(run.pk, by=ann, reason="why not", now=NOW)


def test_two_people_sign_where_the_cadence_asks_for_it():
    run, ann, ben = open_run(sign_off="two"), UserFactory(), UserFactory()
    tick_all(run, ann)
    assert signing.hand_in_run(run.pk, by=ann, now=NOW).state == "awaiting_signoff"
    with pytest.raises(Refused, match="somebody else"):
        signing.sign_off_run(run.pk, by=ann, now=NOW)
    signed = signing.sign_off_run(run.pk, by=ben, now=NOW)
    assert (signed.outcome, signed.signed_by) == ("completed", ben)


def test_a_rejected_run_is_open_again():
    run, ann, ben = open_run(sign_off="one"), UserFactory(), UserFactory()
    tick_all(run, ann)
    signing.hand_in_run(run.pk, by=ann, now=NOW)
    rejected = signing.reject_run(run.pk, by=ben, reason="look at lag", now=NOW)
    assert (rejected.state, rejected.reason) == ("open", "look at lag")


def test_signing_looks_at_every_automatic_tick_once_more():
    check = make_check(make_service())
    plan = [
        ItemPlan(text="Lag", mode=ChecklistItem.Mode.AUTO, checks=(check,)),
        ItemPlan(text="Read"),
    ]
    run = open_run(plan, service=check.service, sign_off="one")
    ann = UserFactory()
    judge_check(check, "pass", NOW)
    reconcile_run(run.pk, now=NOW)
    tick_all(run, ann)
    signing.hand_in_run(run.pk, by=ann, now=NOW)
    later = signing.sign_off_run(run.pk, by=ann, now=NOW + HOUR)
    assert later.state == "open"
    assert run.items.get(item__text="Lag").attention == "stale"


def test_a_run_in_which_all_ticks_itself_closes_by_itself_and_says_so():
    check = make_check(make_service())
    plan = [ItemPlan(text="Lag", mode=ChecklistItem.Mode.AUTO, checks=(check,))]
    run = open_run(plan, service=check.service)
    ChannelFactory(team=run.team)
    judge_check(check, "pass", NOW)
    assert reconcile_run(run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.outcome, run.completed_by) == ("completed", None)
    assert Notification.objects.get().subject.endswith("is complete")


def test_a_complete_run_that_nobody_handed_in_is_handed_in_when_due():
    run, ann = open_run(), UserFactory()
    tick_all(run, ann)
    assert settle_runs(now=DUE - MINUTE) == 0
    assert settle_runs(now=DUE) == 1
    run.refresh_from_db()
    assert (run.outcome, run.missed_at) == ("completed", None)


def test_grace_stamps_missed_once_and_a_late_completion_keeps_it():
    run, ann = open_run(), UserFactory()
    settle_runs(now=DUE)
    settle_runs(now=DUE + HOUR)
    run.refresh_from_db()
    assert (run.state, run.missed_at, run.cause) == (
        "open",
        run.grace_until,
        "people",
    )
    tick_all(run, ann, now=DUE + 2 * HOUR)
    late = signing.hand_in_run(run.pk, by=ann, now=DUE + 2 * HOUR)
    assert (late.outcome, late.missed_at) == ("completed", run.grace_until)


def test_an_open_run_closes_as_missed_and_settles_only_once():
    run = open_run()
    assert settle_runs(now=run.closes_at) == 1
    assert settle_runs(now=run.closes_at) == 0
    run.refresh_from_db()
    assert (run.state, run.outcome, run.closed_at) == (
        "closed",
        "missed",
        run.closes_at,
    )


@pytest.mark.parametrize("act", [signing.skip_run, signing.void_run])
def test_leaving_a_run_out_needs_a_reason_and_is_audited(act):
    run, ann = open_run(), UserFactory()
    with pytest.raises(Refused, match="reason"):
        act(run.pk, by=ann, reason=" ", now=NOW)
    ended = act(run.pk, by=ann, reason="public holiday", now=NOW)
    assert ended.outcome in {"skipped", "void"}
    assert AuditEntry.objects.filter(target=f"checklists.run:{run.pk}").count() == 1


def test_the_database_refuses_to_change_the_story_of_a_run():
    run = open_run()
    event = RunEvent.objects.get(run=run)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RunEvent.objects.filter(pk=event.pk).update(verb="forged")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RunEvent.objects.filter(pk=event.pk).delete()
    with lifted():
        assert RunEvent.objects.filter(pk=event.pk).delete()[0] == 1


def watched_run(**more):
    check = make_check(make_service())
    plan = [ItemPlan(text="Lag", mode=ChecklistItem.Mode.AUTO, checks=(check,))]
    return open_run(plan, service=check.service, **more), check


def test_a_closed_run_learns_nothing_more():
    run, check = watched_run()
    signing.skip_run(run.pk, by=UserFactory(), reason="public holiday", now=NOW)
    judge_check(check, "pass", NOW)
    assert not reconcile_run(run.pk, now=NOW)
    assert not settle_run(run.pk, now=run.closes_at)


def test_a_run_that_waits_for_sign_off_is_not_handed_in_twice():
    run, check = watched_run(sign_off="one")
    judge_check(check, "pass", NOW)
    assert reconcile_run(run.pk, now=NOW)
    run.refresh_from_db()
    assert run.state == "awaiting_signoff"
    assert not reconcile_run(run.pk, now=NOW)


def test_a_run_that_completes_while_it_is_settled_is_not_stamped():
    run, check = watched_run()
    judge_check(check, "pass", DUE)
    assert settle_run(run.pk, now=DUE)
    run.refresh_from_db()
    assert (run.outcome, run.missed_at) == ("completed", None)
