"""How a person is reached: methods, each proven by a code that was sent there."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils.crypto import constant_time_compare, salted_hmac

from oncall.domain.contact import KIND_OF_TRANSPORT, ContactError, normalise_contact
from oncall.models import ContactMethod, Notification, TransportKind, User
from oncall.services import notifications
from oncall.services.audit import record_change
from opsportal.kit.errors import PortalError, Refused

CODE_LIFETIME = timedelta(minutes=15)
CODE_PAUSE = timedelta(seconds=60)
MOST_TRIES = 5
MOST_METHODS = 10


def clean_address(kind: str, address: str, *, is_admin: bool) -> str:
    """Return the one spelling of an address; raises PortalError on ``address``.

    Apprise URLs are for administrators, and a phone needs an SMS gateway: Refused.
    """
    if kind == TransportKind.SMS and not settings.SMS_URL:
        raise Refused(
            "No SMS gateway is configured. Ask an administrator of the portal.",
            code="no_gateway",
            field="kind",
        )
    if kind == TransportKind.APPRISE and not is_admin:
        raise Refused(
            "Only administrators enter Apprise URLs: they reach anywhere.",
            code="admins_only",
            field="kind",
        )
    # Only an installation that lets its own machine be reached takes plain http there.
    loopback = "127.0.0.1" in settings.EGRESS_ALLOW
    try:
        return normalise_contact(
            KIND_OF_TRANSPORT[TransportKind(kind)],
            address,
            allows_loopback_http=loopback,
            apprise_schemes=frozenset(
                each.strip().lower() for each in settings.APPRISE_SCHEMES
            ),
        )
    except ContactError as error:
        words = f"The address {error.message}"
        raise PortalError(words, code="bad_address", field="address") from None


def add_contact_method(
    user: User, *, kind: str, address: str, label: str, now: datetime
) -> ContactMethod:
    """Keep a new way to reach the person and send a code there.

    Nothing else is sent there until the code comes back. Raises PortalError for an
    address that cannot work, Refused for one too many.
    """
    if kind == TransportKind.SLACK_APP:
        raise Refused(
            "A Slack app speaks to a team's channel. Give it to the team.",
            code="channels_only",
            field="kind",
        )
    clean = clean_address(kind, address, is_admin=user.is_superuser)
    with transaction.atomic():
        # The person's row orders two additions at once.
        User.objects.filter(pk=user.pk).update(name=F("name"))
        known = list(user.contact_methods.all())
        if len(known) >= MOST_METHODS:
            raise Refused("Ten ways are enough. Remove one first.", code="too_many")
        if any((each.kind, each.address) == (kind, clean) for each in known):
            raise PortalError("You have this one already.", field="address")
        last = user.contact_methods.aggregate(last=Max("position"))["last"]
        method = ContactMethod.objects.create(
            user=user,
            kind=kind,
            address=clean,
            label=label,
            position=0 if last is None else last + 1,
        )
        record_change("contact.add", method, by=user, now=now, after={"kind": kind})
        _send_code(method, now)
    return method


def send_code_again(method: ContactMethod, *, now: datetime) -> None:
    """Send a new code; the one before no longer counts.

    Raises Refused when it is verified, or within a minute of the last code.
    """
    with transaction.atomic():
        if method.verified_at is not None:
            raise Refused("This one is verified already.", code="verified")
        if method.code_sent_at and now - method.code_sent_at < CODE_PAUSE:
            raise Refused("A code has just left. Wait a minute.", code="too_soon")
        _send_code(method, now)


def verify_contact_method(method: ContactMethod, code: str, *, now: datetime) -> None:
    """Prove with the code that messages arrive there.

    Raises PortalError for a wrong code, Refused when it is too old or was guessed
    at too often; then a new one must be sent.
    """
    # Counting first, by one statement: parallel guesses cannot exceed the number.
    counted = ContactMethod.objects.filter(
        pk=method.pk,
        verified_at=None,
        code_tries__lt=MOST_TRIES,
        code_sent_at__gt=now - CODE_LIFETIME,
    ).update(code_tries=F("code_tries") + 1)
    if not counted:
        raise Refused("This code no longer counts. Send a new one.", code="stale")
    method.refresh_from_db()
    entered = "".join(char for char in code if char.isdigit())
    if not constant_time_compare(_digest(method, entered), method.code_digest):
        raise PortalError(
            "That is not the code. Look at the newest message.", field="code"
        )
    with transaction.atomic():
        won = ContactMethod.objects.filter(
            pk=method.pk, verified_at=None, code_digest=method.code_digest
        ).update(verified_at=now, code_digest="")
        if won:
            record_change("contact.verify", method, by=method.user, now=now)


def move_contact_method(method: ContactMethod, *, up: bool, now: datetime) -> None:
    """Change places with the method before or after; at the end nothing happens."""
    with transaction.atomic():
        # The person's row orders two moves at once.
        User.objects.filter(pk=method.user_id).update(name=F("name"))
        order = list(ContactMethod.objects.filter(user=method.user_id))
        place = order.index(method)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        for position, each in enumerate(order):
            ContactMethod.objects.filter(pk=each.pk).update(position=position)
        record_change("contact.move", method, by=method.user, now=now)


def send_test(method: ContactMethod, *, now: datetime) -> Notification:
    """Send a message that says it is a test; within a minute only one.

    Raises Refused while the method is not verified: its code is the test.
    """
    if method.verified_at is None:
        raise Refused("Verify it first: the code is its test.", code="unverified")
    with transaction.atomic():
        (row,) = notifications.send_to_method(
            method.pk,
            method.user,
            topic=_topic(method),
            dedupe_key=f"{_topic(method)}:test:{now:%Y%m%d%H%M}",
            subject="Test from opsportal",
            text="You looked whether messages arrive here. They do.",
            now=now,
        )
    return row


def remove_contact_method(method: ContactMethod, *, by: User, now: datetime) -> None:
    """Forget a method; what waits for it goes to the account's email instead."""
    with transaction.atomic():
        record_change(
            "contact.remove", method, by=by, now=now, before={"kind": method.kind}
        )
        ContactMethod.objects.filter(pk=method.pk).delete()


def _send_code(method: ContactMethod, now: datetime) -> None:
    code = f"{secrets.randbelow(10**8):08d}"
    ContactMethod.objects.filter(pk=method.pk).update(
        code_digest=_digest(method, code), code_sent_at=now, code_tries=0
    )
    notifications.cancel(_topic(method), reason="a newer code was sent", now=now)
    notifications.send_to_method(
        method.pk,
        method.user,
        topic=_topic(method),
        dedupe_key=f"{_topic(method)}:code:{secrets.token_hex(8)}",
        subject="Your code for opsportal",
        text=(
            f"{code[:4]} {code[4:]}\n\n"
            "Enter it within 15 minutes on your profile page. Without it nothing "
            "more is sent here."
        ),
        now=now,
    )


def _topic(method: ContactMethod) -> str:
    return f"contact:{method.pk}"


def _digest(method: ContactMethod, code: str) -> str:
    # Eight digits are soon guessed from a plain hash; the key makes it useless.
    keyed = salted_hmac("oncall.contact", f"{method.pk}:{code}", algorithm="sha256")
    return keyed.hexdigest()
