"""The pages of planned work."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.forms import WindowForm
from incidents.queries.recurring import list_recurring
from incidents.services import maintenance as services
from incidents.views.finding import find_window, team_ids
from oncall.access import PortalRequest, declares, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import (
    add_error,
    answers_refusals,
    redirect_back,
    render_page,
)
from opsportal.kit.toasts import say

_HOUR = timedelta(hours=1)


@declares("team.see")
@require_GET
def list_windows(request: PortalRequest) -> HttpResponse:
    """Show running, coming and past windows."""
    running, coming, past = queries.list_windows(team_ids(request), request.now)
    ctx = {
        "running": running,
        "coming": coming,
        "past": past,
        "recurring": list_recurring(team_ids(request), request.now),
        "workable": teams_where(request.actor, "maintenance.edit"),
    }
    return render_page(request, "incidents/maintenance_list.html", ctx)


@declares("maintenance.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Plan work on a service."""
    workable = teams_where(request.actor, "maintenance.edit")
    if not workable:
        raise PermissionDenied("This needs the role manager in a team.")
    begin = request.now.replace(second=0, microsecond=0)
    form = WindowForm(
        request.POST or None,
        initial={"starts_at": begin, "ends_at": begin + _HOUR} | request.GET.dict(),
        services=queries.list_services(workable),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = dict(form.cleaned_data)
            service = queries.get_services(workable, [said.pop("service")])[0]
            try:
                window = services.create_window(
                    service, **said, by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Planned: {window.reason}")
                return redirect_back(request, "maintenance_list")
    ctx = {"form": form, "crumbs": [("Maintenance", reverse("maintenance_list"))]}
    return render_page(request, "incidents/maintenance_form.html", ctx, status=status)


@declares("maintenance.edit")
@require_POST
@answers_refusals("maintenance_list")
def end(request: PortalRequest, pk: int) -> HttpResponse:
    """The work is done early."""
    window = find_window(request, pk)
    services.end_window_early(window, by=request.user, now=request.now)
    say(request, f"Ended: {window.reason}")
    return redirect_back(request, "maintenance_list")


@declares("maintenance.edit")
@require_POST
@answers_refusals("maintenance_list")
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """The work is called off."""
    window = find_window(request, pk)
    services.cancel_window(window, by=request.user, now=request.now)
    say(request, f"Cancelled: {window.reason}")
    return redirect_back(request, "maintenance_list")
