"""What an incident is linked to: alerts, and changes that its services told of."""

from datetime import datetime

from django.db import transaction

from incidents.domain.changes import CHANGE, read_change_event
from incidents.models import Alert, Incident, IngestEvent
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from incidents.services.told_entries import note_what_was_before
from oncall.models import User
from opsportal.kit.errors import PortalError, Refused


def link_alert(incident_pk: int, alert_pk: int, *, by: User, now: datetime) -> Incident:
    """Put an alert of the same team under the incident.

    Linked already is no change. Raises Refused when it is under another one, and
    PortalError when it belongs to another team.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        alert = find_linkable_alert(alert_pk, incident.team_id, linking_to=incident)
        if alert is not None and alert.incident is None:
            put_under(incident, alert, by=by, now=now)
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


def link_change(
    incident_pk: int, event_pk: int, *, by: User, now: datetime
) -> Incident:
    """Put a change that a sender of the team told of into the timeline, once.

    Raises PortalError when there is no such change.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        event = IngestEvent.objects.filter(
            pk=event_pk,
            kind=CHANGE,
            status=IngestEvent.Status.ACCEPTED,
            integration__service__team=incident.team_id,
        ).select_related("integration__service")
        found = event.first()
        if found is None:
            raise PortalError("Choose one of the changes.", field="change")
        source_ref = f"change:{found.pk}"
        if incident.timeline.filter(source_ref=source_ref).exists():
            return incident
        change = read_change_event(bytes(found.body), found.received_at)
        append_entry(
            incident,
            "change",
            by=by,
            now=now,
            text=change.summary,
            occurred_at=min(change.at, now),
            data={"service": found.integration.service.name, "url": change.url},
            source_ref=source_ref,
        )
        audit_incident(
            "incident.link_change", incident, by=by, now=now, after={"change": event_pk}
        )
    return incident


def find_linkable_alert(
    alert_pk: int | None, team_id: int, *, linking_to: Incident | None = None
) -> Alert | None:
    """Return an alert of the team that can go under an incident; None for None.

    Raises PortalError for a strange one, Refused for one under another incident.
    """
    if alert_pk is None:
        return None
    alert = (
        Alert.objects.filter(pk=alert_pk, service__team_id=team_id)
        .select_related("incident", "service", "series__integration", "acknowledged_by")
        .first()
    )
    if alert is None:
        raise PortalError("Choose an alert of the same team.", field="alert")
    if alert.incident is not None and alert.incident != linking_to:
        raise Refused(f"This alert is part of {alert.incident.ref} already.")
    return alert


def put_under(
    incident: Incident, alert: Alert, *, by: User | None, now: datetime
) -> None:
    """Put the alert there, with its entries; inside the transaction of the change."""
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
            "sender": alert.series.integration.name,
        },
    )
    note_what_was_before(alert, now)
