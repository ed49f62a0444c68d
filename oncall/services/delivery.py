"""Emptying the outbox: exactly once without a crash, at least once with one.

A row is leased by a conditional update whose count decides, in one transaction
with the row of the attempt. Then it is sent, outside any transaction, and settled
with the token of the lease: who was paused past the lease changes nothing.
"""

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from secrets import SystemRandom
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from oncall.domain.retry import goes_next_way, next_try
from oncall.models import Notification, NotificationAttempt
from oncall.services.endpoints import give_back, pace_of, take_place
from oncall.services.notifications import go_next_way, warn_of_channel
from oncall.services.outbox_plan import (
    Parcel,
    due,
    plan_delivery,
    write_letter,
)
from oncall.services.outside import tell_outcome
from oncall.transports import TRANSPORTS, Receipt, TransportError

log = logging.getLogger(__name__)

State = Notification.State
# A transport ends within 13 s; whoever is quiet for longer has died.
LEASE = timedelta(seconds=20)
# No send begins later than this in a sweep, so that a sweep ends within 20 s.
LAST_START = 6.0
MOST_A_HOST = 4
MOST_SENDERS = 16
# So many attempts without an outcome, and the row itself is what kills senders.
MOST_LOST = 3

_chance = SystemRandom()


@dataclass(slots=True)
class _Sweep:
    """One run of the sweep; its ``now`` moves on while it sends."""

    started_at: datetime
    began: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self.began)

    @property
    def may_start(self) -> bool:
        return time.monotonic() - self.began < LAST_START


def deliver_notifications(*, now: datetime) -> int:
    """Send what is due; return the number of rows that came to an end or a retry.

    At most four sends to a host run at once, so that one that hangs holds up only
    itself. Any number of these may run at the same time, anywhere.
    Raises RuntimeError inside a transaction: other senders could not see the rows.
    """
    if connection.in_atomic_block:
        raise RuntimeError("Deliver outside any transaction: senders are threads.")
    sweep = _Sweep(now)
    plan = plan_delivery(now=now, most_lost=MOST_LOST)
    for row in plan.stuck:
        with transaction.atomic():
            go_next_way(row, now=now)
    lines = [
        line for parcels in plan.hosts.values() for line in _deal(parcels, MOST_A_HOST)
    ]
    if len(lines) <= 1:
        return plan.ended + sum(_send_line(sweep, line) for line in lines)
    # The most urgent parcels stand first in their lines, and so do their lines.
    lines.sort(key=lambda line: line[0].rank)
    with ThreadPoolExecutor(min(len(lines), MOST_SENDERS)) as pool:
        return plan.ended + sum(pool.map(partial(_send_apart, sweep), lines))


def _deal(parcels: list[Parcel], hands: int) -> list[list[Parcel]]:
    return [parcels[hand::hands] for hand in range(min(hands, len(parcels)))]


def _send_apart(sweep: _Sweep, line: list[Parcel]) -> int:
    try:
        return _send_line(sweep, line)
    finally:
        connection.close()


def _send_line(sweep: _Sweep, line: Iterable[Parcel]) -> int:
    handled = 0
    for parcel in line:
        if not sweep.may_start:
            break
        try:
            handled += _send_parcel(sweep, parcel)
        except Exception:
            # One poison row must not hold up the others. Its attempt stays without
            # an outcome: the lease ends, and the third time it is put aside.
            log.exception("delivery_failed", extra={"notification": parcel.lead_pk})
    return handled


def _send_parcel(sweep: _Sweep, parcel: Parcel) -> int:
    token = uuid4()
    rows, place = _claim(parcel, token, sweep.now)
    if not rows:
        return 0
    letter = write_letter(rows)
    key = rows[0].dedupe_key
    try:
        receipt = TRANSPORTS[parcel.kind].send(letter, parcel.address, key=key)
    except TransportError as error:
        # Before the rows, and apart: a claim locks in the same order.
        went_down = give_back(parcel.endpoint, place, error, now=sweep.now)
        settled = _settle_failed(parcel.kind, rows, token, error, now=sweep.now)
        if went_down:
            _tell_of_pause(parcel, rows[0], now=sweep.now)
        return settled
    give_back(parcel.endpoint, place, None, now=sweep.now)
    return _settle_sent(rows, token, receipt, now=sweep.now)


def _claim(
    parcel: Parcel, token: UUID, now: datetime
) -> tuple[list[Notification], float]:
    """Take a place, lease the parcel's rows and commit their attempts.

    Returns those rows that we won, and the place; no rows when there was no place.
    """
    with transaction.atomic(durable=True):
        place = take_place(parcel.endpoint, now=now)
        if place is None:
            return [], 0.0
        # Locked one after another, so that no two senders wait for each other.
        free = Notification.objects.select_for_update().filter(pk__in=parcel.pks)
        list(free.order_by("pk").values_list("pk"))
        Notification.objects.filter(due(now), pk__in=parcel.pks).update(
            state=State.LEASED,
            lease_token=token,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            first_attempt_at=Coalesce("first_attempt_at", now),
        )
        rows = list(
            # By key: tokens have no index, and an outbox keeps 90 days.
            Notification.objects.filter(pk__in=parcel.pks, lease_token=token)
            .select_related("recipient", "channel", "replaces")
            .order_by("pk")
        )
        if not rows:
            # Somebody else has them; the place is for another message.
            transaction.set_rollback(True)
        NotificationAttempt.objects.bulk_create(
            NotificationAttempt(notification=row, number=row.attempts, started_at=now)
            for row in rows
        )
    return rows, place


def _settle_sent(
    rows: list[Notification], token: UUID, receipt: Receipt, *, now: datetime
) -> int:
    lead, *others = rows
    with transaction.atomic():
        _end_attempts(rows, "sent", receipt.detail, now)
        mine = Notification.objects.filter(lease_token=token)
        told = {
            "lease_token": None,
            "lease_until": None,
            "next_try_at": None,
            "sent_at": now,
            "provider_id": receipt.provider_id[:200],
            "last_error": "",
        }
        settled = 0
        if others:
            settled = mine.filter(pk__in=[row.pk for row in others]).update(
                state=State.BUNDLED, bundled_into=lead, **told
            )
        settled += mine.filter(pk=lead.pk).update(state=State.SENT, **told)
        tell_outcome(rows, refusal="", now=now)
    if settled < len(rows):
        log.warning("delivery_outlived_lease", extra={"notification": lead.pk})
    return settled


def _settle_failed(
    kind: str,
    rows: list[Notification],
    token: UUID,
    error: TransportError,
    *,
    now: datetime,
) -> int:
    settled = 0
    with transaction.atomic():
        _end_attempts(rows, "failed", f"{error.code}: {error.message}", now)
        for row in rows:
            settled += _put_back(kind, row, token, error, now)
        if error.permanent and error.code == "recipient_refused":
            tell_outcome(rows, refusal=error.message, now=now)
    log.warning(
        "delivery_refused",
        extra={"notification": rows[0].pk, "code": error.code},
    )
    return settled


def _put_back(
    kind: str, row: Notification, token: UUID, error: TransportError, now: datetime
) -> int:
    """Let one row wait for its next try, or fail; a page then goes another way."""
    pace = pace_of(kind)
    again = None
    if not error.permanent:
        again = next_try(
            row.attempts,
            now,
            _chance.uniform(-1, 1),
            retry_after=error.retry_after,
            since=row.created_at,
            pace=pace,
        )
    settled = Notification.objects.filter(pk=row.pk, lease_token=token).update(
        state=State.PENDING if again else State.FAILED,
        next_try_at=again,
        lease_token=None,
        lease_until=None,
        last_error=error.message[:500],
    )
    if not settled:
        return 0
    if row.urgency == "high" and row.recipient_id is not None:
        # Failures, not attempts: of one whose sender died nobody knows the outcome.
        failures = row.tries.filter(outcome="failed").count()
        if goes_next_way(failures, wait=again - now if again else None):
            go_next_way(row, now=now)
    elif again is None:
        tries = "try" if row.attempts == 1 else "tries"
        reason = f"Gave up after {row.attempts} {tries}: {error.message}"
        warn_of_channel(row, reason=reason, now=now)
    return settled


def _tell_of_pause(parcel: Parcel, row: Notification, *, now: datetime) -> None:
    log.warning("endpoint_down", extra={"endpoint": parcel.endpoint.label})
    with transaction.atomic():
        reason = "It has failed five times in a row and is tried now and then."
        warn_of_channel(row, reason=reason, now=now)


def _end_attempts(
    rows: list[Notification], outcome: str, detail: str, now: datetime
) -> None:
    mine = Q()
    for row in rows:
        mine |= Q(notification=row, number=row.attempts)
    NotificationAttempt.objects.filter(mine).update(
        ended_at=now, outcome=outcome, detail=detail[:500]
    )
