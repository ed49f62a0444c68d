"""The pages of integrations: who sends alerts, with which key, and what came."""

from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.forms import IntegrationForm, NewIntegrationForm
from incidents.models import Integration
from incidents.queries.integrations import (
    OWN_KINDS,
    get_integration,
    list_ingest_events,
    list_integrations,
)
from incidents.services import intake, integrations
from incidents.services.integrations import Settings
from incidents.views import cooldowns, durations
from incidents.views.finding import or_404, team_ids
from incidents.views.snippets import write_snippet
from oncall.access import PortalRequest, authorize, declares, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say

_ACTION = "integration.edit"
_HIDDEN_KEY = "YOUR_KEY"
_KINDS = [choice for choice in Integration.Kind.choices if choice[0] not in OWN_KINDS]


@declares(_ACTION)
@require_GET
def list_all(request: PortalRequest) -> HttpResponse:
    """Show the senders of the services that the viewer manages."""
    workable = _workable(request)
    ctx = {
        "rows": list_integrations(workable, request.GET.get("service", "")),
        "service": request.GET.get("service", ""),
    }
    return render_page(request, "incidents/integration_list.html", ctx)


@declares(_ACTION)
@require_http_methods(["GET", "POST"])
@never_cache
def create(request: PortalRequest) -> HttpResponse:
    """Make a sender, and show its key in this answer only."""
    workable = _workable(request)
    services = queries.list_services(workable)
    asked = request.GET.get("service", "")
    chosen = next((row.pk for row in services if row.slug == asked), None)
    form = NewIntegrationForm(
        request.POST or None,
        initial={"service": chosen},
        services=services,
        kinds=_KINDS,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.read()
            service = queries.get_services(workable, [said.pop("service")])[0]
            try:
                made, key = integrations.create_integration(
                    service,
                    said.pop("kind"),
                    Settings(**said),
                    by=request.user,
                    now=request.now,
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                return _show(request, made, key=key)
    ctx = {"form": form, "crumbs": [_crumb()]}
    return render_page(request, "incidents/integration_form.html", ctx, status=status)


@declares(_ACTION)
@require_GET
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one sender: how to set it up, and what it sent last."""
    return _show(request, _find(request, pk))


@declares(_ACTION)
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change what a sender is called and how its words are read."""
    found = _find(request, pk)
    silence = found.silence_after
    initial = {
        "name": found.name,
        "severity_mapping": found.severity_mapping,
        "field_mapping": found.field_mapping,
        "silence_minutes": int(silence.total_seconds() // 60) if silence else None,
    }
    form = IntegrationForm(request.POST or None, initial=initial)
    form.keep_only_for(found.kind)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                integrations.edit_integration(
                    found, Settings(**form.read()), by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Saved: {found.name}")
                return redirect_back(request, "integration_detail", pk)
    ctx = {"form": form, "integration": found, "crumbs": [_crumb()]}
    return render_page(request, "incidents/integration_form.html", ctx, status=status)


@declares(_ACTION)
@require_POST
@never_cache
def rotate(request: PortalRequest, pk: int) -> HttpResponse:
    """Give it a new key, shown in this answer only."""
    found = _find(request, pk)
    key = integrations.rotate_key(found, by=request.user, now=request.now)
    return _show(request, found, key=key)


@declares(_ACTION)
@require_POST
def revoke(request: PortalRequest, pk: int) -> HttpResponse:
    """End the key before the last rotation."""
    found = _find(request, pk)
    integrations.revoke_old_key(found, by=request.user, now=request.now)
    say(request, "The old key no longer opens anything.")
    return redirect_back(request, "integration_detail", pk)


@declares(_ACTION)
@require_POST
def switch(request: PortalRequest, pk: int) -> HttpResponse:
    """Switch a sender off, or on again."""
    found = _find(request, pk)
    is_enabled = request.POST.get("enabled") == "yes"
    integrations.switch_integration(
        found, is_enabled=is_enabled, by=request.user, now=request.now
    )
    say(request, f"{found.name} is {'on' if is_enabled else 'off'}.")
    return redirect_back(request, "integration_detail", pk)


@declares(_ACTION)
@require_POST
def send_test(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a test alert as the sender would; a second one resolves it."""
    found = _find(request, pk)
    is_over = request.POST.get("what") == "resolve"
    event = intake.send_test(found, is_over=is_over, by=request.user, now=request.now)
    say(request, f"Test: {event.reason}.")
    return redirect_back(request, "integration_detail", pk)


def _workable(request: PortalRequest) -> list[int]:
    found = teams_where(request.actor, _ACTION)
    if not found:
        raise PermissionDenied("This needs the role manager in a team.")
    return list(found)


def _find(request: PortalRequest, pk: int) -> Integration:
    found = or_404(get_integration(team_ids(request), pk))
    authorize(request.actor, _ACTION, found.service.team_id)
    return found


def _crumb() -> tuple[str, str]:
    return ("Integrations", reverse("integration_list"))


def _show(request: PortalRequest, found: Integration, *, key: str = "") -> HttpResponse:
    snippet = write_snippet(found.kind, django_settings.SITE_URL, key or _HIDDEN_KEY)
    until = found.old_key_until
    ctx: dict[str, Any] = {
        "integration": found,
        "new_key": key,
        "snippet": snippet,
        "events": list_ingest_events(found.pk),
        "old_key_until": until if until and until > request.now else None,
        "cooldowns": cooldowns.CHOICES,
        "cooldown": cooldowns.describe(found.cooldown),
        "lengths": durations.CHOICES,
        "hold": durations.describe(found.hold_for),
        "clear": durations.describe(found.clear_for),
        "crumbs": [_crumb()],
    }
    return render_page(request, "incidents/integration_detail.html", ctx)
