"""Messages that are kept without waiting: refused ones, heartbeats, tests.

What senders send comes through ``inbox``. Holding the team's row puts the messages
of one team after one another, so replays, doubles and messages out of order change
nothing that they should not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.domain.payloads.signal import Signal
from incidents.models import IngestEvent, Integration
from incidents.services.applying import Letter, apply_letters
from incidents.services.messages import LONGEST_REASON, MOST_BODY, Message
from oncall.models import User
from oncall.services.pulse import touch_team

Status = IngestEvent.Status


def receive(
    integration: Integration,
    message: Message,
    signals: Sequence[Signal],
    *,
    now: datetime,
) -> IngestEvent:
    """Keep a message and apply its signals at once; a replay changes nothing."""
    with transaction.atomic():
        touch_team(integration.service.team_id)
        if message.external_id and _came_before(integration, message):
            return note_replay(integration, message, now=now)
        letter = Letter(integration, signals)
        apply_letters([letter], now=now)
        reason = "; ".join(filter(None, (message.note, letter.say())))
        return _keep(
            integration,
            message,
            Status.ACCEPTED,
            reason,
            now,
            alert_id=letter.alert_pk,
        )


def note_replay(
    integration: Integration, message: Message, *, now: datetime
) -> IngestEvent:
    """Keep a message that came before, as what it is."""
    reason = "A replay: it came before."
    return _keep(integration, message, Status.DUPLICATE, reason, now)


def reject(
    integration: Integration, message: Message, reason: str, *, now: datetime
) -> IngestEvent:
    """Keep a message that is not understood, or that nobody lets in."""
    return _keep(integration, message, Status.REJECTED, reason, now)


def take_heartbeat(
    integration: Integration, message: Message, *, now: datetime
) -> IngestEvent:
    """Note that a sender lives: its next silence is counted from now."""
    with transaction.atomic():
        signal = Signal(action="resolve", dedup_key="heartbeat")
        event = receive(integration, message, [signal], now=now)
        if integration.silence_after is not None:
            Integration.objects.filter(pk=integration.pk).update(
                silent_at=now + integration.silence_after
            )
    return event


def send_test(
    integration: Integration, *, is_over: bool, by: User, now: datetime
) -> IngestEvent:
    """Open a test alert as the sender would, or end it."""
    signal = Signal(
        action="resolve" if is_over else "trigger",
        dedup_key="opsportal:test",
        summary=f"Test alert of {integration.name}: nothing is wrong",
        severity="info",
        labels={"test": "true"},
    )
    message = Message(kind="test", body=b"", note=f"By {by.display_name}")
    return receive(integration, message, [signal], now=now)


def _came_before(integration: Integration, message: Message) -> bool:
    return IngestEvent.objects.filter(
        integration=integration,
        external_id=message.external_id,
        status__in=[Status.WAITING, Status.ACCEPTED],
    ).exists()


def _keep(
    integration: Integration,
    message: Message,
    status: str,
    reason: str,
    now: datetime,
    **more: Any,
) -> IngestEvent:
    return IngestEvent.objects.create(
        integration=integration,
        received_at=now,
        kind=message.kind,
        external_id=message.external_id,
        status=status,
        reason=reason[:LONGEST_REASON],
        body=message.body[:MOST_BODY],
        **more,
    )
