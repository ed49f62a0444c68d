"""Where a team keeps its public page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.domain.subscriptions import say_wish
from incidents.models import Component, StatusPage
from incidents.queries.status_pages import (
    all_components,
    get_component,
    get_page,
    list_marks,
    list_pages,
    read_page,
)
from incidents.queries.subscribers import (
    count_subscribers,
    get_subscriber,
    list_subscribers,
    names_of,
)
from incidents.services import status_pages as services
from incidents.services import subscriber_mail, subscribers
from incidents.update_forms import (
    ComponentEditForm,
    MarkForm,
    NewStatusPageForm,
    StatusPageForm,
)
from incidents.views.finding import find_window, or_404, team_ids
from oncall.access import (
    PortalRequest,
    authorize,
    declares,
    may,
    teams_of,
    teams_where,
)
from opsportal.kit.errors import PortalError
from opsportal.kit.http import (
    add_error,
    answers_refusals,
    redirect_back,
    render_page,
)
from opsportal.kit.toasts import say

_A_PAGE = 100


@declares("team.see")
@require_GET
def list_all(request: PortalRequest) -> HttpResponse:
    """Show the public pages of the viewer's teams."""
    pages = list_pages(team_ids(request))
    ctx = {
        "pages": [(page, services.page_url(page.slug)) for page in pages],
        "may_add": _teams_without(request, pages),
    }
    return render_page(request, "incidents/status_list.html", ctx)


@declares("status.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Make a team's page, with a component for each of its services."""
    teams = _teams_without(request, list_pages(team_ids(request)))
    if not teams:
        raise PermissionDenied("Every team that you manage has its page.")
    form = NewStatusPageForm(
        request.POST or None, teams=[(team.pk, team.name) for team in teams]
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            team = next(team for team in teams if team.pk == said["team"])
            try:
                page = services.create_page(
                    team, said["slug"], form.read(), by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Made: {page.title}")
                return redirect_back(request, "status_detail", page.slug)
    ctx = {"form": form, "title": "New status page", "crumbs": _crumbs()}
    return render_page(request, "incidents/settings_form.html", ctx, status=status)


@declares("team.see")
@require_GET
def show(request: PortalRequest, slug: str) -> HttpResponse:
    """Show how the page is now, and what can be said by hand."""
    page = or_404(get_page(team_ids(request), slug))
    url = services.page_url(slug)
    public = read_page(page, url=url, now=request.now)
    by_name = {each.name: each for each in public.components}
    rows = [
        {
            "row": row,
            "public": by_name.get(row.name),
            "form": MarkForm(
                auto_id=f"mark_{row.pk}_%s", initial={"state": "operational"}
            ),
        }
        for row in all_components(page)
    ]
    ctx: dict[str, Any] = {
        "page": page,
        "team": page.team,
        "public": public,
        "url": url,
        "rows": rows,
        "marks": list_marks(page),
        "subscribers": count_subscribers(page),
        "may_mark": may(request.actor, "incident.work", page.team_id),
        "may_edit": may(request.actor, "status.edit", page.team_id),
        "crumbs": _crumbs(),
    }
    return render_page(request, "incidents/status_detail.html", ctx)


@declares("status.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, slug: str) -> HttpResponse:
    """Change the title, or whether anybody may read it."""
    page = _find(request, slug, to="status.edit")
    initial = {
        "title": page.title,
        "about": page.about,
        "is_published": page.is_published,
    }
    form = StatusPageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.edit_page(page, form.read(), by=request.user, now=request.now)
        say(request, "Saved.")
        return redirect_back(request, "status_detail", slug)
    ctx = {
        "form": form,
        "title": f"Edit {page.title}",
        "team": page.team,
        "crumbs": _crumbs(page),
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "incidents/settings_form.html", ctx, status=status)


@declares("status.edit")
@require_http_methods(["GET", "POST"])
def add_component(request: PortalRequest, slug: str) -> HttpResponse:
    """Add a component to the page."""
    return _component_form(request, _find(request, slug, to="status.edit"), None)


@declares("status.edit")
@require_http_methods(["GET", "POST"])
def edit_component(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a component."""
    row = or_404(get_component(team_ids(request), pk))
    authorize(request.actor, "status.edit", row.page.team_id)
    return _component_form(request, row.page, row)


@declares("incident.work")
@require_POST
@answers_refusals("status_list")
def mark(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how a component is."""
    row = or_404(get_component(team_ids(request), pk))
    authorize(request.actor, "incident.work", row.page.team_id)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise PortalError("Choose how the component is, with a note of one line.")
    services.mark_component(row, **form.cleaned_data, by=request.user, now=request.now)
    say(request, f"{row.name} is said to be {form.cleaned_data['state']}.")
    return redirect_back(request, "status_detail", row.page.slug)


@declares("maintenance.edit")
@require_POST
@answers_refusals("maintenance_list")
def announce(request: PortalRequest, pk: int) -> HttpResponse:
    """Put planned work on the public page, or take it off."""
    window = find_window(request, pk)
    is_public = request.POST.get("is_public") == "yes"
    services.announce_window(
        window, is_public=is_public, by=request.user, now=request.now
    )
    say(request, "Announced." if is_public else "No longer announced.")
    return redirect_back(request, "maintenance_list")


@declares("status.edit")
@require_GET
def show_subscribers(request: PortalRequest, slug: str) -> HttpResponse:
    """Show who outside hears of the page."""
    page = _find(request, slug, to="status.edit")
    found = Paginator(list_subscribers(page), _A_PAGE)
    shown = found.get_page(request.GET.get("page"))
    ctx = {
        "status_page": page,
        "page": shown,
        "rows": [
            (
                row,
                say_wish(
                    names_of(row),
                    hears_incidents=row.hears_incidents,
                    hears_maintenance=row.hears_maintenance,
                ),
            )
            for row in shown
        ],
        "team": page.team,
        "crumbs": _crumbs(page),
        "form_url": services.subscribe_url(page.slug),
    }
    return render_page(request, "incidents/subscriber_list.html", ctx)


@declares("status.edit")
@require_POST
@answers_refusals("status_list")
def remove_subscriber(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a reader away from the page."""
    page = _find(request, slug, to="status.edit")
    row = or_404(get_subscriber(page, pk))
    subscribers.remove_subscriber(row, by=request.user, now=request.now)
    say(request, f"{row.address} hears no more of this page.")
    return redirect_back(request, "subscriber_list", page.slug)


@declares("status.edit")
@require_POST
@answers_refusals("status_list")
def resume_subscriber(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Mail a reader again whose mail server refused several mails."""
    page = _find(request, slug, to="status.edit")
    row = or_404(get_subscriber(page, pk))
    subscriber_mail.resume_subscriber(row, by=request.user, now=request.now)
    say(request, f"{row.address} is mailed again.")
    return redirect_back(request, "subscriber_list", page.slug)


def _component_form(
    request: PortalRequest, page: StatusPage, row: Component | None
) -> HttpResponse:
    initial = None
    if row is not None:
        names = ("name", "description", "position", "is_shown")
        initial = {name: getattr(row, name) for name in names}
        initial["service"] = row.service_id
    form = ComponentEditForm(
        request.POST or None,
        initial=initial,
        services=queries.list_services([page.team_id]),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            pks = [form.cleaned_data["service"]]
            service = queries.get_services([page.team_id], pks)[0]
            try:
                services.save_component(
                    page,
                    service,
                    form.read(),
                    component=row,
                    by=request.user,
                    now=request.now,
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "Saved.")
                return redirect_back(request, "status_detail", page.slug)
    ctx = {
        "form": form,
        "title": f"Edit {row.name}" if row else "New component",
        "team": page.team,
        "crumbs": _crumbs(page),
    }
    return render_page(request, "incidents/settings_form.html", ctx, status=status)


def _find(request: PortalRequest, slug: str, *, to: str) -> StatusPage:
    page = or_404(get_page(team_ids(request), slug))
    authorize(request.actor, to, page.team_id)
    return page


def _teams_without(request: PortalRequest, pages: list[StatusPage]) -> list[Any]:
    allowed = teams_where(request.actor, "status.edit")
    have = {page.team_id for page in pages}
    teams = teams_of(request.actor).order_by("name")
    return [team for team in teams if team.pk in allowed - have]


def _crumbs(page: StatusPage | None = None) -> list[tuple[str, str]]:
    crumbs = [("Status pages", reverse("status_list"))]
    if page is not None:
        crumbs.append((page.title, reverse("status_detail", args=[page.slug])))
    return crumbs
