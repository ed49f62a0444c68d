"""Reminding the owners of action items: once a day each, and it has to arrive."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from incidents.domain.action_item import (
    is_for_lead,
    look_again_after,
    next_reminder_at,
    say_due,
)
from incidents.models import ActionItem
from incidents.services.actions import topic_of, url_of, zone_of
from oncall.models import Membership, Notification, Role, User
from oncall.services.calm_notices import CalmMessage, enqueue_calmly
from oncall.services.sweeps import sweep_each

# So that one sweep ends in time; what is left stays due.
MOST_ITEMS: Final = 500
_TOGETHER: Final = 100
_DAY: Final = timedelta(days=1)
_State = Notification.State
# What a change puts into the columns of an item, and how many reminders it counts.
_Change = tuple[tuple[tuple[str, Any], ...], int]


def remind_of_actions(*, now: datetime) -> int:
    """Queue the reminders that are due, and see that those of before arrived.

    A reminder counts once it was sent; one that failed is queued again. Items go by
    the hundred, each hundred in one transaction; where one item of a hundred fails,
    each of them has its own, so that it holds up no other.
    Returns how many items were handled.
    """
    due = ActionItem.objects.filter(next_reminder_at__lte=now)
    pks = list(
        due.order_by("next_reminder_at", "pk").values_list("pk", flat=True)[:MOST_ITEMS]
    )
    handled, alone = 0, []
    for start in range(0, len(pks), _TOGETHER):
        together = pks[start : start + _TOGETHER]
        try:
            handled += _handle(together, now)
        except (InterfaceError, OperationalError):
            raise
        except Exception:  # noqa: BLE001 -- said below, of the item that it is
            alone += together
    return handled + sweep_each(
        alone, lambda pk: _handle([pk], now), what="action item"
    )


def _handle(pks: Sequence[int], now: datetime) -> int:
    with transaction.atomic():
        # Whoever comes second finds them moved.
        items = list(
            ActionItem.objects.select_for_update(of=("self",))
            .filter(pk__in=pks, next_reminder_at__lte=now)
            .select_related("incident__team", "owner")
            .order_by("pk")
        )
        states = _states_of(items)
        leads = _Leads()
        messages: list[CalmMessage] = []
        changes: dict[_Change, list[int]] = defaultdict(list)
        for item in items:
            change = _follow_up(item, states[item.pk], now)
            if change is None:
                on = now.astimezone(zone_of(item)).date()
                change = _remind(item, on, now)
                messages += _compose(item, on, leads)
            changes[change].append(item.pk)
        for (columns, arrived), moved in changes.items():
            ActionItem.objects.filter(pk__in=moved).update(
                reminders_sent=F("reminders_sent") + arrived, **dict(columns)
            )
        enqueue_calmly(messages, now=now)
    return len(items)


def _states_of(items: Sequence[ActionItem]) -> dict[int, set[str]]:
    """Return by item what became of the messages of its last reminder."""
    states: dict[int, set[str]] = defaultdict(set)
    days = [item.reminding_on for item in items if item.reminding_on]
    if not days:
        return states
    began = {topic_of(item): (item.pk, f"{_key(item)}:") for item in items}
    # A message is as young as its reminder; two days more for any clock.
    since = datetime.combine(min(days), datetime.min.time(), UTC) - 2 * _DAY
    rows = Notification.objects.filter(topic__in=began, created_at__gte=since)
    said = rows.order_by().values_list("topic", "dedupe_key", "state")
    for topic, key, state in said:
        pk, start = began[topic]
        if key.startswith(start):
            states[pk].add(state)
    return states


def _follow_up(item: ActionItem, states: set[str], now: datetime) -> _Change | None:
    """Return what follows from the reminder on its way, None to remind now."""
    on = item.reminding_on
    if on and states & {_State.SENT, _State.BUNDLED}:
        return _settle(item, on)
    if states & {_State.PENDING, _State.LEASED}:
        return (("next_reminder_at", now + look_again_after(1)),), 0
    # There is none, it failed, or there was nobody: the day's is still owed.
    return None


def _settle(item: ActionItem, on: date) -> _Change:
    """Count the reminder that arrived, and wait for the next day's."""
    zone = zone_of(item)
    done = datetime.combine(on, datetime.min.time(), zone) + _DAY
    changed = (
        ("reminding_on", None),
        ("reminder_try", 0),
        ("next_reminder_at", next_reminder_at(item.due_on or on, done, zone)),
    )
    return changed, 1


def _remind(item: ActionItem, on: date, now: datetime) -> _Change:
    """Note in the item which reminder it has now, and return what that changes."""
    number = item.reminder_try + 1 if item.reminding_on == on else 1
    item.reminding_on, item.reminder_try = on, number
    changed = (
        ("reminding_on", on),
        ("reminder_try", number),
        ("next_reminder_at", now + look_again_after(number)),
    )
    return changed, 0


class _Leads:
    """The managers of teams, read once a team."""

    def __init__(self) -> None:
        self._by_team: dict[int, list[User]] = {}

    def of(self, item: ActionItem) -> list[User]:
        """Return the managers of the item's team but its owner, in a fixed order."""
        team_id = item.incident.team_id
        if team_id not in self._by_team:
            rows = Membership.objects.filter(team=team_id, role=Role.MANAGER)
            people = User.objects.filter(pk__in=rows.values("user_id"), is_active=True)
            self._by_team[team_id] = list(people.order_by("pk"))
        return [lead for lead in self._by_team[team_id] if lead.pk != item.owner_id]


def _key(item: ActionItem) -> str:
    return f"{topic_of(item)}:{item.reminding_on}:{item.reminder_try}"


def _compose(item: ActionItem, on: date, leads: _Leads) -> list[CalmMessage]:
    """Return the messages of the reminder that the item has now."""
    owner = item.owner if item.owner and item.owner.is_active else None
    told = [(_key(item), person) for person in ([owner] if owner else leads.of(item))]
    if owner and is_for_lead(item.due_on or on, on):
        told += [(f"{topic_of(item)}:{on}:lead", lead) for lead in leads.of(item)]
    words, incident = say_due(item.due_on, on), item.incident
    return [
        CalmMessage(
            team_id=incident.team_id,
            topic=topic_of(item),
            dedupe_key=key,
            recipient=person,
            subject=f"Action item {words}: {item.title}",
            text=f"“{item.title}” is {words} ({item.due_on}). It came out of "
            f"{incident.ref}, {incident.title}. Its page lets you begin or finish it, "
            "move the date, or say why it will not be done.",
            url=url_of(item),
        )
        for key, person in told
    ]
