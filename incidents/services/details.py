"""The details of an incident: what people write over each other, with a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from incidents.domain import lifecycle
from incidents.domain.lifecycle import Moments
from incidents.models import Incident
from incidents.services.postmortem_duty import settle_postmortem
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from incidents.services.words import index_words
from oncall.models import User
from opsportal.kit.errors import Conflict, PortalError

EDITABLE: Final = (
    "title",
    "kind",
    "summary",
    "symptoms",
    "root_cause",
    "resolution",
    "prevention",
    "impact",
    "affected",
    "impact_users",
    "impact_requests",
    "customers_percent",
    "is_customer_impacting",
    "is_external_impact",
    "is_complete_outage",
    "is_data_at_risk",
    "is_executive",
    "eta_at",
    "detection",
    "chat_channel",
    "war_room_url",
    "started_at",
    "detected_at",
    "acknowledged_at",
    "identified_at",
    "mitigated_at",
    "resolved_at",
)
# What was reached can be put right, but only a move reaches it or takes it back.
REACHED: Final = (
    "detected_at",
    "acknowledged_at",
    "identified_at",
    "mitigated_at",
    "resolved_at",
)
MOMENTS: Final = tuple(Moments.__dataclass_fields__)


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
        _check_changes(incident, changes)
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
        set_moments(incident, moments_of(incident), now, field="started_at")
        if "title" in changed or "summary" in changed:
            index_words(incident)
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
        settle_postmortem(incident, now=now)
    return incident


def moments_of(incident: Incident) -> Moments:
    """Return the moments that the incident has reached."""
    return Moments(**{name: getattr(incident, name) for name in MOMENTS})


def set_moments(
    incident: Incident, moments: Moments, now: datetime, *, field: str
) -> None:
    """Set them unsaved. Raises PortalError at ``field`` when they are out of order."""
    disorder = lifecycle.find_disorder(moments, now=now)
    if disorder:
        raise PortalError(disorder, field=field)
    for name in MOMENTS:
        setattr(incident, name, getattr(moments, name))


def _check_changes(incident: Incident, changes: Mapping[str, Any]) -> None:
    if not str(changes.get("title", incident.title)).strip():
        raise PortalError("Give it a title.", field="title")
    percent = changes.get("customers_percent")
    if percent is not None and not 0 <= percent <= 100:
        raise PortalError("Give a share from 0 to 100.", field="customers_percent")
    for name in REACHED:
        if name in changes and (changes[name] is None) != (
            getattr(incident, name) is None
        ):
            raise PortalError(
                "Only a move of the incident sets this time or takes it back.",
                field=name,
            )
