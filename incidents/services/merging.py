"""Two incidents that turn out to be one."""

from datetime import datetime
from typing import Final

from django.db import transaction

from incidents.domain import lifecycle
from incidents.models import Incident
from incidents.services.details import MOMENTS, moments_of, set_moments
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from oncall.models import User
from opsportal.kit.errors import PortalError, Refused

# What goes on with the other incident. What was said to people, and the timeline,
# stay where they were and are shown there too.
MOVED: Final = ("alerts", "actions")


def merge_incident(
    incident_pk: int, into_pk: int, *, by: User, now: datetime, reason: str = ""
) -> Incident:
    """End an incident in another open one of its team; returns the other one.

    Its alerts and action items go there, and whoever is linked to it, ends there
    too. Raises Refused where one of them is over, PortalError for itself or another
    team's.
    """
    with transaction.atomic():
        merged = hold_incident(incident_pk)
        target = (
            Incident.objects.filter(pk=into_pk, team=merged.team_id)
            .exclude(pk=incident_pk)
            .first()
        )
        if target is None:
            raise PortalError("Choose another incident of the team.", field="into")
        if not lifecycle.can_merge(merged.status):
            raise Refused(f"{merged.ref} is {merged.status} and cannot be merged.")
        if target.status in lifecycle.OVER:
            raise Refused(f"{target.ref} is {target.status}; reopen it first.")
        if (merged.kind == Incident.Kind.REAL) != (target.kind == Incident.Kind.REAL):
            raise Refused("A drill or test cannot become part of a real incident.")
        before = merged.status
        moved = _move(merged, target)
        set_moments(
            merged,
            lifecycle.stamp_move(moments_of(merged), "merged", now),
            now,
            field="into",
        )
        merged.status = Incident.Status.MERGED
        merged.merged_into = target
        merged.save(update_fields=["status", "merged_into", *MOMENTS])
        Incident.objects.filter(merged_into=merged).update(merged_into=target)
        change = {"from": before, "to": "merged", "into": target.ref, **moved}
        append_entry(merged, "status", by=by, now=now, text=reason.strip(), data=change)
        append_entry(
            target,
            "merged_in",
            by=by,
            now=now,
            text=merged.title,
            data={"ref": merged.ref, **moved},
            source_ref=f"incident:{merged.pk}",
        )
        audit_incident("incident.merge", merged, by=by, now=now, after=change)
    return target


def _move(merged: Incident, target: Incident) -> dict[str, int]:
    """Put under the other incident what goes on; return how much of each."""
    return {name: getattr(merged, name).update(incident=target) for name in MOVED}
