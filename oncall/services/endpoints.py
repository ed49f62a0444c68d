"""Where messages arrive: places in a minute, and who has stopped to answer.

A place is taken by compare and swap in the transaction that leases the rows, and
given its true end when the send is over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.crypto import salted_hmac

from oncall.domain.contact import KIND_OF_TRANSPORT, mask_contact
from oncall.domain.endpoint import Health, allowance, fail
from oncall.domain.retry import BRISK, PATIENT, Pace
from oncall.models import Endpoint, TransportKind
from oncall.transports import TransportError

# Each address is a receiver of its own; the others share one server.
WEBHOOKS = frozenset(
    {
        TransportKind.SLACK,
        TransportKind.SLACK_APP,
        TransportKind.WEBHOOK,
        TransportKind.TEAMS,
        TransportKind.APPRISE,
    }
)
_SHARED = {
    TransportKind.EMAIL: "the mail server",
    TransportKind.SMS: "the SMS gateway",
    TransportKind.PAGERDUTY: "PagerDuty",
}
# A transport ends within this: a message that was begun has arrived by then.
LONGEST_SEND = timedelta(seconds=13)
# While one message tries a paused endpoint, the others wait for its outcome.
TRIAL = timedelta(seconds=20)
# These say something about one mailbox, nothing about the server.
_NOT_ITS_FAULT = frozenset({"recipient_refused"})
_MOST_SWAPS = 20


@dataclass(frozen=True, slots=True)
class EndpointName:
    """An endpoint by a keyed hash; ``label`` is what people may read."""

    kind: str
    digest: str
    label: str

    @property
    def is_limited(self) -> bool:
        """Whether it gets so many messages a minute and no more."""
        return self.kind in WEBHOOKS and settings.WEBHOOKS_A_MINUTE > 0


def name_endpoint(kind: str, address: str) -> EndpointName:
    """Return the endpoint of an address."""
    shared = _SHARED.get(TransportKind(kind))
    what = f"{kind}:{'' if shared else address}"
    digest = salted_hmac("oncall.endpoint", what, algorithm="sha256").hexdigest()
    label = shared or mask_contact(KIND_OF_TRANSPORT[kind], address)
    return EndpointName(kind, digest, label[:120])


def pace_of(kind: str) -> Pace:
    """Return how persistently messages of a kind are tried."""
    return BRISK if kind in WEBHOOKS else PATIENT


def load_endpoints(names: Iterable[EndpointName]) -> dict[str, Endpoint]:
    """Return those that are known already, by digest; one query."""
    digests = {name.digest for name in names}
    return {row.digest: row for row in Endpoint.objects.filter(digest__in=digests)}


def health_of(row: Endpoint) -> Health:
    """Return what the endpoint's answers said so far."""
    return Health(row.failures, row.retry_at)


def ends_of(row: Endpoint) -> list[datetime]:
    """Return when its last messages had arrived at the latest."""
    return [datetime.fromtimestamp(each, UTC) for each in row.sends]


def take_place(name: EndpointName, *, now: datetime) -> float | None:
    """Take a place for one message at ``now``; None when there is none.

    Returns what ``give_back`` needs. Call it inside the transaction of the lease.
    """
    place = (now + LONGEST_SEND).timestamp()

    def take(row: Endpoint) -> bool:
        health = health_of(row)
        if health.retry_at is not None and health.retry_at > now:
            return False
        if health.is_down:
            row.retry_at = now + TRIAL
        elif not name.is_limited:
            return True
        if name.is_limited:
            most = settings.WEBHOOKS_A_MINUTE
            if not allowance(ends_of(row), now, most=most).free:
                return False
            row.sends = [*row.sends, place][-most:]
        return _swap(row, now)

    return place if _change(name, take, now) else None


def give_back(
    name: EndpointName, place: float, error: TransportError | None, *, now: datetime
) -> bool:
    """Settle a place after the send; return whether the endpoint went down by it.

    An answer that refuses the message for good is an answer: the endpoint is well.
    """
    is_well = error is None or error.permanent or error.code in _NOT_ITS_FAULT
    went_down = False

    def settle(row: Endpoint) -> bool:
        nonlocal went_down
        before = health_of(row)
        if is_well or error is None:
            after = Health(0)
        else:
            after = fail(before, now, retry_after=error.retry_after)
        went_down = after.is_down and not before.is_down
        if after == before and place not in row.sends:
            return True
        row.failures, row.retry_at = after.failures, after.retry_at
        if place in row.sends:
            row.sends.remove(place)
            row.sends = sorted([*row.sends, now.timestamp()])
        return _swap(row, now)

    _change(name, settle, now)
    return went_down


def _change(
    name: EndpointName, change: Callable[[Endpoint], bool], now: datetime
) -> bool:
    """Read, change and swap until nobody came between; False when it was refused."""
    for _ in range(_MOST_SWAPS):
        row, _ = Endpoint.objects.get_or_create(
            digest=name.digest,
            defaults={"kind": name.kind, "label": name.label, "used_at": now},
        )
        seen = row.revision
        if change(row):
            return True
        if Endpoint.objects.filter(pk=row.pk, revision=seen).exists():
            return False
    return False


def _swap(row: Endpoint, now: datetime) -> bool:
    swapped = Endpoint.objects.filter(pk=row.pk, revision=row.revision).update(
        sends=row.sends,
        failures=row.failures,
        retry_at=row.retry_at,
        used_at=now,
        revision=F("revision") + 1,
    )
    return bool(swapped)
