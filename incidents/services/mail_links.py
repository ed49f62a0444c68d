"""Links in mails that act on an alert for the one person they were sent to.

Nothing is stored: a link is signed, for one act of one person on one alert, and ends
by itself. A new password or mail address ends all of that person's links.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from incidents.models import Alert
from oncall.models import User
from opsportal.kit.errors import Refused

LIFETIME = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class MailLink:
    """What a link is for: one act of one person on one alert."""

    name: str
    alert: Alert
    user: User
    ends_at: datetime


def make_url(name: str, alert_pk: int, user: User, since: datetime) -> str:
    """Return the address of a link that ends 48 hours after ``since``."""
    ends = int((since + LIFETIME).timestamp())
    token = _signer(name).sign_object([alert_pk, user.pk, ends, _stamp(user)])
    return f"{settings.SITE_URL}{reverse('mail_link', args=[name, token])}"


def read_link(name: str, token: str, *, now: datetime) -> MailLink | None:
    """Return what a link is for; None for one that nobody here made.

    Raises Refused for one that has ended, by time or with the person's password.
    """
    try:
        told: Any = _signer(name).unsign_object(token)
    except BadSignature:
        return None
    alert_pk, user_pk, ends, stamp = told
    alert = Alert.objects.select_related("service").filter(pk=alert_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True).first()
    if alert is None or user is None:
        return None
    link = MailLink(name, alert, user, datetime.fromtimestamp(ends, now.tzinfo))
    if now >= link.ends_at or not constant_time_compare(stamp, _stamp(user)):
        raise Refused(
            "This link has ended. Sign in and open the alert instead.", code="ended"
        )
    return link


def _signer(name: str) -> Signer:
    return Signer(salt=f"incidents.mail_link.{name}")


def _stamp(user: User) -> str:
    what = f"{user.pk}:{user.password}:{user.email}"
    return salted_hmac("incidents.mail_link.stamp", what).hexdigest()[:16]
