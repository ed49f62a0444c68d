"""Paging everybody who is on call, for an emergency."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse

from incidents.domain import lifecycle
from incidents.models import Incident
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from oncall.models import Notification, Role, Schedule, User
from oncall.queries import on_call_in
from oncall.services.notifications import enqueue
from opsportal.kit.errors import Refused

# People who were all paged are not all paged again at once.
PAUSE: Final = timedelta(minutes=10)


def topic_of(incident: Incident) -> str:
    """Return what the rows of the outbox about an incident have in common."""
    return f"incident:{incident.pk}"


def page_everybody(
    incident_pk: int, *, by: User, now: datetime, text: str = ""
) -> list[User]:
    """Page all who are on call in any schedule of the team; returns whom.

    Where nobody is on call, everybody is paged who may work on incidents. Raises
    Refused for one that is over, and within ten minutes of the last time.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if incident.status in lifecycle.OVER:
            raise Refused(f"{incident.ref} is over; reopen it first.")
        if incident.timeline.filter(kind="paged", recorded_at__gt=now - PAUSE).exists():
            raise Refused("Everybody on call was paged less than 10 minutes ago.")
        people = _on_call(incident.team_id, now) or _responders(incident.team_id)
        for person in people:
            enqueue(
                team_id=incident.team_id,
                topic=topic_of(incident),
                dedupe_key=f"{topic_of(incident)}:all:{now.isoformat()}:u{person.pk}",
                recipient=person,
                subject=_subject(incident),
                text=text.strip() or f"{by.display_name} calls everybody on call.",
                url=reverse("incident_detail", args=[incident.ref]),
                urgency=Notification.Urgency.HIGH,
                now=now,
            )
        names = ", ".join(person.display_name for person in people) or "nobody"
        append_entry(
            incident,
            "paged",
            by=by,
            now=now,
            text=text.strip(),
            data={"names": names, "users": [person.pk for person in people]},
        )
        audit_incident(
            "incident.page", incident, by=by, now=now, after={"names": names}
        )
    return people


def _subject(incident: Incident) -> str:
    kind = "" if incident.kind == Incident.Kind.REAL else f"{incident.kind.upper()}: "
    return f"{kind}EMERGENCY {incident.ref}: {incident.title}"


def _on_call(team_pk: int, now: datetime) -> list[User]:
    schedules = Schedule.objects.filter(team=team_pk, is_active=True)
    found = on_call_in(schedules.values_list("pk", flat=True), now)
    pks = {row.user_id for rows in found.values() for row in rows}
    people = User.objects.filter(pk__in=pks, is_active=True)
    return list(people.order_by("name", "pk"))


def _responders(team_pk: int) -> list[User]:
    people = User.objects.filter(memberships__team=team_pk, is_active=True)
    able = people.exclude(memberships__team=team_pk, memberships__role=Role.VIEWER)
    return list(able.distinct().order_by("name", "pk"))
