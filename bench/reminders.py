"""A thousand overdue action items for thirty days; every fifth mail is refused."""

import email
import email.policy
import random
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure

NEEDS_DATABASE = True
ITEMS, DAYS, SEED = 1_000, 30, 20_260_114
MIDNIGHT = datetime(2026, 1, 14, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAY = 24 * _HOUR
# At nine it is queued; what failed goes again, ever later, and is counted at the end.
_LOOKS = (9, 10, 12, 14, 16, 18, 20, 22)
_FAILING = 0.2
# So that a digest, the most that one mail says, holds the items of one owner.
_A_DIGEST = 20
_REMINDER = re.compile(r"“(Alert on pool \d+)” is (\d+ days? overdue)")
NOTE = (
    "the clock is simulated; sweeps, outbox and SMTP are real; the mail server refuses "
    "20 % of all mails, one half for now, one half for good"
)
# How often the mailboxes hold the reminder of an item that is so many days overdue.
Sent = Counter[tuple[str, str]]


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
        Figure(what="mails that were refused meanwhile", value=failed, unit="mails"),
        Figure(
            what="one reminder, with its retries and its receipt",
            value=1_000 * took / wanted,
            unit="ms",
        ),
    ]


def simulate(items: int, days: int) -> tuple[Sent, int]:
    """Return how often each reminder is in a mailbox, and how many mails were refused.

    The incident of the items is closed; all were due the day before.
    """
    from django.test import override_settings  # noqa: PLC0415 -- needs settings

    from incidents.services.action_reminders import remind_of_actions  # noqa: PLC0415 -- needs settings
    from oncall.services.delivery import deliver_notifications  # noqa: PLC0415 -- needs settings

    _make_items(items)
    server = _make_server()
    mail: dict[str, Any] = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": server.port,
    }
    try:
        with override_settings(**mail):
            for day in range(days):
                for hour in _LOOKS:
                    now = MIDNIGHT + day * _DAY + hour * _HOUR
                    while remind_of_actions(now=now):
                        pass
                    while deliver_notifications(now=now):
                        pass
    finally:
        server.close()
    return _read(server.mails), server.refused


def _make_server() -> Any:
    from tests.oncall.sinks import MailSink  # noqa: PLC0415 -- needs settings

    class Moody(MailSink):
        """Refuse every fifth mail."""

        def __init__(self) -> None:
            self.refused = 0
            self._dice = random.Random(SEED)  # noqa: S311 -- the same share each time
            super().__init__()

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- its name
            chance = self._dice.random()
            if chance < _FAILING:
                self.refused += 1
                return "451 Later" if chance < _FAILING / 2 else "554 No"
            return str(await super().handle_DATA(server, session, envelope))

    return Moody()


def _read(envelopes: list[Any]) -> Sent:
    """Return what stands in the mails."""
    sent: Sent = Counter()
    for envelope in envelopes:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        sent.update(_REMINDER.findall(mail.get_content()))
    return sent


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
    owners = UserFactory.create_batch(max(5, items // _A_DIGEST), team=team)
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
