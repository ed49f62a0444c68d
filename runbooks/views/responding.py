"""Starting a procedure as the live checklist of an incident."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from checklists.services.responding import start_response_run
from incidents.queries import get_incident
from oncall.access import PortalRequest, authorize, declares, teams_where
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say
from runbooks.incident_panel import plan_of
from runbooks.queries.library import procedures_of


@declares("run.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def start(request: PortalRequest, ref: str) -> HttpResponse:
    """Start one of the procedures of the incident's service."""
    incident = get_incident(list(teams_where(request.actor, "team.see")), ref)
    if incident is None:
        raise Http404
    authorize(request.actor, "run.work", incident.team_id)
    asked = request.POST.get("procedure", "")
    found = {str(each.pk): each for each in procedures_of(incident.severity.service_id)}
    if asked not in found:
        raise Http404
    procedure = found[asked]
    start_response_run(
        incident.pk, plan_of(procedure), by=request.user, now=request.now
    )
    say(request, f"Started: {procedure.title}")
    return redirect_back(request, "incident_detail", ref)
