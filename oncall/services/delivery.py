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

from oncall.domain.retry import next_try
from oncall.models import Notification, NotificationAttempt
from oncall.services.outbox_plan import Parcel, due, plan_delivery, write_letter
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
    rows = _claim(parcel, token, sweep.now)
    if not rows:
        return 0
    letter = write_letter(rows)
    key = rows[0].dedupe_key
    try:
        receipt = TRANSPORTS[parcel.kind].send(letter, parcel.address, key=key)
    except TransportError as error:
        return _settle_failed(rows, token, error, now=sweep.now)
    return _settle_sent(rows, token, receipt, now=sweep.now)


def _claim(parcel: Parcel, token: UUID, now: datetime) -> list[Notification]:
    """Lease the parcel's rows and commit their attempts; return those that we won."""
    with transaction.atomic(durable=True):
        for pk in parcel.pks:
            Notification.objects.filter(due(now), pk=pk).update(
                state=State.LEASED,
                lease_token=token,
                lease_until=now + LEASE,
                attempts=F("attempts") + 1,
                first_attempt_at=Coalesce("first_attempt_at", now),
            )
        rows = list(Notification.objects.filter(lease_token=token).order_by("pk"))
        NotificationAttempt.objects.bulk_create(
            NotificationAttempt(notification=row, number=row.attempts, started_at=now)
            for row in rows
        )
    return rows


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
        settled = mine.filter(pk__in=[row.pk for row in others]).update(
            state=State.BUNDLED, bundled_into=lead, **told
        )
        settled += mine.filter(pk=lead.pk).update(state=State.SENT, **told)
    if settled < len(rows):
        log.warning("delivery_outlived_lease", extra={"notification": lead.pk})
    return settled


def _settle_failed(
    rows: list[Notification], token: UUID, error: TransportError, *, now: datetime
) -> int:
    settled = 0
    with transaction.atomic():
        _end_attempts(rows, "failed", f"{error.code}: {error.message}", now)
        for row in rows:
            again = None
            if not error.permanent:
                again = next_try(
                    row.attempts,
                    now,
                    _chance.uniform(-1, 1),
                    retry_after=error.retry_after,
                    since=row.created_at,
                )
            settled += Notification.objects.filter(pk=row.pk, lease_token=token).update(
                state=State.PENDING if again else State.FAILED,
                next_try_at=again,
                lease_token=None,
                lease_until=None,
                last_error=error.message[:500],
            )
    log.warning(
        "delivery_refused",
        extra={"notification": rows[0].pk, "code": error.code},
    )
    return settled


def _end_attempts(
    rows: list[Notification], outcome: str, detail: str, now: datetime
) -> None:
    mine = Q()
    for row in rows:
        mine |= Q(notification=row, number=row.attempts)
    NotificationAttempt.objects.filter(mine).update(
        ended_at=now, outcome=outcome, detail=detail[:500]
    )
