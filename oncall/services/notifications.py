"""Putting messages into the outbox, and taking them out again before they leave."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from oncall.domain.notification_rules import (
    HIGH,
    Method,
    Rule,
    Way,
    choose_ways,
    message_key,
)
from oncall.domain.retry import TRIES_BEFORE_NEXT
from oncall.models import Channel, EscalationContact, Notification, Role, User
from oncall.services.audit import record_change
from opsportal.kit.errors import Refused
from opsportal.kit.nudge import nudge

TASK = "oncall.deliver_notifications"
# Topics of what the portal says about its own deliveries begin with this.
WARNING = "unreached"
MOST_RETRIED = 500
State = Notification.State


@dataclass(frozen=True, slots=True)
class _Address:
    suffix: str
    delay: timedelta = timedelta()
    contact_method_id: int | None = None
    channel_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMessage:
    """One message to a channel; its fields are those of ``enqueue``."""

    team_id: int
    topic: str
    dedupe_key: str
    channel: Channel
    subject: str
    text: str
    url: str
    urgency: str


def enqueue_to_channels(messages: Sequence[ChannelMessage], *, now: datetime) -> None:
    """Do as ``enqueue`` does for each of these messages, with one statement for all."""
    rows = [
        Notification(
            team_id=each.team_id,
            topic=each.topic,
            dedupe_key=f"{each.dedupe_key}:{address.suffix}",
            channel_id=address.channel_id,
            subject=each.subject[:250],
            text=each.text,
            url=each.url,
            urgency=each.urgency,
            created_at=now,
            next_try_at=now,
        )
        for each in messages
        for address in _addresses_of(each.channel, None)
    ]
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
        nudge(TASK)


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
    contact: EscalationContact | None = None,
    url: str = "",
    blocks: list[Any] | None = None,
    urgency: str = Notification.Urgency.LOW,
    replaces: Notification | None = None,
) -> list[Notification]:
    """Put one row for each way to a person, or for a channel, into the outbox.

    A person is told by the ways of their rules for this urgency, each after its
    delay: see ``domain.notification_rules``. Without a verified method the account's
    email is the last resort; if it is a page, the team's managers are told that
    nothing better is known. An inactive person and a disabled channel get nothing.
    ``contact`` is a line of a contact table with a mail address. ``replaces`` is a
    message of the same channel that is changed instead of followed by another.

    Keys are ``dedupe_key:m<method>[:<delay in seconds>]``, ``:u<user>``, ``:c<channel>``
    or ``:e<contact>``. Rows that exist under their key are left as they are, so that
    doing it twice does it once. Call it inside the transaction of the change it tells
    of. Returns the rows of these keys, old or new.
    """
    addresses = _addresses_of(channel, contact)
    if recipient is not None:
        addresses += _ways_to(recipient, urgency)
        if urgency == HIGH and (reason := _why_hard_to_reach(recipient, addresses)):
            warn_unreached(
                team_id,
                recipient,
                reason=reason,
                key=f"{recipient.pk}:{now:%Y-%m-%d}",
                topic=topic,
                now=now,
            )
    return _insert(
        [
            Notification(
                team_id=team_id,
                topic=topic,
                dedupe_key=f"{dedupe_key}:{address.suffix}",
                recipient=recipient,
                contact_method_id=address.contact_method_id,
                channel_id=address.channel_id,
                contact_id=address.contact_id,
                subject=subject[:250],
                text=text,
                blocks=blocks,
                url=url,
                urgency=urgency,
                replaces=replaces,
                created_at=now,
                next_try_at=now + address.delay,
            )
            for address in addresses
        ]
    )


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


def cancel(
    topic: str | Collection[str],
    *,
    reason: str,
    now: datetime,
    recipient: User | None = None,
    urgency: str = "",
    only_people: bool = False,
) -> int:
    """Stop what waits about ``topic``; a message already on the wire still arrives.

    ``topic`` is one, or several at once.

    That includes what a person's rules send later. With ``recipient`` only what goes
    to that person stops, with ``urgency`` only what has it, with ``only_people`` only
    what does not go to a channel.
    Returns the number of rows that will not be sent.
    """
    topics = [topic] if isinstance(topic, str) else topic
    waiting = Notification.objects.filter(
        topic__in=topics, state__in=[State.PENDING, State.LEASED]
    )
    if recipient is not None:
        waiting = waiting.filter(recipient=recipient)
    if urgency:
        waiting = waiting.filter(urgency=urgency)
    if only_people:
        waiting = waiting.filter(recipient__isnull=False)
    return waiting.update(
        state=State.CANCELLED,
        last_error=f"{reason} ({now:%Y-%m-%d %H:%M} UTC)"[:500],
        lease_token=None,
        lease_until=None,
        next_try_at=None,
    )


def cancel_revisions(row: Notification, *, reason: str, now: datetime) -> None:
    """Stop changes of a sent message that wait: a newer one follows."""
    row.revisions.filter(state=State.PENDING).update(
        state=State.CANCELLED,
        last_error=f"{reason} ({now:%Y-%m-%d %H:%M} UTC)"[:500],
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


def retry_failed(team_ids: Collection[int], *, by: User, now: datetime) -> int:
    """Send every failed message of the teams again; returns how many."""
    done = 0
    failed = Notification.objects.filter(team__in=team_ids, state=State.FAILED)
    for row in failed.order_by("pk")[:MOST_RETRIED]:
        with suppress(Refused):
            retry_notification(row, by=by, now=now)
            done += 1
    return done


def go_next_way(row: Notification, *, now: datetime) -> None:
    """Take the next way of a page to a person at once, because this one is blocked.

    When no way is left that could still work, the team's managers are told.
    Call it inside a transaction, after the row itself was settled.
    """
    # Of two ways that fail at the same moment, the second has to see the first.
    person = row.recipient_id or 0  # A channel is nobody.
    User.objects.select_for_update(no_key=True).filter(pk=person).first()
    key = message_key(row.dedupe_key)
    others = Notification.objects.filter(
        topic=row.topic, recipient=row.recipient_id, dedupe_key__startswith=f"{key}:"
    ).exclude(pk=row.pk)
    waiting = others.filter(state=State.PENDING, attempts=0, next_try_at__gt=now)
    following = waiting.order_by("next_try_at", "pk").first()
    if following is not None:
        waiting.filter(pk=following.pk).update(next_try_at=now)
        nudge(TASK)
        return
    promising = Q(state__in=[State.SENT, State.BUNDLED]) | Q(
        state__in=[State.PENDING, State.LEASED], attempts__lt=TRIES_BEFORE_NEXT
    )
    if row.recipient is None or others.filter(promising).exists():
        return
    warn_unreached(
        row.team_id,
        row.recipient,
        reason=f"“{row.subject}” has not arrived by any way that we know",
        key=f"{row.recipient.pk}:{key}"[:150],
        topic=row.topic,
        now=now,
    )


def warn_unreached(
    team_id: int | None,
    person: User,
    *,
    reason: str,
    key: str,
    topic: str,
    now: datetime,
) -> None:
    """Tell the team's managers, or else the administrators, about a person.

    About a warning that does not arrive itself nobody is warned.
    """
    if topic.startswith(WARNING) or team_id is None:
        return
    for manager in _managers_of(team_id, person):
        enqueue(
            team_id=team_id,
            topic=f"{WARNING}:{person.pk}",
            dedupe_key=f"{WARNING}:{key}",
            recipient=manager,
            subject=f"{person.display_name} cannot be reached",
            text=f"{person.display_name}: {reason}. Look whether somebody else should "
            "take over, and ask them to verify a way on their profile page.",
            url="/notifications/?state=failed",
            urgency=HIGH,
            now=now,
        )


def warn_of_channel(row: Notification, *, reason: str, now: datetime) -> None:
    """Tell the team's managers, once an hour, that a channel takes nothing."""
    channel, team_id = row.channel, row.team_id
    if channel is None or team_id is None:
        return
    for manager in _managers_of(team_id, None):
        enqueue(
            team_id=team_id,
            topic=f"{WARNING}:channel",
            dedupe_key=f"{WARNING}:c{channel.pk}:{now:%Y%m%d%H}",
            recipient=manager,
            subject=f"Messages to {channel.name} do not arrive",
            text=f"{reason} What failed stays in the delivery log, where it can be "
            "sent again.",
            url="/notifications/?state=failed",
            now=now,
        )


def _managers_of(team_id: int, person: User | None) -> list[User]:
    active = User.objects.filter(is_active=True)
    if person is not None:
        active = active.exclude(pk=person.pk)
    managers = active.filter(memberships__team=team_id, memberships__role=Role.MANAGER)
    return list(managers) or list(active.filter(is_superuser=True))


def _ways_to(person: User, urgency: str) -> list[_Address]:
    if not person.is_active:
        return []
    return [
        _Address(way.suffix(person.pk), way.delay, contact_method_id=way.method_pk)
        for way in find_ways(person, urgency)
    ]


def find_ways(person: User, urgency: str) -> list[Way]:
    """Return by which ways the person is told of that urgency, and when."""
    methods = [
        Method(row.pk, row.kind)
        for row in person.contact_methods.filter(~Q(verified_at=None))
    ]
    rules = [
        Rule(row.contact_method_id, row.delay)
        for row in person.notification_rules.filter(urgency=urgency)
    ]
    return choose_ways(urgency, methods, rules)


def _why_hard_to_reach(person: User, addresses: list[_Address]) -> str:
    if not person.is_active:
        return "the account is inactive"
    if all(address.contact_method_id is None for address in addresses):
        return "no contact method is verified, so only the account's email is left"
    return ""


def _addresses_of(
    channel: Channel | None, contact: EscalationContact | None
) -> list[_Address]:
    found = []
    if channel is not None and channel.is_enabled:
        found.append(_Address(f"c{channel.pk}", channel_id=channel.pk))
    if contact is not None:
        found.append(_Address(f"e{contact.pk}", contact_id=contact.pk))
    return found
