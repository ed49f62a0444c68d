"""Reminders to many people at once, with the same few statements for all of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.domain.notification_rules import LOW, Method, Rule, Way, choose_ways
from oncall.models import ContactMethod, Notification, NotificationRule, User
from oncall.services.notifications import TASK
from opsportal.kit.nudge import nudge


@dataclass(frozen=True, slots=True, kw_only=True)
class CalmMessage:
    """One message of low urgency to one person; its fields are those of ``enqueue``."""

    team_id: int
    topic: str
    dedupe_key: str
    recipient: User
    subject: str
    text: str
    url: str


def enqueue_calmly(messages: Sequence[CalmMessage], *, now: datetime) -> None:
    """Do as ``notifications.enqueue`` does for each of these messages.

    Call it inside the transaction of the change that they tell of.
    """
    people = {each.recipient.pk for each in messages if each.recipient.is_active}
    ways = _ways_to(people) if people else {}
    rows = [
        Notification(
            team_id=each.team_id,
            topic=each.topic,
            dedupe_key=f"{each.dedupe_key}:{way.suffix(each.recipient.pk)}",
            recipient=each.recipient,
            contact_method_id=way.method_pk,
            subject=each.subject[:250],
            text=each.text,
            url=each.url,
            urgency=LOW,
            created_at=now,
            next_try_at=now + way.delay,
        )
        for each in messages
        for way in ways.get(each.recipient.pk, ())
    ]
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        nudge(TASK)


def _ways_to(people: Collection[int]) -> dict[int, list[Way]]:
    """Return by which ways each of these active people hears of what is calm."""
    methods: dict[int, list[Method]] = defaultdict(list)
    verified = ContactMethod.objects.filter(user__in=people, verified_at__isnull=False)
    for person, pk, kind in verified.values_list("user_id", "pk", "kind"):
        methods[person].append(Method(pk, kind))
    rules: dict[int, list[Rule]] = defaultdict(list)
    wanted = NotificationRule.objects.filter(user__in=people, urgency=LOW)
    for person, pk, delay in wanted.values_list("user_id", "contact_method", "delay"):
        rules[person].append(Rule(pk, delay))
    return {
        person: choose_ways(LOW, methods[person], rules[person]) for person in people
    }
