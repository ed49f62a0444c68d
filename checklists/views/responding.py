"""Checks on the page of an incident, and linking one by hand."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from checklists.services.incident_links import link_check
from incidents.queries import get_incident
from oncall.access import PortalRequest, authorize, declares, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def link(request: PortalRequest, ref: str) -> HttpResponse:
    """Put a check of the team into the incident."""
    incident = get_incident(list(teams_where(request.actor, "team.see")), ref)
    if incident is None:
        raise Http404
    authorize(request.actor, "incident.work", incident.team_id)
    asked: Any = request.POST.get("check", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise PortalError("Choose a check.", field="check")
    link_check(incident.pk, int(asked), by=request.user, now=request.now)
    say(request, "Linked.")
    return redirect_back(request, "incident_detail", ref)
