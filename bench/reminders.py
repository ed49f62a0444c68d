"""A thousand overdue action items for thirty days, and every fifth mail fails."""

import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from bench.figures import Figure

NEEDS_DATABASE = True
ITEMS, DAYS, SEED = 1_000, 30, 20_260_114
MIDNIGHT = datetime(2026, 1, 14, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAY = 24 * _HOUR
# At nine it is queued; what failed goes again, ever later, and is counted at the end.
_LOOKS = (9, 10, 12, 14, 16, 18, 20, 22)
_FAILING = 0.2
NOTE = (
    "the clock is simulated, the sweep and the rows are real; 20 % of all attempts fail "
    "for good and are queued again"
)
Sent = Counter[tuple[str, date]]


def measure() -> list[Figure]:
    """Remind for a month; count what arrived for each item and day."""
    began = time.perf_counter()
    sent, failed = simulate(ITEMS, DAYS)
    took = time.perf_counter() - began
    wanted = ITEMS * DAYS
    return [
        Figure(
            what=f"reminders that arrived, of {wanted:,}",
            value=len(sent),
            unit="reminders",
            goal=f"{wanted}",
            note=NOTE,
        ),
        Figure(
            what="reminders that are missing or double",
            value=wanted - len(sent) + sum(count - 1 for count in sent.values()),
            unit="reminders",
            goal="0",
        ),
        Figure(what="mails that failed meanwhile", value=failed, unit="mails"),
        Figure(
            what="one reminder, with its retries and its receipt",
            value=1_000 * took / wanted,
            unit="ms",
        ),
    ]


def simulate(items: int, days: int) -> tuple[Sent, int]:
    """Return how often each item was reminded of on each day, and how many mails failed.

    The incident of the items is closed; all were due the day before.
    """
    from incidents.services.action_reminders import remind_of_actions  # noqa: PLC0415 -- needs settings

    dice = random.Random(SEED)  # noqa: S311 -- the same failures each time
    _make_items(items)
    sent: Sent = Counter()
    failed = 0
    for day in range(days):
        for hour in _LOOKS:
            now = MIDNIGHT + day * _DAY + hour * _HOUR
            while remind_of_actions(now=now):
                pass
            failed += _send_mail(now, sent, dice)
    return sent, failed


def _make_items(items: int) -> None:
    from incidents.models import ActionItem  # noqa: PLC0415 -- needs settings
    from tests.factories.incidents import IncidentFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import (  # noqa: PLC0415 -- needs settings
        ServiceFactory,
        TeamFactory,
        UserFactory,
    )

    team = TeamFactory(time_zone="UTC")
    incident = IncidentFactory(
        service=ServiceFactory(team=team), status="closed", closed_at=MIDNIGHT
    )
    owners = UserFactory.create_batch(3, team=team)
    ActionItem.objects.bulk_create(
        ActionItem(
            incident=incident,
            title=f"Alert on pool {number}",
            owner=owners[number % len(owners)],
            created_at=MIDNIGHT - 7 * _DAY,
            due_on=(MIDNIGHT - _DAY).date(),
            next_reminder_at=MIDNIGHT + 9 * _HOUR,
        )
        for number in range(items)
    )


def _send_mail(now: datetime, sent: Sent, dice: random.Random) -> int:
    """Send what waits to owners; return how many mails failed for good."""
    from oncall.models import Notification  # noqa: PLC0415 -- needs settings

    failed = 0
    waiting = list(Notification.objects.filter(state="pending").order_by("pk"))
    for row in waiting:
        row.state, row.sent_at = "sent", now
        if dice.random() < _FAILING:
            row.state, row.sent_at = "failed", None
            failed += 1
        elif not row.dedupe_key.endswith(":lead"):
            sent[row.topic, now.date()] += 1
    Notification.objects.bulk_update(waiting, ["state", "sent_at"], batch_size=500)
    return failed
