"""The API of procedures that answer an incident, or an item that does not hold."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from checklists.item_links import ask_of
from checklists.queries.listing import find_run
from checklists.queries.run_items import lines_of
from checklists.services.responding import start_response_run
from checklists.views.responding_api import ResponseRunOut, run_out
from incidents.models import Incident
from incidents.queries import get_incident
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.paging import PageOf, Window, cut
from runbooks.incident_panel import list_fitting, plan_of, steps_of
from runbooks.item_procedures import fit_items
from runbooks.queries.library import procedures_of

router = Router(tags=["alerts and incidents"])


class FittingOut(Schema):
    """A procedure that answers an incident; ``steps`` become the items of its run."""

    id: int
    title: str
    runbook: str
    line: int
    steps: list[str]


class ItemProcedureOut(Schema):
    """What to do when an item of a run does not hold; ``key`` is the procedure's."""

    item: int
    text: str
    title: str
    runbook: str
    line: int
    key: str


@router.get("/incidents/{ref}/procedures", response=PageOf[FittingOut])
def list_procedures(request: ApiRequest, ref: str, window: Query[Window]) -> Any:
    """List the procedures that fit an incident, the best fit first."""
    incident = _incident(readable_teams(request), ref)
    fitting = list_fitting(incident.severity.service_id, incident.title)
    page = cut(fitting, window)
    shown = [
        FittingOut(
            id=each.pk,
            title=each.title,
            runbook=each.version.runbook.slug,
            line=each.line,
            steps=[text for text, _ in steps_of(each)],
        )
        for each in page["items"]
    ]
    return {**page, "items": shown}


@router.post("/incidents/{ref}/procedures/{pk}/start", response={201: ResponseRunOut})
def start(request: ApiRequest, ref: str, pk: int) -> Any:
    """Start a procedure as the live checklist; one that is open already is kept."""
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "run.work", incident.team_id)
    found = {each.pk: each for each in procedures_of(incident.severity.service_id)}
    if pk not in found:
        raise Http404
    plan = plan_of(found[pk])
    run = start_response_run(
        incident.pk, plan, by=request.auth.user, now=timezone.now()
    )
    return Status(201, run_out(run))


def _incident(team_ids: list[int], ref: str) -> Incident:
    incident = get_incident(team_ids, ref)
    if incident is None:
        raise Http404
    return incident


@router.get("/runs/{pk}/procedures", response=PageOf[ItemProcedureOut])
def list_item_procedures(request: ApiRequest, pk: int, window: Query[Window]) -> Any:
    """List the procedures that fit the items of a run which wait or fail."""
    run = find_run(readable_teams(request), pk)
    if run is None:
        raise Http404
    ask = ask_of(run, lines_of([run.pk]).get(run.pk, []))
    fitting = fit_items(ask) if ask else {}
    found = [
        ItemProcedureOut(
            item=each.pk,
            text=each.text,
            title=fitting[each.pk].title,
            runbook=fitting[each.pk].runbook,
            line=fitting[each.pk].line,
            key=fitting[each.pk].key,
        )
        for each in (ask.lines if ask else ())
        if each.pk in fitting
    ]
    return cut(found, window)
