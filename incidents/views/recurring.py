"""The pages of planned work that comes back."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from incidents import queries
from incidents.domain.recurrence import (
    find_problem,
    next_occurrences,
    say_recurrence,
)
from incidents.queries import recurring as rows
from incidents.recurring_forms import RecurringForm
from incidents.services import recurring as services
from incidents.views.finding import or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

_FORM = "incidents/recurring_form.html"


@declares("maintenance.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Plan work that comes back; "preview" only shows when."""
    workable = teams_where(request.actor, "maintenance.edit")
    if not workable:
        raise PermissionDenied("This needs the role manager in a team.")
    initial = {"zone": request.user.time_zone, "first_on": request.now.date()}
    form = RecurringForm(
        request.POST or None,
        initial=initial | request.GET.dict(),
        services=queries.list_services(workable),
    )
    if request.method != "POST":
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    if "preview" in request.POST:
        return _preview(request, form)
    said = form.cleaned_data
    service = queries.get_services(workable, [said["service"]])[0]
    try:
        made = services.create_recurring(
            service, form.read(), said["reason"], by=request.user, now=request.now
        )
    except PortalError as error:
        return _show(request, form, status=add_error(form, error))
    say(request, f"Planned: {made.reason}")
    return redirect_back(request, "maintenance_list")


@declares("maintenance.edit")
@require_POST
@answers_refusals("maintenance_list")
def stop(request: PortalRequest, pk: int) -> HttpResponse:
    """Let it come back no more."""
    row = or_404(rows.get_recurring(team_ids(request), pk))
    authorize(request.actor, "maintenance.edit", row.service.team_id)
    services.stop_recurring(row, by=request.user, now=request.now)
    say(request, f"It does not come back any more: {row.reason}")
    return redirect_back(request, "maintenance_list")


def _preview(request: PortalRequest, form: RecurringForm) -> HttpResponse:
    rule = form.read()
    if problem := find_problem(rule):
        error = PortalError(problem[1], field=problem[0])
        return _show(request, form, status=add_error(form, error))
    upcoming = next_occurrences(rule, request.now, rows.MOST_SHOWN)
    return _show(request, form, rule=say_recurrence(rule), upcoming=upcoming)


def _show(
    request: PortalRequest, form: RecurringForm, *, status: int = 200, **found: object
) -> HttpResponse:
    crumbs = [("Maintenance", reverse("maintenance_list"))]
    ctx = {"form": form, "crumbs": crumbs, **found}
    return render_page(request, _FORM, ctx, status=status)
