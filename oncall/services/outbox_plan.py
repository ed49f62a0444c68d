"""What a delivery sweep has to carry, and where to: before anything is claimed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from oncall.domain.quiet_hours import quiet_until
from oncall.models import Notification, QuietHours, TransportKind
from oncall.transports import Message

State = Notification.State
MOST_ROWS = 2_000
MOST_IN_DIGEST = 20
# A lease further ahead than this was given by a clock that has gone back since.
FARTHEST_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows that leave as one message. ``rank`` orders: the most urgent first."""

    pks: tuple[int, ...]
    kind: str
    address: str
    rank: tuple[str, datetime]

    @property
    def lead_pk(self) -> int:
        return self.pks[0]


def due(now: datetime) -> Q:
    """Return the condition under which a row may be claimed at ``now``."""
    lost = Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST_LEASE)
    return Q(state=State.PENDING, next_try_at__lte=now) | (Q(state=State.LEASED) & lost)


@dataclass(frozen=True, slots=True)
class Plan:
    """Parcels by host, the most urgent first, and how many rows ended instead."""

    hosts: dict[str, list[Parcel]]
    ended: int


def plan_delivery(*, now: datetime, most_lost: int) -> Plan:
    """Return what is due at ``now``.

    On the way, rows end that nobody can get or that lost ``most_lost`` senders, and
    low-urgency ones of people in their quiet hours wait until those are over.
    Low-urgency rows to one address of one person go together.
    """
    rows = list(
        Notification.objects.filter(due(now))
        .annotate(lost=Count("tries", filter=Q(tries__outcome="")))
        .select_related("recipient", "contact_method", "channel")
        .order_by("urgency", "next_try_at", "pk")[:MOST_ROWS]
    )
    ended, hopeful = 0, []
    for row in rows:
        if row.lost >= most_lost:
            reason = f"quarantined: {row.lost} attempts never came to an end"
            ended += _end(row, State.FAILED, reason, now)
        elif reason := _find_obstacle(row):
            ended += _end(row, State.CANCELLED, reason, now)
        else:
            hopeful.append(row)
    hosts: dict[str, list[Parcel]] = defaultdict(list)
    for group in _group(_hold_quiet(hopeful, now)):
        lead = group[0]
        kind, address = _address_of(lead)
        rank = (lead.urgency, lead.next_try_at or lead.created_at)
        pks = tuple(sorted(row.pk for row in group))
        hosts[_host_of(kind, address)].append(Parcel(pks, kind, address, rank))
    return Plan(hosts, ended)


def write_letter(rows: list[Notification]) -> Message:
    """Return the message for rows that leave together, each with its link."""
    if len(rows) == 1:
        row = rows[0]
        return Message(
            subject=row.subject,
            text=row.text,
            blocks=row.blocks,
            url=_absolute(row.url),
        )
    parts = [
        "\n".join(filter(None, (row.subject, row.text, _absolute(row.url))))
        for row in rows
    ]
    return Message(
        subject=f"{rows[0].subject} and {len(rows) - 1} more",
        text="\n\n".join(parts),
        url=f"{settings.SITE_URL}/",
    )


def _find_obstacle(row: Notification) -> str:
    if row.recipient is None and row.channel is None:
        return "its address was removed"
    if row.recipient is not None and not row.recipient.is_active:
        return "its recipient is inactive"
    if row.channel is not None and not row.channel.is_enabled:
        return "its channel is off"
    return ""


def _end(row: Notification, state: str, reason: str, now: datetime) -> int:
    return Notification.objects.filter(due(now), pk=row.pk).update(
        state=state,
        last_error=reason,
        lease_token=None,
        lease_until=None,
        next_try_at=None,
    )


def _hold_quiet(rows: Sequence[Notification], now: datetime) -> list[Notification]:
    """Put off the low-urgency rows of people who are quiet; return the others."""
    people = {row.recipient_id for row in rows if row.urgency == "low"}
    quiet = {each.user_id: each for each in QuietHours.objects.filter(user__in=people)}
    loud = []
    for row in rows:
        hours = quiet.get(row.recipient_id or 0) if row.urgency == "low" else None
        end = _quiet_end(row, hours, now) if hours else None
        if end is None:
            loud.append(row)
        else:
            Notification.objects.filter(due(now), pk=row.pk).update(
                state=State.PENDING,
                next_try_at=end,
                lease_token=None,
                lease_until=None,
            )
    return loud


def _quiet_end(row: Notification, hours: QuietHours, now: datetime) -> datetime | None:
    zone = ZoneInfo(row.recipient.time_zone) if row.recipient else ZoneInfo("UTC")
    return quiet_until(now, starts=hours.starts, ends=hours.ends, zone=zone)


def _group(rows: list[Notification]) -> list[list[Notification]]:
    groups: list[list[Notification]] = []
    digests: dict[tuple[int, int | None], list[Notification]] = {}
    for row in rows:
        # What has cost a sender its life travels alone.
        alone = row.urgency != "low" or row.recipient_id is None or row.lost  # type: ignore[attr-defined]
        key = (row.recipient_id or 0, row.contact_method_id)
        digest = None if alone else digests.get(key)
        if digest is not None and len(digest) < MOST_IN_DIGEST:
            digest.append(row)
            continue
        groups.append([row])
        if not alone:
            digests[key] = groups[-1]
    return groups


def _address_of(row: Notification) -> tuple[str, str]:
    place = row.contact_method or row.channel
    if place is not None:
        return place.kind, place.address
    # Nothing verified: the account's own address is the last resort.
    return TransportKind.EMAIL, row.recipient.email if row.recipient else ""


def _host_of(kind: str, address: str) -> str:
    if kind == TransportKind.EMAIL:
        return "mail"
    return urlsplit(address).netloc


def _absolute(url: str) -> str:
    return f"{settings.SITE_URL}{url}" if url.startswith("/") else url
