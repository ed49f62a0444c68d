"""Reading how a response stands: its phase, what is due, what changed before."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from incidents.domain.changes import CHANGE, Change, read_change_event
from incidents.domain.phases import (
    Duty,
    Phase,
    ResponseFacts,
    find_phase,
    find_update_due,
    list_duties,
)
from incidents.models import Incident, IncidentUpdate, IngestEvent

# Changes from so long before an incident began may have caused it.
BEFORE: Final = timedelta(hours=24)
_MOST_CHANGES: Final = 8


class Response(NamedTuple):
    """How it stands; ``update_due_at`` is None where nothing asks for an update."""

    phase: Phase
    duties: list[Duty]
    update_due_at: datetime | None


class ChangeRow(NamedTuple):
    """A change that may have caused it."""

    pk: int
    service: str
    change: Change


def read_response(
    incident: Incident, now: datetime, *, has_commander: bool
) -> Response | None:
    """Return how the response of an open incident stands; None once it is over."""
    if incident.status in Incident.OVER:
        return None
    updates = list(
        IncidentUpdate.objects.filter(incident=incident)
        .order_by("-posted_at", "-pk")
        .values_list("audience", "posted_at", "next_update_at")
    )
    told = {audience for audience, _, _ in updates}
    facts = ResponseFacts(
        is_acknowledged=incident.acknowledged_at is not None,
        has_commander=has_commander,
        has_impact=_has_impact(incident),
        are_stakeholders_told=bool(told - {IncidentUpdate.Audience.INTERNAL}),
        is_public_told=IncidentUpdate.Audience.PUBLIC in told,
        has_external_impact=incident.is_external_impact,
        is_cause_known=incident.identified_at is not None or bool(incident.root_cause),
        is_mitigated=incident.mitigated_at is not None,
    )
    since = incident.detected_at or incident.declared_at
    elapsed = max(now - since, timedelta())
    return Response(
        find_phase(elapsed),
        list_duties(facts, elapsed),
        find_update_due(
            updates[0][1] if updates else incident.declared_at,
            promised_at=updates[0][2] if updates else None,
            pace=incident.severity.update_every,
            is_executive=incident.is_executive,
        ),
    )


def list_changes_before(incident: Incident) -> list[ChangeRow]:
    """Return the changes of its services in the 24 hours before it was declared.

    Those that stand in the timeline already are left out.
    """
    linked = incident.timeline.filter(kind="change").values_list(
        "source_ref", flat=True
    )
    rows = (
        IngestEvent.objects.filter(
            kind=CHANGE,
            status=IngestEvent.Status.ACCEPTED,
            integration__service__in=incident.services.all(),
            received_at__gt=incident.started_at - BEFORE,
            received_at__lte=incident.declared_at,
        )
        .select_related("integration__service")
        .order_by("-received_at", "-pk")[:_MOST_CHANGES]
    )
    known = set(linked)
    return [
        ChangeRow(
            row.pk,
            row.integration.service.name,
            read_change_event(bytes(row.body), row.received_at),
        )
        for row in rows
        if f"change:{row.pk}" not in known
    ]


def list_merged(incident_pk: int) -> list[Incident]:
    """Return the incidents that were merged into this one, with their severities."""
    merged = Incident.objects.filter(merged_into=incident_pk)
    return list(merged.select_related("severity").order_by("declared_at", "pk"))


def list_merge_targets(incident: Incident) -> list[Incident]:
    """Return the open incidents of the team and kind that it could be merged into."""
    others = Incident.objects.filter(team=incident.team_id).exclude(
        status__in=Incident.OVER
    )
    is_real = incident.kind == Incident.Kind.REAL
    real = {"kind": Incident.Kind.REAL}
    same = others.filter(**real) if is_real else others.exclude(**real)
    return list(same.exclude(pk=incident.pk).order_by("-declared_at", "-pk"))


def _has_impact(incident: Incident) -> bool:
    counted = (
        incident.impact_users,
        incident.impact_requests,
        incident.customers_percent,
    )
    return bool(incident.impact) or any(each is not None for each in counted)
