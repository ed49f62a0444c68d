"""Putting messages into the outbox, and taking them out again before they leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from oncall.models import Channel, Notification, User
from oncall.services.audit import record_change
from opsportal.kit.errors import Refused
from opsportal.kit.nudge import nudge

TASK = "oncall.deliver_notifications"
State = Notification.State


@dataclass(frozen=True, slots=True)
class _Address:
    suffix: str
    contact_method_id: int | None = None
    channel_id: int | None = None


def enqueue(  # noqa: PLR0913 -- what a message is
    *,
    team_id: int | None,
    topic: str,
    dedupe_key: str,
    subject: str,
    text: str,
    now: datetime,
    recipient: User | None = None,
    channel: Channel | None = None,
    url: str = "",
    blocks: list[Any] | None = None,
    urgency: str = Notification.Urgency.LOW,
) -> list[Notification]:
    """Put one row for each address of a person, or of a channel, into the outbox.

    A person is reached by every verified contact method, or by the email of the
    account when there is none; an inactive person and a disabled channel not at
    all. Rows that exist under their key are left as they are, so that doing it
    twice does it once. Call it inside the transaction of the change it tells of.
    Returns the rows of these keys, old or new.
    """
    rows = [
        Notification(
            team_id=team_id,
            topic=topic,
            dedupe_key=f"{dedupe_key}:{address.suffix}",
            recipient=recipient,
            contact_method_id=address.contact_method_id,
            channel_id=address.channel_id,
            subject=subject[:250],
            text=text,
            blocks=blocks,
            url=url,
            urgency=urgency,
            created_at=now,
            next_try_at=now,
        )
        for address in _addresses_of(recipient, channel)
    ]
    return _insert(rows)


def _insert(rows: list[Notification]) -> list[Notification]:
    if not rows:
        return []
    with transaction.atomic():
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
        nudge(TASK)
    keys = [row.dedupe_key for row in rows]
    return list(Notification.objects.filter(dedupe_key__in=keys).order_by("pk"))


def send_to_method(
    method_id: int,
    recipient: User,
    *,
    topic: str,
    dedupe_key: str,
    subject: str,
    text: str,
    now: datetime,
) -> list[Notification]:
    """Send to one contact method, verified or not: for the code that verifies it."""
    return _insert(
        [
            Notification(
                topic=topic,
                dedupe_key=dedupe_key,
                recipient=recipient,
                contact_method_id=method_id,
                subject=subject,
                text=text,
                urgency=Notification.Urgency.HIGH,
                created_at=now,
                next_try_at=now,
            )
        ]
    )


def cancel(topic: str, *, reason: str, now: datetime) -> int:
    """Stop what waits about ``topic``; a message already on the wire still arrives.

    Returns the number of rows that will not be sent.
    """
    return Notification.objects.filter(
        topic=topic, state__in=[State.PENDING, State.LEASED]
    ).update(
        state=State.CANCELLED,
        last_error=f"{reason} ({now:%Y-%m-%d %H:%M} UTC)"[:500],
        lease_token=None,
        lease_until=None,
        next_try_at=None,
    )


def retry_notification(row: Notification, *, by: User, now: datetime) -> None:
    """Send a failed message again at once. Raises Refused when it has not failed."""
    with transaction.atomic():
        # Its abandoned attempts stay written, but no longer count against it.
        row.tries.filter(outcome="").update(outcome="abandoned", ended_at=now)
        won = Notification.objects.filter(pk=row.pk, state=State.FAILED).update(
            state=State.PENDING, next_try_at=now
        )
        if not won:
            raise Refused("Only a failed message can be sent again.", code="not_failed")
        record_change("notification.retry", row, by=by, now=now, team_id=row.team_id)
        nudge(TASK)


def _addresses_of(recipient: User | None, channel: Channel | None) -> list[_Address]:
    found = []
    if channel is not None and channel.is_enabled:
        found.append(_Address(f"c{channel.pk}", channel_id=channel.pk))
    if recipient is not None and recipient.is_active:
        methods = recipient.contact_methods.filter(~Q(verified_at=None)).values_list(
            "pk", flat=True
        )
        found += [_Address(f"m{pk}", contact_method_id=pk) for pk in methods] or [
            _Address(f"u{recipient.pk}")
        ]
    return found
