"""Reminding the owners of action items: once a day each, and it has to arrive."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from incidents.domain.action_item import (
    OPEN,
    is_for_lead,
    look_again_after,
    next_reminder_at,
    say_due,
)
from incidents.models import ActionItem
from incidents.services.actions import topic_of, url_of, zone_of
from oncall.models import Membership, Notification, Role, User
from oncall.services import notifications
from oncall.services.sweeps import sweep_each

# So that one sweep ends in time; what is left stays due.
MOST_ITEMS: Final = 500
_Out = Notification.State


def remind_of_actions(*, now: datetime) -> int:
    """Queue the reminders that are due, and see that those of before arrived.

    The column moves by compare and swap in the transaction that queues the message.
    A reminder counts once it was sent; one that failed is queued again.
    Returns how many items were handled.
    """
    due = (
        ActionItem.objects.filter(next_reminder_at__lte=now)
        .select_related("incident__team", "owner")
        .order_by("next_reminder_at", "pk")[:MOST_ITEMS]
    )
    items = {item.pk: item for item in due}
    return sweep_each(items, lambda pk: _handle(items[pk], now), what="action item")


def _handle(item: ActionItem, now: datetime) -> int:
    with transaction.atomic():
        if item.reminding_on is None:
            return _remind(item, _day_of(item, now), now)
        return _follow_up(item, item.reminding_on, now)


def _follow_up(item: ActionItem, on: date, now: datetime) -> int:
    """See what became of the reminder of the day ``on``."""
    began = f"{_key(item, on)}:"
    rows = Notification.objects.filter(
        topic=topic_of(item), dedupe_key__startswith=began
    )
    states = set(rows.values_list("state", flat=True))
    if states & {_Out.SENT, _Out.BUNDLED}:
        return _settle(item, on)
    if states & {_Out.PENDING, _Out.LEASED}:
        return _move(item, next_reminder_at=now + look_again_after(1))
    # It failed, or there was nobody: the day's reminder is still owed.
    return _remind(item, _day_of(item, now), now)


def _remind(item: ActionItem, on: date, now: datetime) -> int:
    number = item.reminder_try + 1 if item.reminding_on == on else 1
    moved = _move(
        item,
        reminding_on=on,
        reminder_try=number,
        next_reminder_at=now + look_again_after(number),
    )
    if not moved:
        return 0
    item.reminding_on, item.reminder_try = on, number
    message = _compose(item, on, now)
    leads = find_leads(item)
    owner = item.owner if item.owner and item.owner.is_active else None
    for person in [owner] if owner else leads:
        notifications.enqueue(dedupe_key=_key(item, on), recipient=person, **message)
    if owner and is_for_lead(item.due_on or on, on):
        for lead in leads:
            key = f"{topic_of(item)}:{on}:lead"
            notifications.enqueue(dedupe_key=key, recipient=lead, **message)
    return 1


def _settle(item: ActionItem, on: date) -> int:
    """Count the reminder that arrived, and wait for the next day's."""
    zone = zone_of(item)
    done = datetime.combine(on, datetime.min.time(), zone) + timedelta(days=1)
    return _move(
        item,
        reminding_on=None,
        reminder_try=0,
        reminders_sent=item.reminders_sent + 1,
        next_reminder_at=next_reminder_at(item.due_on or on, done, zone),
    )


def _move(item: ActionItem, **columns: Any) -> int:
    return ActionItem.objects.filter(
        pk=item.pk, state__in=OPEN, next_reminder_at=item.next_reminder_at
    ).update(**columns)


def find_leads(item: ActionItem) -> list[User]:
    """Return the managers of the item's team but its owner, in a fixed order."""
    rows = Membership.objects.filter(team=item.incident.team_id, role=Role.MANAGER)
    people = User.objects.filter(pk__in=rows.values("user_id"), is_active=True)
    if item.owner_id is not None:
        people = people.exclude(pk=item.owner_id)
    return list(people.order_by("pk"))


def _day_of(item: ActionItem, now: datetime) -> date:
    return now.astimezone(zone_of(item)).date()


def _key(item: ActionItem, on: date) -> str:
    return f"{topic_of(item)}:{on}:{item.reminder_try}"


def _compose(item: ActionItem, on: date, now: datetime) -> dict[str, Any]:
    words = say_due(item.due_on, on)
    incident = item.incident
    return {
        "team_id": incident.team_id,
        "topic": topic_of(item),
        "subject": f"Action item {words}: {item.title}",
        "text": f"“{item.title}” is {words} ({item.due_on}). It came out of "
        f"{incident.ref}, {incident.title}. Its page lets you begin or finish it, "
        "move the date, or say why it will not be done.",
        "url": url_of(item),
        "now": now,
    }
