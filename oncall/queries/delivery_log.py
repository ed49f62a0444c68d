"""The delivery log: who was told what, how, when and with which outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from oncall.domain.endpoint import FAILURES_TO_PAUSE
from oncall.domain.notification_rules import message_key
from oncall.models import Endpoint, Notification, TransportKind, User
from oncall.queries.people import mask_address

# One server for everybody: that it is down is no secret of a team.
_SHARED = (TransportKind.EMAIL, TransportKind.SMS, TransportKind.PAGERDUTY)
# For so long the portal speaks of a page that reached nobody.
UNREACHED_FOR = timedelta(hours=24)
_MOST_UNREACHED = 200
State = Notification.State


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a reader of the delivery log wants to see; empty means all.

    ``person`` is the key of a recipient, ``topic`` what it is about ("alert:12"),
    ``text`` anything that stands in the row.
    """

    state: str = ""
    urgency: str = ""
    kind: str = ""
    text: str = ""
    person: int | None = None
    topic: str = ""


def delivery_log(
    team_ids: Iterable[int], user: User | None, wanted: LogFilter
) -> QuerySet[Notification]:
    """Return messages of the teams, and those to ``user`` alone, newest first."""
    seen = Q(team__in=list(team_ids))
    if user is not None:
        seen |= Q(team=None, recipient=user)
    exact = {
        "state": wanted.state,
        "urgency": wanted.urgency,
        "recipient": wanted.person,
        "topic": wanted.topic,
    }
    rows = Notification.objects.filter(
        seen, **{name: value for name, value in exact.items() if value}
    )
    if wanted.kind:
        rows = rows.filter(_goes_by(wanted.kind))
    if wanted.text:
        rows = rows.filter(
            Q(subject__icontains=wanted.text)
            | Q(topic__icontains=wanted.text)
            | Q(recipient__name__icontains=wanted.text)
            | Q(channel__name__icontains=wanted.text)
        )
    return (
        rows.select_related(
            "team", "recipient", "contact_method", "channel", "contact", "bundled_into"
        )
        .prefetch_related("tries")
        .order_by("-created_at", "-pk")
    )


def say_way(row: Notification) -> tuple[str, str]:
    """Return the kind of way, and the address with enough hidden."""
    if row.channel is not None:
        return row.channel.kind, ""
    method = row.contact_method
    if method is not None:
        return method.kind, mask_address(method.kind, method.address)
    email = row.contact.value if row.contact else ""
    email = email or row.address or (row.recipient.email if row.recipient else "")
    return TransportKind.EMAIL, mask_address("email", email)


def say_reader(row: Notification) -> str:
    """Return who a message is for, in words; empty when that is gone."""
    if row.contact is not None:
        return row.contact.title
    if row.address_key:
        return "Somebody outside"
    return str(row.recipient or row.channel or "")


def log_people(team_ids: Iterable[int]) -> list[User]:
    """Return the people of the teams by name, for the choice of one."""
    members = User.objects.filter(memberships__team__in=list(team_ids))
    return list(members.order_by("name", "username").distinct())


def count_failed(team_ids: Iterable[int]) -> int:
    """Return how many messages of the teams failed and were not sent again."""
    return Notification.objects.filter(
        team__in=list(team_ids), state=State.FAILED
    ).count()


def count_unreached(team_ids: Iterable[int], now: datetime) -> int:
    """Return how many pages of the last 24 hours arrived by no way at all.

    One page to one person counts once, however many ways failed; what still waits
    is not counted. Two queries at most.
    """
    pages = Notification.objects.filter(
        team__in=list(team_ids), urgency="high", created_at__gt=now - UNREACHED_FOR
    )
    failed = pages.filter(state=State.FAILED).order_by("-pk")
    lost = dict(failed.values_list("dedupe_key", "topic")[:_MOST_UNREACHED])
    if not lost:
        return 0
    others = pages.filter(topic__in=set(lost.values())).exclude(
        state__in=[State.FAILED, State.CANCELLED]
    )
    hopeful = {message_key(key) for key in others.values_list("dedupe_key", flat=True)}
    return len({message_key(key) for key in lost} - hopeful)


def servers_down() -> list[Endpoint]:
    """Return the servers of everybody that have stopped to answer."""
    return list(
        Endpoint.objects.filter(
            kind__in=_SHARED, retry_at__isnull=False, failures__gte=FAILURES_TO_PAUSE
        )
    )


def _goes_by(kind: str) -> Q:
    found = Q(contact_method__kind=kind) | Q(channel__kind=kind)
    if kind == TransportKind.EMAIL:
        # The account's own address, or a line of a contact table.
        found |= Q(contact_method=None, channel=None)
    return found
