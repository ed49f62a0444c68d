"""Reminders of overdue action items: one a day arrives, whatever mail does."""

import pytest

from bench.reminders import simulate
from incidents.models import ActionItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

# `manage.py bench reminders` does the same with 1,000 items over 30 days.
ITEMS, DAYS = 5, 2


def test_each_overdue_item_reminds_once_a_day_though_one_mail_in_five_fails():
    sent, failed = simulate(ITEMS, DAYS)
    assert len(sent) == ITEMS * DAYS
    assert set(sent.values()) == {1}
    assert failed > 0
    assert set(ActionItem.objects.values_list("reminders_sent", flat=True)) == {DAYS}
