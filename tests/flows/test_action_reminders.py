"""Reminders of overdue action items: one a day arrives, whatever mail does."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import ActionItem
from incidents.services.action_reminders import remind_of_actions
from oncall.models import Notification
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# 1,000 items over 30 days is the goal; the default keeps the suite quick.
ITEMS = int(os.environ.get("OPSPORTAL_REMINDED_ITEMS", "6"))
DAYS = int(os.environ.get("OPSPORTAL_REMINDED_DAYS", "3"))
MIDNIGHT = datetime(2026, 1, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_each_overdue_item_reminds_once_a_day_though_one_mail_in_five_fails():
    team = TeamFactory(time_zone="UTC")
    incident = IncidentFactory(
        service=ServiceFactory(team=team), status="closed", closed_at=MIDNIGHT
    )
    owners = UserFactory.create_batch(3, team=team)
    for number in range(ITEMS):
        ActionItemFactory(
            incident=incident,
            owner=owners[number % len(owners)],
            due_on=MIDNIGHT.date() - timedelta(days=1),
            next_reminder_at=MIDNIGHT + 9 * HOUR,
        )
    sent: Counter[tuple[str, object]] = Counter()
    for day in range(DAYS):
        # At nine it is queued, at ten what failed goes again, at noon that is counted.
        for hour in (9, 10, 12):
            now = MIDNIGHT + day * 24 * HOUR + hour * HOUR
            while remind_of_actions(now=now):
                pass
            send_mail(now, sent)
    assert len(sent) == ITEMS * DAYS
    assert set(sent.values()) == {1}
    assert set(ActionItem.objects.values_list("reminders_sent", flat=True)) == {DAYS}


def send_mail(now, sent):
    """Send what waits; the first try of every fifth message fails for good."""
    waiting = Notification.objects.filter(state="pending").order_by("pk")
    for row in waiting:
        is_first = row.dedupe_key.split(":")[-2] == "1"
        row.state = "failed" if is_first and row.pk % 5 == 0 else "sent"
        if row.state == "sent":
            row.sent_at = now
            sent[row.topic, now.date()] += 1
        row.save(update_fields=["state", "sent_at"])
