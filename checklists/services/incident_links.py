"""Putting a check into the timeline of an incident."""

from datetime import datetime

from django.db import transaction

from checklists.models import Check
from incidents.models import Incident
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from oncall.models import User
from opsportal.kit.errors import PortalError


def link_check(incident_pk: int, check_pk: int, *, by: User, now: datetime) -> Incident:
    """Put a check of the same team under the incident, as it stands now; once.

    Raises PortalError for a check of another team.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        check = Check.objects.filter(
            pk=check_pk, service__team=incident.team_id
        ).first()
        if check is None:
            raise PortalError("Choose a check of the same team.", field="check")
        source_ref = f"check:{check.pk}"
        if incident.timeline.filter(source_ref=source_ref).exists():
            return incident
        append_entry(
            incident,
            "check",
            by=by,
            now=now,
            text=check.name,
            data={
                "check": check.pk,
                "state": check.get_status_display().lower(),
                "reading": check.last_summary,
            },
            source_ref=source_ref,
        )
        audit_incident(
            "incident.link_check", incident, by=by, now=now, after={"check": check.pk}
        )
    return incident
