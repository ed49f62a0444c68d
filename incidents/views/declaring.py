"""Declaring an incident: first the service, then what is broken."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from incidents import queries
from incidents.domain import severity
from incidents.forms import DeclareForm
from incidents.models import Alert, SeverityLevel
from incidents.services.chat_commands import obey_command
from incidents.services.incidents import Declaration, declare_incident
from incidents.views.finding import find_alert, or_404, read_numbers
from oncall.access import PortalRequest, declares, teams_where
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def declare(request: PortalRequest) -> HttpResponse:
    """Choose the service, then declare; from an alert the service is known."""
    alert = _find_source(request)
    workable = teams_where(request.actor, "incident.work")
    if not workable:
        raise PermissionDenied("This needs the role responder in a team.")
    services = queries.list_services(workable)
    slug = alert.service.slug if alert else request.GET.get("service", "")
    if not slug and len(services) == 1:
        slug = services[0].slug
    if not slug:
        ctx = {"services": services, "crumbs": _crumbs()}
        return render_page(request, "incidents/declare_service.html", ctx)
    chosen = [row.pk for row in services if row.slug == slug]
    service = or_404(next(iter(queries.get_services(workable, chosen)), None))
    others = [row for row in services if row.team_id == service.team_id]
    words = queries.severity_choices(service.pk)
    form = DeclareForm(
        request.POST or None,
        initial=_initial(request, alert, words),
        others=[row for row in others if row.pk != service.pk],
        words=words,
        members=queries.list_members(service.team_id),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _declare(request, form, service, alert)
            except PortalError as error:
                status = add_error(form, error)
    ctx = {
        "form": form,
        "service": service,
        "alert": alert,
        "team": service.team,
        "crumbs": _crumbs(),
        "can_change_service": alert is None and len(services) > 1,
    }
    return render_page(request, "incidents/declare.html", ctx, status=status)


@declares("incident.work")
@require_POST
@answers_refusals("incident_declare")
def declare_by_text(request: PortalRequest) -> HttpResponse:
    """Declare by what one would say in the chat."""
    teams = list(teams_where(request.actor, "incident.work"))
    text = request.POST.get("text", "")[:500]
    incident = obey_command(
        text, teams, by=request.user, now=request.now, via="by chat text"
    )
    say(request, f"{incident.ref} declared.")
    return redirect_back(request, "incident_detail", incident.ref)


def _declare(
    request: PortalRequest, form: DeclareForm, service: Service, alert: Alert | None
) -> HttpResponse:
    said = dict(form.cleaned_data)
    others = queries.get_services([service.team_id], said.pop("others", []))
    declaration = Declaration(
        services=(service, *others), severity_label=said.pop("severity"), **said
    )
    incident = declare_incident(
        declaration,
        by=request.user,
        now=request.now,
        alert_pk=alert.pk if alert else None,
    )
    say(request, f"{incident.ref} declared.")
    return redirect_back(request, "incident_detail", incident.ref)


def _find_source(request: PortalRequest) -> Alert | None:
    asked = read_numbers(request.GET.getlist("alert"))
    return find_alert(request, asked[0], to="incident.work") if asked else None


def _initial(
    request: PortalRequest, alert: Alert | None, words: list[SeverityLevel]
) -> dict[str, Any]:
    initial: dict[str, Any] = {"commander": request.user.pk}
    if alert is None:
        return initial
    same = [word.label for word in words if word.label == alert.severity_label]
    level = severity.worst_level(alert.level, alert.peak_level)
    near = [word.label for word in words if word.level >= level]
    return initial | {
        "title": alert.summary[:250],
        "severity": next(iter(same + near), None),
        "started_at": alert.starts_at,
    }


def _crumbs() -> list[tuple[str, str]]:
    return [("Incidents", reverse("incident_list"))]
