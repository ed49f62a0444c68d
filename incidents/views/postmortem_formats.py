"""Choosing in which format a service writes its postmortems."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from incidents.postmortem_forms import StartForm
from incidents.queries.postmortems import format_of_service
from incidents.queries.services import find_services
from incidents.services.postmortem_formats import choose_format
from incidents.views.finding import team_ids
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.http import redirect_back, render_page
from opsportal.kit.toasts import say


@declares("postmortem.format")
@require_http_methods(["GET", "POST"])
def choose(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose the headings of the next postmortems of a service."""
    found = find_services(team_ids(request), [slug])
    if not found:
        raise Http404
    service = found[0]
    authorize(request.actor, "postmortem.format", service.team_id)
    initial = {"format": format_of_service(service.pk)}
    form = StartForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["format"]
        choose_format(service, chosen, by=request.user, now=request.now)
        say(request, "Saved. Postmortems that are written keep their format.")
        return redirect_back(request, "service_detail", slug)
    ctx = {
        "form": form,
        "title": f"Postmortems of {service.name}",
        "team": service.team,
        "crumbs": [
            ("Services", reverse("service_list")),
            (service.name, reverse("service_detail", args=[slug])),
        ],
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "incidents/settings_form.html", ctx, status=status)
