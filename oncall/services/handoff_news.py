"""What people are told about a handoff."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from oncall.domain.handoff_steps import Step
from oncall.models import Handoff, Membership, Notification, Role, User
from oncall.services import notifications
from opsportal.kit.moments import say_moment

HIGH, LOW = Notification.Urgency.HIGH, Notification.Urgency.LOW


def topic_of(row: Handoff) -> str:
    """Return what a message about this handoff is filed under."""
    return f"handoff:{row.pk}"


def tell_step(row: Handoff, step: Step, *, now: datetime) -> None:
    """Queue the messages of one step, within its transaction."""
    if step is Step.REMIND:
        _remind(row, now)
    elif step is Step.ASK:
        _ask(row, now)
    else:
        _escalate(row, now)


def tell_cancelled(row: Handoff, *, now: datetime) -> None:
    """Tell the two people that a handoff does not happen, if they knew of it."""
    notifications.cancel(topic_of(row), reason="the schedule changed", now=now)
    if row.reminded_at is None:
        return
    _send(
        row,
        [row.outgoing, row.incoming],
        "cancelled",
        f"No handoff {_when(row)}",
        "The schedule changed, so this handoff does not happen. What was noted for "
        "it is kept.",
        now=now,
    )


def tell_accepted(row: Handoff, *, by: User, now: datetime) -> None:
    """Tell the outgoing person that the pager is taken."""
    notifications.cancel(topic_of(row), reason="it was accepted", now=now)
    people = [row.outgoing] if row.outgoing != by else []
    text = f"{by} accepted the handoff of {row.schedule.name}. The pager is taken."
    _send(row, people, "accepted", f"Accepted: handoff {_when(row)}", text, now=now)


def _remind(row: Handoff, now: datetime) -> None:
    _send(
        row,
        [row.outgoing],
        "write",
        f"Write your notes: you hand over {_when(row)}",
        f"You hand over {row.schedule.name} to {_name(row.incoming)} {_when(row)}. "
        "The brief is drafted; what only you know is still missing.",
        now=now,
    )
    _send(
        row,
        [row.incoming],
        "coming",
        f"You are on call from {_when(row)}",
        f"You take over {row.schedule.name} from {_name(row.outgoing)} {_when(row)}. "
        "What waits for you is drafted already.",
        now=now,
    )


def _ask(row: Handoff, now: datetime) -> None:
    _send(
        row,
        [row.incoming],
        "ask",
        f"Accept the handoff of {row.schedule.name}",
        f"You are on call now, after {_name(row.outgoing)}. Read the brief and accept "
        "the handoff, so that everybody knows who has the pager.",
        urgency=HIGH,
        now=now,
    )


def _escalate(row: Handoff, now: datetime) -> None:
    waited = f"{_name(row.incoming)} has not accepted the handoff {_when(row)}."
    if row.incoming is None:
        waited = f"Nobody is there to take the handoff {_when(row)}."
    _send(
        row,
        _managers(row.schedule.team_id),
        "escalate",
        f"Not accepted: handoff of {row.schedule.name}",
        f"{waited} {_name(row.outgoing)} had the pager before and knows what is "
        "open. Find out whether it is in good hands, or accept in their place.",
        urgency=HIGH,
        now=now,
    )
    _send(
        row,
        [row.outgoing],
        "stay",
        f"Keep an eye on {row.schedule.name}",
        f"{waited} Stay within reach until somebody does; the managers know.",
        urgency=HIGH,
        now=now,
    )


def _send(
    row: Handoff,
    people: Iterable[User | None],
    what: str,
    subject: str,
    text: str,
    *,
    now: datetime,
    urgency: str = LOW,
) -> None:
    url = settings.SITE_URL + reverse("handoff_detail", args=[row.pk])
    for person in filter(None, people):
        notifications.enqueue(
            team_id=row.schedule.team_id,
            topic=topic_of(row),
            # With its moment: a handoff that moves is told of anew.
            dedupe_key=f"handoff:{row.pk}:{row.at:%Y%m%dT%H%M%S}:{what}:{person.pk}",
            recipient=person,
            subject=subject,
            text=f"{text}\n\n{url}",
            url=url,
            urgency=urgency,
            now=now,
        )


def _managers(team_id: int) -> list[User]:
    """Return the team's managers, or the admins when it has none: someone hears."""
    active = User.objects.filter(is_active=True).order_by("pk")
    rows = Membership.objects.filter(team_id=team_id, role=Role.MANAGER)
    found = list(active.filter(pk__in=rows.values("user_id")))
    return found or list(active.filter(is_superuser=True))


def _name(person: User | None) -> str:
    return person.display_name if person is not None else "nobody"


def _when(row: Handoff) -> str:
    zone = ZoneInfo(row.schedule.time_zone)
    return say_moment(row.at, zone, now=None, form="full")
