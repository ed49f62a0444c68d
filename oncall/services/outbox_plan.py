"""What a delivery sweep has to carry, and where to: before anything is claimed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from oncall.domain.endpoint import FIRST_PAUSE, allowance, split_parcels
from oncall.domain.quiet_hours import quiet_until
from oncall.message_acts import find_acts
from oncall.models import Endpoint, Notification, QuietHours, TransportKind
from oncall.services.endpoints import (
    EndpointName,
    ends_of,
    health_of,
    load_endpoints,
    name_endpoint,
)
from oncall.transports import Message

State = Notification.State
Group = list[Notification]
MOST_ROWS = 2_000
MOST_IN_DIGEST = 20
# What finds no place of its own goes together; so many rows at once at most.
MOST_IN_BATCH = 200
MOST_WHOLE, MOST_NAMED = 20, 100
# A lease further ahead than this was given by a clock that has gone back since.
FARTHEST_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows that leave as one message. ``rank`` orders: the most urgent first."""

    pks: tuple[int, ...]
    address: str
    rank: tuple[str, datetime]
    endpoint: EndpointName

    @property
    def lead_pk(self) -> int:
        return self.pks[0]

    @property
    def kind(self) -> str:
        return self.endpoint.kind


def due(now: datetime) -> Q:
    """Return the condition under which a row may be claimed at ``now``."""
    lost = Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST_LEASE)
    return Q(state=State.PENDING, next_try_at__lte=now) | (Q(state=State.LEASED) & lost)


@dataclass(frozen=True, slots=True)
class Plan:
    """Parcels by host, the most urgent first, and how many rows ended instead.

    ``stuck`` are pages to people that cannot go their way now: another may be free.
    """

    hosts: dict[str, list[Parcel]]
    ended: int
    stuck: list[Notification] = field(default_factory=list)


def plan_delivery(*, now: datetime, most_lost: int) -> Plan:
    """Return what is due at ``now``.

    On the way, rows end that nobody can get or that lost ``most_lost`` senders, and
    low-urgency ones of people in their quiet hours wait until those are over.
    Low-urgency rows to one address of one person go together. So does what an
    endpoint that is sent to too often may not get one by one; and what goes to an
    endpoint that is down waits, but for one that tries.
    """
    rows = list(
        Notification.objects.filter(due(now))
        .annotate(lost=Count("tries", filter=Q(tries__outcome="")))
        .select_related("recipient", "contact_method", "channel", "contact")
        .order_by("urgency", "next_try_at", "pk")[:MOST_ROWS]
    )
    ended, hopeful, stuck = 0, [], []
    for row in rows:
        if row.lost >= most_lost:
            reason = f"quarantined: {row.lost} attempts never came to an end"
            ended += _end(row, State.FAILED, reason, now)
            stuck += _pages_to_people([row])
        elif reason := _find_obstacle(row):
            ended += _end(row, State.CANCELLED, reason, now)
        else:
            hopeful.append(row)
    places: dict[EndpointName, list[Group]] = defaultdict(list)
    for group in _group(_hold_quiet(hopeful, now)):
        places[name_endpoint(*_address_of(group[0]))].append(group)
    known = load_endpoints(places)
    hosts: dict[str, list[Parcel]] = defaultdict(list)
    for name, groups in places.items():
        for group in _choose(groups, name, known.get(name.digest), now, stuck):
            parcel = _pack(group, name)
            hosts[_host_of(parcel)].append(parcel)
    for parcels in hosts.values():
        parcels.sort(key=lambda parcel: parcel.rank)
    return Plan(hosts, ended, stuck)


def _choose(
    groups: list[Group],
    name: EndpointName,
    row: Endpoint | None,
    now: datetime,
    stuck: list[Notification],
) -> list[Group]:
    """Return what may leave to one endpoint now; hold the rest, and say what."""
    health = health_of(row) if row else None
    if health and health.retry_at is not None and health.retry_at > now:
        stuck += _hold(groups, health.retry_at, now)
        return []
    if health and health.is_down:
        # One that was tried least goes ahead: its three retries are not used up.
        trial = min(groups, key=lambda group: group[0].attempts)
        rest = [group for group in groups if group is not trial]
        stuck += _hold(rest, now + FIRST_PAUSE, now)
        return [trial]
    if not name.is_limited:
        return groups
    most = settings.WEBHOOKS_A_MINUTE
    left = allowance(ends_of(row) if row else [], now, most=most)
    if not left.free:
        _hold(groups, left.free_at, now)
        return []
    return _coalesce(groups, left.free)


def _coalesce(groups: list[Group], free: int) -> list[Group]:
    """Return at most ``free`` groups that hold all rows, the most urgent alone."""
    sound = [group for group in groups if not _has_lost(group)]
    # What has cost a sender its life travels alone, when there is room.
    frail = [group for group in groups if _has_lost(group)]
    alone, together = split_parcels(len(sound), free)
    chosen = sound[:alone]
    if together:
        rows = [row for group in sound[alone:] for row in group]
        chosen.append(rows[:MOST_IN_BATCH])
    return chosen + frail[: free - len(chosen)]


def _has_lost(group: Group) -> bool:
    return bool(group[0].lost)  # type: ignore[attr-defined]


def _hold(groups: list[Group], until: datetime, now: datetime) -> list[Notification]:
    rows = [row for group in groups for row in group]
    Notification.objects.filter(due(now), pk__in=[row.pk for row in rows]).update(
        state=State.PENDING, next_try_at=until, lease_token=None, lease_until=None
    )
    return _pages_to_people(rows)


def _pages_to_people(rows: Sequence[Notification]) -> list[Notification]:
    return [row for row in rows if row.urgency == "high" and row.recipient_id]


def _pack(group: Group, name: EndpointName) -> Parcel:
    lead = group[0]
    return Parcel(
        pks=tuple(sorted(row.pk for row in group)),
        address=_address_of(lead)[1],
        rank=(lead.urgency, lead.next_try_at or lead.created_at),
        endpoint=name,
    )


def write_letter(rows: list[Notification]) -> Message:
    """Return the message for rows that leave together, each with its link.

    Of many, the first twenty are whole, eighty more say their subject, and the
    delivery log has the rest.
    """
    urgency = min(row.urgency for row in rows)
    if len(rows) == 1:
        row = rows[0]
        return Message(
            subject=row.subject,
            text=row.text,
            blocks=row.blocks,
            url=_absolute(row.url),
            reference=_say_topic(row.topic),
            urgency=urgency,
            acts=find_acts(row.topic, row.recipient, row.created_at),
            replaces=row.replaces.provider_id if row.replaces else "",
            unsubscribe_url=row.unsubscribe_url,
        )
    parts = [
        "\n".join(filter(None, (row.subject, row.text, _absolute(row.url))))
        for row in rows[:MOST_WHOLE]
    ]
    if named := [row.subject for row in rows[MOST_WHOLE:MOST_NAMED]]:
        parts.append("\n".join(named))
    if more := len(rows[MOST_NAMED:]):
        parts.append(f"And {more} more, all in the delivery log.")
    page = "/notifications/" if len(rows) > MOST_WHOLE else "/"
    return Message(
        subject=f"{rows[0].subject} and {len(rows) - 1} more",
        text="\n\n".join(parts),
        blocks=_events_of(rows),
        url=f"{settings.SITE_URL}{page}",
        urgency=urgency,
    )


def _events_of(rows: list[Notification]) -> list[Any] | None:
    """Return the blocks that programs read, of all rows; people's are written anew."""
    blocks = (block for row in rows for block in row.blocks or ())
    return [block for block in blocks if block.get("event")] or None


def _say_topic(topic: str) -> str:
    """Return "alert 12" for "alert:12"; nothing for topics that say no number."""
    word, _, number = topic.partition(":")
    return f"{word} {number}" if number.isdigit() else ""


def _find_obstacle(row: Notification) -> str:
    places = (row.recipient, row.channel, row.contact)
    if not row.address and all(place is None for place in places):
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
    if row.contact is not None:
        return TransportKind.EMAIL, row.contact.value
    if row.address:
        return TransportKind.EMAIL, row.address
    # Nothing verified: the account's own address is the last resort.
    return TransportKind.EMAIL, row.recipient.email if row.recipient else ""


def _host_of(parcel: Parcel) -> str:
    """Return what shares a bulkhead: a host, or the one server of a kind."""
    is_url = parcel.address.startswith(("https://", "http://"))
    return urlsplit(parcel.address).netloc if is_url else parcel.kind


def _absolute(url: str) -> str:
    return f"{settings.SITE_URL}{url}" if url.startswith("/") else url
