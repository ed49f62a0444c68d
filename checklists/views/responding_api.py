"""The API of what answers an incident: its runs and its checks."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from checklists.models import Run, RunItem
from checklists.queries.checks import CheckRow
from checklists.queries.incident_checks import (
    linked_checks,
    list_incident_checks,
    list_incident_runs,
)
from checklists.services.incident_links import link_check
from incidents.models import Incident
from incidents.queries import get_incident
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["alerts and incidents"])


class ResponseRunOut(Schema):
    """A run that answers an incident; its items are at ``/runs/{id}``."""

    id: int
    checklist: str
    state: str
    opened_at: datetime
    done: int
    total: int


class IncidentCheckOut(Schema):
    """A check of the incident as it is now; ``is_linked`` by hand."""

    id: int
    name: str
    service: str
    status: str
    value: float | None
    unit: str
    summary: str
    observed_at: datetime | None
    is_linked: bool


class LinkCheckIn(Schema):
    """A check of the same team."""

    check: Annotated[int, Field(ge=1, le=2**63 - 1)]


@router.get("/incidents/{ref}/runs", response=PageOf[ResponseRunOut])
def list_responses(request: ApiRequest, ref: str, window: Query[Window]) -> Any:
    """List the runs of procedures that answer an incident, newest first."""
    incident = _incident(readable_teams(request), ref)
    page = cut(list_incident_runs(incident), window)
    return {**page, "items": [run_out(run) for run in page["items"]]}


@router.get("/incidents/{ref}/checks", response=PageOf[IncidentCheckOut])
def list_checks(request: ApiRequest, ref: str, window: Query[Window]) -> Any:
    """List the checks of an incident: linked ones, then those of its services."""
    return _checks(_incident(readable_teams(request), ref), window)


@router.post("/incidents/{ref}/checks", response={201: PageOf[IncidentCheckOut]})
def link(
    request: ApiRequest, ref: str, body: LinkCheckIn, window: Query[Window]
) -> Any:
    """Put a check into the incident and its timeline, as it stands now."""
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "incident.work", incident.team_id)
    link_check(incident.pk, body.check, by=request.auth.user, now=timezone.now())
    return Status(201, _checks(incident, window))


def run_out(run: Run) -> ResponseRunOut:
    """Return a run as the API tells it."""
    items = list(run.items.all())
    return ResponseRunOut(
        id=run.pk,
        checklist=run.checklist.name,
        state=run.state,
        opened_at=run.opens_at,
        done=sum(item.state != RunItem.State.OPEN for item in items),
        total=len(items),
    )


def _checks(incident: Incident, window: Window) -> dict[str, Any]:
    linked = linked_checks(incident)
    page = cut(list_incident_checks(incident, linked), window)
    shown = [_check_out(row, is_linked=row.pk in linked) for row in page["items"]]
    return {**page, "items": shown}


def _check_out(row: CheckRow, *, is_linked: bool) -> IncidentCheckOut:
    return IncidentCheckOut(
        id=row.pk,
        name=row.name,
        service=row.service_slug,
        status=row.status if row.is_enabled else "stopped",
        value=row.last_value,
        unit=row.unit,
        summary=row.last_summary,
        observed_at=row.last_observed_at,
        is_linked=is_linked,
    )


def _incident(team_ids: list[int], ref: str) -> Incident:
    incident = get_incident(team_ids, ref)
    if incident is None:
        raise Http404
    return incident
