"""Incidents: every act is one transaction and one entry in the timeline.

Moving the team's version comes first in every act: it holds the team's row, so
that two acts on the incidents of one team follow each other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F

from incidents.domain import lifecycle
from incidents.domain.lifecycle import Moments
from incidents.domain.reference import format_reference
from incidents.models import (
    Alert,
    Incident,
    IncidentDay,
    IncidentRole,
)
from incidents.services.closing import refuse_early_close
from incidents.services.details import MOMENTS, moments_of, set_moments
from incidents.services.linking import find_linkable_alert, put_under
from incidents.services.postmortem_duty import settle_postmortem
from incidents.services.severities import find_severity
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from incidents.services.words import index_words
from oncall.models import Membership, Service, User
from oncall.services.pulse import touch_team
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import PortalError, Refused

Status = Incident.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the declarer says.

    The severity is a word of the first service; ``started_at`` is aware, None for
    now (or for when the alert started); the commander, usually the declarer, has it
    with that. ``via`` is kept with the entry, such as "by Slack".
    """

    title: str
    services: tuple[Service, ...]
    severity_label: str
    kind: str = Incident.Kind.REAL
    status: str = Status.INVESTIGATING
    summary: str = ""
    impact: str = ""
    started_at: datetime | None = None
    detected_at: datetime | None = None
    detection: str = Incident.Detection.STAFF
    commander: User | None = None
    is_complete_outage: bool = False
    via: str = ""


def declare_incident(
    declaration: Declaration,
    *,
    by: User | None,
    now: datetime,
    alert_pk: int | None = None,
) -> Incident:
    """Declare an incident, from an alert or from nothing, and give it its number.

    ``by`` is None where the portal drafts one.

    Raises PortalError, naming the field, when the declaration does not fit, and
    Refused when the alert belongs to another incident.
    """
    team_id = _check_declaration(declaration)
    with transaction.atomic():
        touch_team(team_id)
        alert = find_linkable_alert(alert_pk, team_id)
        incident = _create(declaration, alert, by=by, now=now)
        append_entry(
            incident,
            "declared",
            by=by,
            now=now,
            text=declaration.summary.strip(),
            data={"via": declaration.via} if declaration.via else None,
        )
        if alert is not None:
            put_under(incident, alert, by=by, now=now)
        if declaration.commander is not None:
            _check_member(incident, declaration.commander, "commander")
            incident.roles.create(
                name=IncidentRole.Name.COMMANDER, user=declaration.commander
            )
        index_words(incident)
        audit_incident("incident.declare", incident, by=by, now=now)
    return incident


def acknowledge_incident(incident_pk: int, *, by: User, now: datetime) -> Incident:
    """Say that one has it, and lead it where nobody does.

    Raises Refused when somebody has it already or it is over.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if incident.status in lifecycle.OVER or incident.acknowledged_at is not None:
            raise Refused("Somebody has it already.", code="incident_state")
        _check_member(incident, by, "user")
        incident.acknowledged_at = now
        incident.save(update_fields=["acknowledged_at"])
        if not incident.roles.filter(name=IncidentRole.Name.COMMANDER).exists():
            incident.roles.create(name=IncidentRole.Name.COMMANDER, user=by)
        append_entry(incident, "acknowledged", by=by, now=now)
        audit_incident("incident.acknowledge", incident, by=by, now=now)
    return incident


def change_status(
    incident_pk: int,
    status: str,
    *,
    by: User,
    now: datetime,
    message: str = "",
    occurred_at: datetime | None = None,
    is_admin: bool = False,
) -> Incident:
    """Move an incident on; ``occurred_at`` may lie in the past.

    Resolve, reopen (with the reason as ``message``), close and cancel are moves
    too. Raises Refused with what is allowed, or PortalError on ``occurred_at``.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        before = incident.status
        refusal = lifecycle.refuse_incident_move(
            before, status, reason=message, is_admin=is_admin
        )
        if refusal:
            raise Refused(refusal, code="incident_state")
        if status == Status.MERGED:
            raise Refused("Choose the incident to merge it into.", code="needs_target")
        if status == Status.CLOSED:
            refuse_early_close(incident)
        moments = lifecycle.stamp_move(moments_of(incident), status, occurred_at or now)
        set_moments(incident, moments, now, field="occurred_at")
        incident.status = status
        incident.save(update_fields=["status", *MOMENTS])
        change = {"from": before, "to": status}
        append_entry(
            incident,
            "status",
            by=by,
            now=now,
            text=message.strip(),
            occurred_at=occurred_at,
            data=change,
        )
        audit_incident("incident.status", incident, by=by, now=now, after=change)
        settle_postmortem(incident, now=now)
    return incident


def change_severity(
    incident_pk: int, label: str, *, by: User, now: datetime, message: str = ""
) -> Incident:
    """Give another severity, in the words of the incident's own service."""
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        before = incident.severity
        after = find_severity(before.service, label)
        if after == before:
            return incident
        incident.severity = after
        incident.save(update_fields=["severity"])
        change = {"from": before.label, "to": after.label}
        append_entry(
            incident, "severity", by=by, now=now, text=message.strip(), data=change
        )
        audit_incident("incident.severity", incident, by=by, now=now, after=change)
        settle_postmortem(incident, now=now)
    return incident


def assign_role(
    incident_pk: int, name: str, user: User | None, *, by: User, now: datetime
) -> None:
    """Give a role to a person of the team, or with None to nobody.

    What is so already is no change. Raises PortalError for an unknown role or
    somebody outside the team.
    """
    if name not in IncidentRole.Name.values:
        words = say_none_such("role", IncidentRole.Name.values)
        raise PortalError(words, field="name")
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        held = incident.roles.filter(name=name).select_related("user").first()
        before = held.user if held else None
        if before == user:
            return
        incident.roles.filter(name=name).delete()
        if user is not None:
            _check_member(incident, user, "user")
            incident.roles.create(name=name, user=user)
            _acknowledge_by_lead(incident, name, now)
        change = {
            "role": IncidentRole.Name(name).label,
            "from": before.display_name if before else "",
            "to": user.display_name if user else "",
        }
        append_entry(incident, "role", by=by, now=now, data=change)
        audit_incident("incident.role", incident, by=by, now=now, after=change)


def _check_declaration(declaration: Declaration) -> int:
    """Return the team that all services belong to."""
    if not declaration.title.strip():
        raise PortalError("Give it a title.", field="title")
    if declaration.status not in lifecycle.FIRST_STATUSES:
        raise PortalError("It begins as triage or investigating.", field="status")
    teams = {service.team_id for service in declaration.services}
    if len(teams) != 1:
        raise PortalError("Choose services of one team.", field="services")
    return teams.pop()


def _acknowledge_by_lead(incident: Incident, role: str, now: datetime) -> None:
    """Count as answered from when somebody leads it."""
    if role == IncidentRole.Name.COMMANDER and incident.acknowledged_at is None:
        incident.acknowledged_at = max(now, incident.started_at)
        incident.save(update_fields=["acknowledged_at"])


def _create(
    declaration: Declaration, alert: Alert | None, *, by: User | None, now: datetime
) -> Incident:
    started_at = declaration.started_at or (alert.starts_at if alert else now)
    acknowledged_at = alert.acknowledged_at if alert else None
    if declaration.commander is not None:
        acknowledged_at = acknowledged_at or now
    incident = Incident(
        team_id=declaration.services[0].team_id,
        title=declaration.title.strip(),
        kind=declaration.kind,
        status=declaration.status,
        severity=find_severity(declaration.services[0], declaration.severity_label),
        summary=declaration.summary.strip(),
        impact=declaration.impact.strip(),
        is_complete_outage=declaration.is_complete_outage,
        detection=Incident.Detection.ALERT if alert else declaration.detection,
        chat_channel=declaration.services[0].chat_channel,
        war_room_url=declaration.services[0].war_room_url,
        declared_at=now,
        declared_by=by,
    )
    noticed_at = declaration.detected_at or _noticed_at(alert, now)
    moments = Moments(
        started_at=started_at,
        detected_at=max(noticed_at, started_at),
        declared_at=now,
        acknowledged_at=acknowledged_at and max(acknowledged_at, started_at),
    )
    set_moments(incident, moments, now, field="started_at")
    incident.ref = _next_reference(now)
    incident.save()
    incident.services.set(declaration.services)
    return incident


def _noticed_at(alert: Alert | None, now: datetime) -> datetime:
    opened = alert.events.order_by("at", "pk").first() if alert else None
    return opened.at if opened else now


def _next_reference(now: datetime) -> str:
    """Take the next number of the UTC day; a rollback gives it back."""
    on = now.astimezone(UTC).date()
    IncidentDay.objects.get_or_create(on=on)
    # The update holds the row until commit, so that no number is given twice.
    IncidentDay.objects.filter(on=on).update(last_number=F("last_number") + 1)
    return format_reference(on, IncidentDay.objects.get(on=on).last_number)


def _check_member(incident: Incident, user: User, field: str) -> None:
    is_member = Membership.objects.filter(team=incident.team_id, user=user).exists()
    if not (is_member or user.is_superuser):
        raise PortalError(f"{user} is not in the team.", field=field)
