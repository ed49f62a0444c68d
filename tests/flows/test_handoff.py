"""A handoff from its draft to the manager who hears that nobody accepted it."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.models import Handoff, Notification
from opsportal import engine
from tests.factories.oncall import UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# A Monday, 09:00 in Berlin.
AT = datetime(2026, 1, 19, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def pass_time(start, end):
    """Let the engine run its sweeps every ten minutes."""
    sweeps = [each for each in engine.SWEEPS if each.name == "advance_handoffs"]
    now = start
    while now <= end:
        for sweep in sweeps:
            engine.run(sweep, driver="test", now=now)
        now += timedelta(minutes=10)


def test_what_nobody_accepts_reaches_the_manager_once_after_everything_else():
    schedule = make_weekly_schedule(name="Platform rotation")
    manager = UserFactory(team=schedule.team, team__role="manager")
    pass_time(AT - 20 * HOUR, AT + 2 * HOUR)

    row = Handoff.objects.get(at=AT)
    told = [
        (each.created_at, each.recipient, each.urgency)
        for each in Notification.objects.filter(topic=f"handoff:{row.pk}").order_by(
            "created_at", "pk"
        )
    ]
    late = AT + timedelta(minutes=30)
    assert told == [
        (AT - 16 * HOUR, row.outgoing, "low"),
        (AT - 16 * HOUR, row.incoming, "low"),
        (AT, row.incoming, "high"),
        (late, manager, "high"),
        (late, row.outgoing, "high"),
    ]
    assert row.escalated_at == late
    # By then the next one is drafted, and nothing else was made.
    assert Handoff.objects.exclude(pk=row.pk).get().at == AT + timedelta(days=7)
