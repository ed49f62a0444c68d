"""Incidents: every act is one transaction and one entry in the timeline.

Moving the team's version comes first in every act: it holds the team's row, so
that two acts on the incidents of one team follow each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

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
from incidents.services.severities import find_severity
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from oncall.models import Membership, Service, User
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

Status = Incident.Status
EDITABLE: Final = (
    "title",
    "kind",
    "summary",
    "impact",
    "root_cause",
    "resolution",
    "chat_channel",
    "war_room_url",
    "started_at",
)
_MOMENTS: Final = tuple(Moments.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the declarer says.

    The severity is a word of the first service; ``started_at`` is aware, None for
    now (or for when the alert started); the commander is usually the declarer.
    """

    title: str
    services: tuple[Service, ...]
    severity_label: str
    kind: str = Incident.Kind.REAL
    status: str = Status.INVESTIGATING
    summary: str = ""
    impact: str = ""
    started_at: datetime | None = None
    commander: User | None = None


def declare_incident(
    declaration: Declaration,
    *,
    by: User,
    now: datetime,
    alert_pk: int | None = None,
) -> Incident:
    """Declare an incident, from an alert or from nothing, and give it its number.

    Raises PortalError, naming the field, when the declaration does not fit, and
    Refused when the alert belongs to another incident.
    """
    team_id = _check_declaration(declaration)
    with transaction.atomic():
        touch_team(team_id)
        alert = _find_alert(alert_pk, team_id)
        incident = _create(declaration, alert, by=by, now=now)
        append_entry(
            incident, "declared", by=by, now=now, text=declaration.summary.strip()
        )
        if alert is not None:
            _link(incident, alert, by=by, now=now)
        if declaration.commander is not None:
            _check_member(incident, declaration.commander, "commander")
            incident.roles.create(
                name=IncidentRole.Name.COMMANDER, user=declaration.commander
            )
        audit_incident("incident.declare", incident, by=by, now=now)
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
        moments = lifecycle.stamp_move(_moments(incident), status, occurred_at or now)
        _set_moments(incident, moments, now, field="occurred_at")
        incident.status = status
        incident.save(update_fields=["status", *_MOMENTS])
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
    return incident


def assign_role(
    incident_pk: int, name: str, user: User | None, *, by: User, now: datetime
) -> None:
    """Give a role to a person of the team, or with None to nobody.

    What is so already is no change. Raises PortalError for an unknown role or
    somebody outside the team.
    """
    if name not in IncidentRole.Name.values:
        raise PortalError("There is no such role.", field="name")
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
        change = {
            "role": IncidentRole.Name(name).label,
            "from": before.display_name if before else "",
            "to": user.display_name if user else "",
        }
        append_entry(incident, "role", by=by, now=now, data=change)
        audit_incident("incident.role", incident, by=by, now=now, after=change)


def edit_incident(
    incident_pk: int,
    changes: Mapping[str, Any],
    *,
    expected_version: int,
    by: User,
    now: datetime,
) -> Incident:
    """Write details (the fields of EDITABLE) over what ``expected_version`` showed.

    Raises Conflict when somebody edited in between; its ``current`` maps the given
    fields, and "version", to what they are now. Raises PortalError for a start after the rest.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if incident.version != expected_version:
            current = {name: getattr(incident, name) for name in (*changes, "version")}
            raise Conflict("Somebody else changed this incident.", current=current)
        if not str(changes.get("title", incident.title)).strip():
            raise PortalError("Give it a title.", field="title")
        changed = {
            name: changes[name]
            for name in EDITABLE
            if name in changes and changes[name] != getattr(incident, name)
        }
        if not changed:
            return incident
        before = {name: str(getattr(incident, name)) for name in changed}
        for name, value in changed.items():
            setattr(incident, name, value)
        _set_moments(incident, _moments(incident), now, field="started_at")
        incident.version += 1
        incident.save(update_fields=["version", *changed])
        after = {name: str(value) for name, value in changed.items()}
        append_entry(
            incident,
            "edited",
            by=by,
            now=now,
            data={"before": before, "after": after},
        )
        audit_incident(
            "incident.edit", incident, by=by, now=now, before=before, after=after
        )
    return incident


def link_alert(incident_pk: int, alert_pk: int, *, by: User, now: datetime) -> Incident:
    """Put an alert of the same team under the incident.

    Linked already is no change. Raises Refused when it is under another one, and
    PortalError when it belongs to another team.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        alert = _find_alert(alert_pk, incident.team_id, linking_to=incident)
        if alert is not None and alert.incident is None:
            _link(incident, alert, by=by, now=now)
            audit_incident(
                "incident.link", incident, by=by, now=now, after={"alert": alert_pk}
            )
    return incident


def unlink_alert(
    incident_pk: int, alert_pk: int, *, by: User, now: datetime
) -> Incident:
    """Take an alert away from the incident. Raises Refused when it is not there."""
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        alert = incident.alerts.filter(pk=alert_pk).first()
        if alert is None:
            raise Refused("This alert is not part of the incident.")
        alert.incident = None
        alert.save(update_fields=["incident"])
        append_entry(
            incident,
            "alert_unlinked",
            by=by,
            now=now,
            text=alert.summary,
            data={"alert": alert.pk},
        )
        audit_incident(
            "incident.unlink", incident, by=by, now=now, after={"alert": alert_pk}
        )
    return incident


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


def _create(
    declaration: Declaration, alert: Alert | None, *, by: User, now: datetime
) -> Incident:
    started_at = declaration.started_at or (alert.starts_at if alert else now)
    acknowledged_at = alert.acknowledged_at if alert else None
    incident = Incident(
        team_id=declaration.services[0].team_id,
        title=declaration.title.strip(),
        kind=declaration.kind,
        status=declaration.status,
        severity=find_severity(declaration.services[0], declaration.severity_label),
        summary=declaration.summary.strip(),
        impact=declaration.impact.strip(),
        chat_channel=declaration.services[0].chat_channel,
        war_room_url=declaration.services[0].war_room_url,
        declared_at=now,
        declared_by=by,
    )
    # Whoever declares it has it, unless somebody took its alert before.
    moments = Moments(
        started_at=started_at,
        declared_at=now,
        acknowledged_at=max(acknowledged_at or now, started_at),
    )
    _set_moments(incident, moments, now, field="started_at")
    incident.ref = _next_reference(now)
    incident.save()
    incident.services.set(declaration.services)
    return incident


def _next_reference(now: datetime) -> str:
    """Take the next number of the UTC day; a rollback gives it back."""
    on = now.astimezone(UTC).date()
    IncidentDay.objects.get_or_create(on=on)
    # The update holds the row until commit, so that no number is given twice.
    IncidentDay.objects.filter(on=on).update(last_number=F("last_number") + 1)
    return format_reference(on, IncidentDay.objects.get(on=on).last_number)


def _moments(incident: Incident) -> Moments:
    return Moments(**{name: getattr(incident, name) for name in _MOMENTS})


def _set_moments(
    incident: Incident, moments: Moments, now: datetime, *, field: str
) -> None:
    disorder = lifecycle.find_disorder(moments, now=now)
    if disorder:
        raise PortalError(disorder, field=field)
    for name in _MOMENTS:
        setattr(incident, name, getattr(moments, name))


def _check_member(incident: Incident, user: User, field: str) -> None:
    is_member = Membership.objects.filter(team=incident.team_id, user=user).exists()
    if not (is_member or user.is_superuser):
        raise PortalError(f"{user} is not in the team.", field=field)


def _find_alert(
    alert_pk: int | None, team_id: int, *, linking_to: Incident | None = None
) -> Alert | None:
    if alert_pk is None:
        return None
    alert = (
        Alert.objects.filter(pk=alert_pk, service__team_id=team_id)
        .select_related("incident", "service")
        .first()
    )
    if alert is None:
        raise PortalError("Choose an alert of the same team.", field="alert")
    if alert.incident is not None and alert.incident != linking_to:
        raise Refused(f"This alert is part of {alert.incident.ref} already.")
    return alert


def _link(incident: Incident, alert: Alert, *, by: User, now: datetime) -> None:
    alert.incident = incident
    alert.save(update_fields=["incident"])
    append_entry(
        incident,
        "alert",
        by=by,
        now=now,
        text=alert.summary,
        occurred_at=alert.starts_at,
        data={
            "alert": alert.pk,
            "reading": " ".join(
                filter(None, (alert.metric, alert.value, alert.threshold))
            ),
        },
    )
