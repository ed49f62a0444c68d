"""Who outside hears of a public page: asked, confirmed from there, ended.

An address hears nothing but the question before its reader confirmed. Whoever asks
gets the same answer whether an address is known or not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from incidents.domain.subscriptions import write_request
from incidents.models import Component, StatusPage, Subscriber
from oncall.domain.contact import ContactError, ContactKind, normalise_contact
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.outside import OutsideMessage, enqueue_outside, forget_address
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.tokens import hash_token, make_token

LIFETIME = timedelta(days=7)
# Nobody's mailbox is filled by others who ask for it.
ASK_PAUSE = timedelta(minutes=10)
MOST_REQUESTS = 200
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks to hear; ``components`` are keys, none means all."""

    address: str
    components: Collection[int] = ()
    hears_incidents: bool = True
    hears_maintenance: bool = True


def ask_subscription(page: StatusPage, wish: Wish, *, now: datetime) -> None:
    """Send the question to the address, whether it is known or not.

    A second question within ten minutes is not sent. Raises PortalError, naming the
    field, for a wish that nobody can have, and Refused while very many ask.
    """
    address = _clean_address(wish.address)
    components = _find_components(page, wish)
    digest = digest_address(address)
    with transaction.atomic():
        # The page's row orders two questions at once.
        StatusPage.objects.select_for_update().get(pk=page.pk)
        asking = Subscriber.objects.filter(page=page, confirmed_at=None)
        if asking.filter(asked_at__gt=now - _HOUR).count() >= MOST_REQUESTS:
            raise Refused("Very many people are asking. Try again in an hour.")
        earlier = asking.filter(address_digest=digest).first()
        if earlier is not None:
            if now - earlier.asked_at < ASK_PAUSE:
                return
            _forget(earlier, "asked again", now)
        token = make_token("sub")
        row = Subscriber.objects.create(
            page=page,
            address=address,
            address_digest=digest,
            hears_all=not components,
            hears_incidents=wish.hears_incidents,
            hears_maintenance=wish.hears_maintenance,
            asked_at=now,
            token_digest=token.digest,
        )
        row.components.set(components)
        _send_question(row, token.plain, now)


def confirm_subscription(token: str, *, now: datetime) -> Subscriber | None:
    """Let the address hear from now on; what it heard before is replaced.

    Returns None for a link that was used, was replaced or is older than seven days.
    """
    with transaction.atomic():
        asked = find_request(token, now=now)
        if asked is not None:
            StatusPage.objects.select_for_update().get(pk=asked.page_id)
        # Read again when nobody else can confirm: somebody may click twice.
        row = find_request(token, now=now)
        if row is None:
            return None
        earlier = row.page.subscribers.filter(
            address_digest=row.address_digest, confirmed_at__isnull=False
        )
        for each in earlier:
            _forget(each, "replaced by a newer subscription", now)
        row.confirmed_at, row.token_digest = now, ""
        row.save(update_fields=["confirmed_at", "token_digest"])
        _record("subscriber.confirm", row, now=now)
    return row


def find_request(token: str, *, now: datetime) -> Subscriber | None:
    """Return what a link would confirm; looking changes nothing."""
    asked = Subscriber.objects.filter(
        token_digest=hash_token(token),
        confirmed_at=None,
        asked_at__gt=now - LIFETIME,
        page__is_published=True,
    )
    return asked.select_related("page").first()


def find_subscription(signed: str) -> Subscriber | None:
    """Return whose mails a link ends; None when that was done, or for a strange one."""
    try:
        told: Any = _signer().unsign_object(signed)
    except BadSignature:
        return None
    pk, stamp = told
    rows = Subscriber.objects.filter(pk=pk, address_digest__startswith=stamp)
    return rows.select_related("page").first()


def end_subscription(signed: str, *, now: datetime) -> bool:
    """Forget the reader whose link it is; returns whether there was anything to end."""
    row = find_subscription(signed)
    if row is None:
        return False
    with transaction.atomic():
        _record("subscriber.unsubscribe", row, now=now)
        _forget(row, "they unsubscribed", now)
    return True


def remove_subscriber(row: Subscriber, *, by: User, now: datetime) -> None:
    """Take a reader away from the page."""
    with transaction.atomic():
        _record("subscriber.remove", row, by=by, now=now)
        _forget(row, "removed by a manager", now)


def forget_unconfirmed(*, now: datetime) -> int:
    """Remove the questions that nobody answered for seven days; returns how many."""
    old = Subscriber.objects.filter(confirmed_at=None, asked_at__lte=now - LIFETIME)
    rows = {row.pk: row for row in old.order_by("asked_at", "pk")}
    return sweep_each(rows, lambda pk: _drop(rows[pk], now), what="subscriber")


def unsubscribe_url(row: Subscriber) -> str:
    """Return the address where the reader ends it; it is for them alone."""
    signed = _signer().sign_object([row.pk, row.address_digest[:16]])
    return f"{settings.SITE_URL}{reverse('unsubscribe', args=[signed])}"


def digest_address(address: str) -> str:
    """Return the keyed hash by which an address is found again."""
    keyed = salted_hmac("incidents.subscriber", address.lower(), algorithm="sha256")
    return keyed.hexdigest()


def key_of(row: Subscriber) -> str:
    """Name the reader to the outbox."""
    return f"subscriber:{row.pk}"


def _drop(row: Subscriber, now: datetime) -> int:
    with transaction.atomic():
        still = Subscriber.objects.filter(pk=row.pk, confirmed_at=None)
        if not still.select_for_update().exists():
            return 0
        _forget(row, "nobody confirmed it", now)
    return 1


def _forget(row: Subscriber, reason: str, now: datetime) -> None:
    forget_address(key_of(row), reason=reason, now=now)
    Subscriber.objects.filter(pk=row.pk).delete()


def _clean_address(text: str) -> str:
    try:
        return normalise_contact(ContactKind.EMAIL, text)
    except ContactError as error:
        raise PortalError(f"The address {error.message}", field="address") from None


def _find_components(page: StatusPage, wish: Wish) -> list[Component]:
    if not (wish.hears_incidents or wish.hears_maintenance):
        raise PortalError(
            "Choose incidents, planned maintenance or both.", field="hears_incidents"
        )
    wanted = set(wish.components)
    found = list(page.components.filter(Q(pk__in=wanted), is_shown=True))
    if len(found) < len(wanted):
        raise PortalError("Choose components of this page.", field="components")
    return found


def _send_question(row: Subscriber, token: str, now: datetime) -> None:
    url = f"{settings.SITE_URL}{reverse('subscription_confirm', args=[token])}"
    subject, text = write_request(row.page.title, url, LIFETIME.days)
    message = OutsideMessage(
        # Between the portal and its reader: in no team's delivery log.
        team_id=None,
        topic=key_of(row),
        dedupe_key=f"{key_of(row)}:confirm",
        address=row.address,
        address_key=key_of(row),
        subject=subject,
        text=text,
    )
    enqueue_outside([message], now=now)


def _record(
    action: str, row: Subscriber, *, now: datetime, by: User | None = None
) -> None:
    record_change(
        action,
        row,
        by=by,
        now=now,
        team_id=row.page.team_id,
        label="" if by else "somebody outside",
    )


def _signer() -> Signer:
    return Signer(salt="incidents.unsubscribe")
