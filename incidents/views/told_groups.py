"""Groups of alerts that are told together: all of them, one, and how they are made."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from incidents.domain.told_groups import say_shared
from incidents.grouping_forms import GroupingForm
from incidents.queries import told_groups as rows
from incidents.queries.services import find_services
from incidents.services.alert_groups import set_grouping
from incidents.views.finding import or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, may, teams_where
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say

A_PAGE = 50
_ACTION = "integration.edit"


@declares("team.see")
@require_GET
def list_all(request: PortalRequest) -> HttpResponse:
    """List the groups that there were, the newest first, and how services group."""
    teams = team_ids(request)
    page = Paginator(rows.group_rows(teams), A_PAGE).get_page(request.GET.get("page"))
    ctx = {
        "page": page,
        "groups": [rows.GroupRow._make(row) for row in page],
        "groupings": rows.list_groupings(teams),
        "editable": teams_where(request.actor, _ACTION),
        "crumbs": [("Alerts", reverse("alert_list"))],
    }
    return render_page(request, "incidents/group_list.html", ctx)


@declares("team.see")
@require_GET
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the alerts of a group, who speaks for it and how it goes."""
    group = or_404(rows.get_group(team_ids(request), pk))
    alerts = rows.alerts_of_group(pk)
    ctx = {
        "group": group,
        "team": group.service.team,
        "words": say_shared(group.shared),
        "alerts": alerts,
        "speakers": rows.speakers_of(pk),
        "open_count": rows.count_open(pk),
        "open_pks": [alert.pk for alert in alerts if alert.is_open],
        "may_work": may(request.actor, "alert.work", group.service.team_id),
        # Rows are read here; acts are for all of them.
        "workable": frozenset(),
        "here": reverse("group_detail", args=[pk]),
        "crumbs": [
            ("Alerts", reverse("alert_list")),
            ("Groups", reverse("group_list")),
        ],
    }
    return render_page(request, "incidents/group_detail.html", ctx)


@declares(_ACTION)
@require_http_methods(["GET", "POST"])
def edit_rule(request: PortalRequest, slug: str) -> HttpResponse:
    """Say how the alerts of a service are grouped."""
    found = find_services(team_ids(request), [slug])
    service = or_404(found[0] if found else None)
    authorize(request.actor, _ACTION, service.team_id)
    form = GroupingForm(request.POST or None, grouping=rows.get_grouping(service))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                set_grouping(service, form.read(), by=request.user, now=request.now)
            except PortalError as error:
                add_error(form, error)
            else:
                say(request, "Alerts that open from now on keep to it.")
                return redirect_back(request, "group_list")
    ctx = {
        "service": service,
        "form": form,
        "crumbs": [
            ("Alerts", reverse("alert_list")),
            ("Groups", reverse("group_list")),
        ],
    }
    return render_page(request, "incidents/grouping_form.html", ctx, status=status)
