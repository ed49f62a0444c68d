"""Reviewing runbooks again and again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError, Refused
from runbooks.models import Runbook
from runbooks.services import reviews
from runbooks.services.reviews import (
    mark_reviewed,
    remind_reviews,
    set_review_interval,
)
from runbooks.services.undoing import undo_apply
from tests.runbooks.conftest import KESTREL

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONTHLY = KESTREL + "\n*This runbook should be reviewed monthly.*\n"
DAY = timedelta(days=1)
APPLIED = datetime(2026, 1, 15, 12, tzinfo=UTC)
DUE = datetime(2026, 2, 15, 9, tzinfo=UTC)


def told():
    rows = Notification.objects.filter(topic__startswith="runbook:")
    return list(rows.order_by("pk"))


def test_the_runbook_s_own_rule_holds_until_people_say_otherwise(apply, manager):
    runbook = apply(MONTHLY, now=APPLIED).runbook
    assert (runbook.review_interval, runbook.reviewed_by) == ("monthly", manager)
    assert runbook.next_reminder_at == DUE
    set_review_interval(runbook, "", by=manager, now=APPLIED)
    runbook = apply(MONTHLY + "\n", runbook=runbook, now=APPLIED).runbook
    assert (runbook.review_interval, runbook.next_reminder_at) == ("", None)
    with pytest.raises(PortalError, match="monthly, quarterly"):
        set_review_interval(runbook, "often", by=manager, now=APPLIED)
    assert apply("# B\n").runbook.review_interval == ""
    assert AuditEntry.objects.filter(action="runbook.review_interval").count() == 1


def test_managers_are_reminded_when_it_is_due_and_then_weekly(apply, manager):
    runbook = apply(MONTHLY, now=APPLIED).runbook
    assert remind_reviews(now=DUE - timedelta(minutes=1)) == 0
    assert remind_reviews(now=DUE) == 1
    assert remind_reviews(now=DUE) == 0
    assert remind_reviews(now=DUE + 6 * DAY) == 0
    assert remind_reviews(now=DUE + 7 * DAY) == 1
    first, second = told()
    assert first.recipient == manager
    assert first.subject == "Review due: Kestrel Operations Runbook"
    assert "15 Jan 2026" in second.text
    mark_reviewed(runbook, by=manager, now=DUE + 8 * DAY)
    runbook.refresh_from_db()
    assert runbook.reviewed_on == date(2026, 2, 23)
    assert remind_reviews(now=DUE + 14 * DAY) == 0
    # After a long silence one message, not many.
    assert remind_reviews(now=DUE + 200 * DAY) == 1
    assert remind_reviews(now=DUE + 201 * DAY) == 0


def test_what_was_undone_is_neither_reviewed_nor_reminded_of(apply, manager):
    runbook = apply(MONTHLY, now=APPLIED).runbook
    undo_apply(runbook, by=manager, now=APPLIED)
    assert remind_reviews(now=DUE) == 0
    with pytest.raises(Refused, match="undone"):
        mark_reviewed(runbook, by=manager, now=DUE)
    again = apply(MONTHLY, runbook=runbook, now=DUE).runbook
    assert (again.archived_at, again.reviewed_on) == (None, DUE.date())


def test_a_reminder_that_somebody_was_faster_with_is_not_sent(
    apply, manager, monkeypatch
):
    runbook = apply(MONTHLY, now=APPLIED).runbook
    real = Runbook.objects.select_related("team").get(pk=runbook.pk)
    Runbook.objects.filter(pk=runbook.pk).update(next_reminder_at=DUE + DAY)
    assert reviews._remind(runbook.pk, DUE) == 0

    class Stale:
        def get(self, **_):
            return real

    monkeypatch.setattr(Runbook.objects, "select_related", lambda *_: Stale())
    assert reviews._remind(runbook.pk, DUE) == 0
    assert told() == []
