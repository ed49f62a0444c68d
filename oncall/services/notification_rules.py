"""How a person wants to be told: delay and method, apart for pages and reminders."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from oncall.domain.notification_rules import LONGEST_DELAY
from oncall.models import ContactMethod, NotificationRule, User
from oncall.services.audit import record_change
from opsportal.kit.errors import PortalError, Refused

MOST_RULES = 20


def add_rule(
    user: User,
    *,
    urgency: str,
    method: ContactMethod,
    delay: timedelta,
    now: datetime,
) -> NotificationRule:
    """Tell by ``method`` so long after a page (high) or a reminder (low).

    Raises PortalError for a delay below 0 or over 24 h, a method that is not verified
    or a rule that exists, Refused for one too many.
    """
    if not timedelta() <= delay <= LONGEST_DELAY:
        raise PortalError("Wait 0 minutes to 24 hours.", field="delay")
    if method.verified_at is None:
        raise PortalError("Verify this way first.", field="method")
    with transaction.atomic():
        # The person's row orders two additions at once.
        User.objects.filter(pk=user.pk).update(name=F("name"))
        rules = user.notification_rules.filter(urgency=urgency)
        if rules.count() >= MOST_RULES:
            raise Refused("Twenty rules are enough. Remove one.", code="too_many")
        rule, is_new = NotificationRule.objects.get_or_create(
            user=user, urgency=urgency, contact_method=method, delay=delay
        )
        if not is_new:
            raise PortalError("You have this rule already.", field="method")
        record_change(
            "notification_rule.add", rule, by=user, now=now, after=_describe(rule)
        )
    return rule


def remove_rule(rule: NotificationRule, *, by: User, now: datetime) -> None:
    """Forget a rule; without any of its urgency, what is usual counts again."""
    with transaction.atomic():
        record_change(
            "notification_rule.remove", rule, by=by, now=now, before=_describe(rule)
        )
        NotificationRule.objects.filter(pk=rule.pk).delete()


def _describe(rule: NotificationRule) -> dict[str, object]:
    return {
        "urgency": rule.urgency,
        "method": rule.contact_method_id,
        "delay": int(rule.delay.total_seconds()),
    }
