"""The pages of objectives and their error budgets."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from incidents import queries
from incidents.models import Slo
from incidents.queries.services import find_services
from incidents.queries.slos import (
    burns_of,
    doubts_of,
    get_slo,
    list_events,
    list_slos,
    plot_of,
    state_of,
    states_of,
)
from incidents.services import budgets as services
from incidents.slo_forms import ChooseServiceForm, ObjectiveForm, initial_of
from incidents.slo_sources import list_choices
from incidents.views.finding import or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, may, teams_where
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say


@declares("team.see")
@require_GET
def list_all(request: PortalRequest) -> HttpResponse:
    """Show every objective of the viewer's teams and what is left of its budget."""
    slos = list_slos(team_ids(request))
    ctx = {
        "states": states_of(slos, request.now),
        "may_add": bool(teams_where(request.actor, "slo.edit")),
    }
    return render_page(request, "incidents/slo_list.html", ctx)


@declares("team.see")
@require_GET
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one budget: where it went, what burns, what contradicts it."""
    slo = or_404(get_slo(team_ids(request), pk))
    ctx: dict[str, Any] = {
        "slo": slo,
        "team": slo.service.team,
        "state": state_of(slo, request.now),
        "points": plot_of(slo, request.now),
        "burns": burns_of(slo, request.now),
        "events": list_events(slo),
        "doubts": doubts_of(slo),
        "may_edit": may(request.actor, "slo.edit", slo.service.team_id),
        "crumbs": _crumbs(),
    }
    return render_page(request, "incidents/slo_detail.html", ctx)


@declares("slo.edit")
@require_GET
def choose(request: PortalRequest) -> HttpResponse:
    """Ask for which service; its checks are what the next page offers."""
    allowed = teams_where(request.actor, "slo.edit")
    if not allowed:
        raise PermissionDenied("This needs the role manager in a team.")
    rows = queries.list_services(allowed)
    form = ChooseServiceForm(request.GET or None, services=rows)
    if form.is_valid():
        chosen = form.cleaned_data["service"]
        slug = next(row.slug for row in rows if row.pk == chosen)
        return redirect_back(request, "slo_create", slug)
    ctx = {"form": form, "crumbs": _crumbs()}
    return render_page(request, "incidents/slo_choose.html", ctx)


@declares("slo.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest, slug: str) -> HttpResponse:
    """Promise something of a service."""
    found = find_services(team_ids(request), [slug])
    service = or_404(found[0] if found else None)
    authorize(request.actor, "slo.edit", service.team_id)
    return _form(request, service, None)


@declares("slo.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change what is promised or how it is measured."""
    slo = or_404(get_slo(team_ids(request), pk))
    authorize(request.actor, "slo.edit", slo.service.team_id)
    return _form(request, slo.service, slo)


def _form(request: PortalRequest, service: Service, slo: Slo | None) -> HttpResponse:
    form = ObjectiveForm(
        request.POST or None,
        checks=list_choices(service.pk),
        initial=initial_of(slo) if slo else None,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = services.save_slo(
                    service, form.read(), slo=slo, by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Saved: {saved.name}")
                return redirect_back(request, "slo_detail", saved.pk)
    ctx = {
        "form": form,
        "title": f"Edit {slo.name}" if slo else f"New objective of {service.name}",
        "team": service.team,
        "crumbs": _crumbs(),
    }
    return render_page(request, "incidents/settings_form.html", ctx, status=status)


def _crumbs() -> list[tuple[str, str]]:
    return [("SLOs", reverse("slo_list"))]
