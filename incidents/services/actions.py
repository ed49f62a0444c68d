"""Action items: they outlive their incident, and their owners hear of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from incidents.domain.action_item import (
    OPEN,
    next_reminder_at,
    refuse_action_move,
    say_due,
)
from incidents.models import ActionItem, Incident
from incidents.services.timeline import append_entry, hold_incident
from oncall.models import Channel, Membership, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

State = ActionItem.State
EDITABLE: Final = ("title", "kind", "priority", "owner", "due_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDraft:
    """What somebody wants done; ``due_on`` is a day on the team's clock."""

    title: str
    kind: str = ActionItem.Kind.PREVENT
    priority: int = ActionItem.Priority.MEDIUM
    owner: User | None = None
    due_on: date | None = None


def add_action(
    incident_pk: int, draft: ActionDraft, *, by: User, now: datetime
) -> ActionItem:
    """Write down what has to change after the incident, in whatever state that is.

    Raises PortalError, naming the field, when there is no title or the owner is not
    in the team.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        _check(incident, draft.title, draft.owner, draft.due_on)
        item = ActionItem(
            incident=incident,
            title=draft.title.strip(),
            kind=draft.kind,
            priority=draft.priority,
            owner=draft.owner,
            due_on=draft.due_on,
            created_at=now,
            created_by=by,
        )
        item.next_reminder_at = _next_reminder(item, now)
        item.save()
        append_entry(
            incident,
            "action",
            by=by,
            now=now,
            text=item.title,
            source_ref=f"action:{item.pk}",
        )
        _audit("action.add", item, by=by, now=now, after=_say(item))
    return item


def edit_action(
    action_pk: int,
    changes: Mapping[str, Any],
    *,
    expected_version: int,
    by: User,
    now: datetime,
) -> ActionItem:
    """Write fields of EDITABLE over what ``expected_version`` showed.

    Raises Conflict when somebody was faster; its ``current`` maps the given fields
    and "version" to what they are now.
    """
    with transaction.atomic():
        item = hold_action(action_pk)
        if item.version != expected_version:
            current = {name: getattr(item, name) for name in (*changes, "version")}
            raise Conflict("Somebody else changed this action item.", current=current)
        before = _say(item)
        for name in EDITABLE:
            if name in changes:
                setattr(item, name, changes[name])
        _check(item.incident, item.title, item.owner, item.due_on)
        item.title = item.title.strip()
        if _say(item) == before:
            return item
        _save(item, now)
        _audit("action.edit", item, by=by, now=now, before=before, after=_say(item))
    return item


def move_action(
    action_pk: int, state: str, *, by: User, now: datetime, reason: str = ""
) -> ActionItem:
    """Begin it, finish it, refuse it with a reason, or open it again.

    Raises Refused with what is allowed.
    """
    with transaction.atomic():
        item = hold_action(action_pk)
        refusal = refuse_action_move(item.state, state, reason=reason)
        if refusal:
            raise Refused(refusal, code="action_state")
        change = {"from": item.state, "to": state}
        item.state = state
        item.reason = reason.strip()[:500] if state == State.WONT_DO else ""
        item.completed_at = now if state == State.DONE else None
        _save(item, now)
        if state not in OPEN:
            notifications.cancel(topic_of(item), reason=f"It is {state}.", now=now)
        _audit("action.move", item, by=by, now=now, after=change)
    return item


def export_action(
    action_pk: int, channel: Channel, *, by: User, now: datetime
) -> ActionItem:
    """Send the action item to a tracker behind a webhook channel of the team.

    Raises PortalError for another kind of channel or one of another team.
    """
    with transaction.atomic():
        item = hold_action(action_pk)
        is_theirs = channel.team_id == item.incident.team_id
        if channel.kind != "webhook" or not channel.is_enabled or not is_theirs:
            raise PortalError("Choose a webhook of the team.", field="channel")
        notifications.enqueue(
            team_id=item.incident.team_id,
            topic=f"action-export:{item.pk}",
            # The version: sent twice as it was, the tracker hears of it once.
            dedupe_key=f"action-export:{item.pk}:v{item.version}",
            subject=item.title,
            text=_describe(item, now),
            url=url_of(item),
            channel=channel,
            now=now,
        )
        item.exported_at = now
        item.save(update_fields=["exported_at"])
        _audit("action.export", item, by=by, now=now, after={"channel": channel.name})
    return item


def hold_action(action_pk: int) -> ActionItem:
    """Move the version of the item's team, which holds it; then read it."""
    team_id = ActionItem.objects.values_list("incident__team_id", flat=True)
    touch_team(team_id.get(pk=action_pk))
    return ActionItem.objects.select_related("incident__team", "owner").get(
        pk=action_pk
    )


def topic_of(item: ActionItem) -> str:
    """Return what messages about the item are filed under."""
    return f"action:{item.pk}"


def url_of(item: ActionItem) -> str:
    """Return the whole address of the item's page."""
    return f"{settings.SITE_URL}{reverse('action_detail', args=[item.pk])}"


def zone_of(item: ActionItem) -> ZoneInfo:
    """Return the clock on which the item is due."""
    return ZoneInfo(item.incident.team.time_zone)


def _next_reminder(item: ActionItem, now: datetime) -> datetime | None:
    if item.due_on is None or item.state not in OPEN:
        return None
    return next_reminder_at(item.due_on, now, zone_of(item))


def _save(item: ActionItem, now: datetime) -> None:
    item.version += 1
    item.next_reminder_at = _next_reminder(item, now)
    item.reminding_on = None
    item.reminder_try = 0
    item.save()


def _check(
    incident: Incident, title: str, owner: User | None, due_on: date | None
) -> None:
    if not title.strip():
        raise PortalError("Say what has to be done.", field="title")
    if due_on is not None and not 2000 <= due_on.year < 2200:
        raise PortalError("Choose a day of this century.", field="due_on")
    if owner is None:
        return
    is_member = Membership.objects.filter(team=incident.team_id, user=owner).exists()
    if not (is_member or owner.is_superuser):
        raise PortalError(f"{owner} is not in the team.", field="owner")


def _say(item: ActionItem) -> dict[str, str]:
    return {
        "title": item.title,
        "kind": item.kind,
        "priority": item.get_priority_display(),
        "owner": item.owner.display_name if item.owner else "",
        "due_on": str(item.due_on or ""),
    }


def _describe(item: ActionItem, now: datetime) -> str:
    today = now.astimezone(zone_of(item)).date()
    return "\n".join(
        (
            f"{item.incident.ref}: {item.incident.title}",
            f"Owner: {item.owner.display_name if item.owner else 'nobody'}",
            f"Due: {item.due_on or 'no date'} ({say_due(item.due_on, today)})",
            f"Priority: {item.get_priority_display()}",
            f"Type: {item.get_kind_display()}",
            f"State: {item.get_state_display()}",
        )
    )


def _audit(action: str, item: ActionItem, **more: Any) -> None:
    record_change(action, item, team_id=item.incident.team_id, **more)
