"""Storms of alerts: all of them, and the page of one."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from incidents.domain.storm import COOLDOWN, CommonLabel
from incidents.models import Storm
from incidents.queries import storms as rows
from incidents.services import storms as services
from incidents.views.finding import or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, may
from opsportal.kit.http import answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

A_PAGE = 50


@declares("team.see")
@require_GET
def list_all(request: PortalRequest) -> HttpResponse:
    """List the storms that there were, the newest first."""
    found = Paginator(rows.storm_lines(team_ids(request)), A_PAGE)
    page = found.get_page(request.GET.get("page"))
    ctx = {
        "page": page,
        "storms": [rows.StormLine._make(row) for row in page],
        "crumbs": [("Alerts", reverse("alert_list"))],
    }
    return render_page(request, "incidents/storm_list.html", ctx)


@declares("team.see")
@require_GET
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show how a storm goes, what its alerts have in common, and what helps."""
    storm = _find(request, pk)
    ctx = {
        "storm": storm,
        "team": storm.service.team,
        "common": [CommonLabel(*each) for each in storm.common],
        "firing": rows.count_firing(storm),
        "alerts": rows.alerts_of_storm(pk),
        "cooldown": COOLDOWN,
        "may_work": may(request.actor, "alert.work", storm.service.team_id),
        "workable": frozenset(),
        "crumbs": [
            ("Alerts", reverse("alert_list")),
            ("Storms", reverse("storm_list")),
        ],
    }
    return render_page(request, "incidents/storm_detail.html", ctx)


@declares("alert.work")
@require_POST
@answers_refusals("storm_detail", keyword="pk")
def cool(request: PortalRequest, pk: int) -> HttpResponse:
    """Apply the cooldown that it suggests."""
    storm = _find(request, pk)
    authorize(request.actor, "alert.work", storm.service.team_id)
    services.cool_storm(storm, by=request.user, now=request.now)
    say(request, "The cooldown holds from now on.")
    return redirect_back(request, "storm_detail", pk)


def _find(request: PortalRequest, pk: int) -> Storm:
    return or_404(rows.get_storm(team_ids(request), pk))
