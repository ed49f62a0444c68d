"""Adding a service to a team, and changing what is said of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oncall.access import PortalRequest, declares
from oncall.forms.services import ServiceForm
from oncall.models import Service, Team
from oncall.queries.services import choices_of
from oncall.services import service_catalog
from oncall.views.finding import find_service, find_team
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say


@declares("service.edit")
@require_http_methods(["GET", "POST"])
def create_service(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Add a service to a team."""
    team = find_team(request, team_slug, to="service.edit")
    form = _bind(request, team)

    def save() -> Service:
        return service_catalog.create_service(
            team,
            form.read(),
            slug=form.cleaned_data["slug"],
            by=request.user,
            now=request.now,
        )

    ctx = {
        "title": "New service",
        "sub": f"For {team.name}: what customers use and the team answers for",
        "submit": "Add the service",
        "cancel_url": reverse("service_list"),
        "crumbs": [("Services", reverse("service_list"))],
    }
    return _work(request, form, save, ctx, done="The service is there.")


@declares("service.edit")
@require_http_methods(["GET", "POST"])
def edit_service(request: PortalRequest, slug: str) -> HttpResponse:
    """Change what is said of a service."""
    service = find_service(request, slug, to="service.edit")
    form = _bind(request, service.team, service)

    def save() -> Service:
        return service_catalog.change_service(
            service, form.read(), by=request.user, now=request.now
        )

    address = reverse("service_detail", args=[slug])
    ctx = {
        "title": "Edit service",
        "sub": f"{service.team.name} · {slug}",
        "submit": "Save",
        "cancel_url": address,
        "crumbs": [("Services", reverse("service_list")), (service.name, address)],
    }
    return _work(request, form, save, ctx, done="Saved.")


def _bind(
    request: PortalRequest, team: Team, service: Service | None = None
) -> ServiceForm:
    schedules, policies = choices_of(team.pk, service)
    return ServiceForm(
        request.POST or None, schedules=schedules, policies=policies, service=service
    )


def _work(
    request: PortalRequest,
    form: ServiceForm,
    save: Callable[[], Service],
    ctx: dict[str, Any],
    *,
    done: str,
) -> HttpResponse:
    status = 200 if request.method == "GET" else 422
    if form.is_valid():
        try:
            service = save()
        except PortalError as error:
            status = add_error(form, error)
        else:
            say(request, done)
            return redirect_back(request, "service_detail", service.slug)
    page = "oncall/service_form.html"
    return render_page(request, page, ctx | {"form": form}, status=status)
