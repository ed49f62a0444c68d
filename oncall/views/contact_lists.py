"""The contact tables of services and teams: seen by responders, kept by managers."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oncall.access import PortalRequest, authorize, declares, may
from oncall.forms.teams import ContactForm
from oncall.models import EscalationContact, Service, Team
from oncall.queries import contact_lists as tables
from oncall.queries import people
from oncall.services import contact_lists
from oncall.views.finding import find_service, find_team, team_ids
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares("contact.see")
@require_http_methods(["GET", "POST"])
def show_service_table(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the table of a service; a manager adds a line by posting."""
    service = find_service(request, slug, to="contact.see")
    return _show_table(request, service, service.team)


@declares("contact.see")
@require_http_methods(["GET", "POST"])
def show_team_table(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Show the table of a team; a manager adds a line by posting."""
    team = find_team(request, team_slug)
    return _show_table(request, team, team)


def _show_table(
    request: PortalRequest, owner: Service | Team, team: Team
) -> HttpResponse:
    is_posted = request.method == "POST"
    authorize(request.actor, "contact.edit" if is_posted else "contact.see", team.pk)
    form, status = _form_of(team, request.POST if is_posted else None), 200
    if is_posted:
        status = _save(request, form, owner, None)
        if status == 200:
            say(request, "The line is in the table.")
            return redirect_back(request, _page_of(owner))
    is_service = isinstance(owner, Service)
    ctx: dict[str, Any] = {
        "owner": owner,
        "team": team,
        "contacts": (
            tables.escalation_contacts(owner.pk)
            if is_service
            else tables.team_contacts(owner.pk)
        ),
        "edits": may(request.actor, "contact.edit", team.pk),
        "form": form,
        "back": _owner_page(owner),
        "crumbs": [(owner.name, _owner_page(owner))],
    }
    return render_page(request, "oncall/contact_list.html", ctx, status=status)


@declares("contact.edit")
@require_http_methods(["GET", "POST"])
def edit_contact(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a line."""
    contact = _find(request, pk)
    owner, team = contact_lists.owner_of(contact), _team_of(contact)
    status = 200
    if request.method == "POST":
        form = _form_of(team, request.POST)
        status = _save(request, form, owner, contact)
        if status == 200:
            say(request, f"{contact.title} is saved.")
            return redirect_back(request, _page_of(owner))
    else:
        names = ("title", "kind", "value", "note", "user_id", "schedule_id")
        initial = {name: getattr(contact, name) for name in names}
        initial["is_placeholder"] = contact.is_placeholder
        form = _form_of(team, None, initial=initial)
    ctx = {"form": form, "contact": contact, "owner": owner, "back": _page_of(owner)}
    return render_page(request, "oncall/contact_edit.html", ctx, status=status)


@declares("contact.edit")
@require_POST
def move_contact(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a line before or behind its neighbour."""
    contact = _find(request, pk)
    is_up = request.POST.get("to") == "up"
    contact_lists.move_contact(contact, up=is_up, by=request.user, now=request.now)
    return redirect_back(request, _page_of(contact_lists.owner_of(contact)))


@declares("contact.edit")
@require_POST
def remove_contact(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a line out."""
    contact = _find(request, pk)
    owner = contact_lists.owner_of(contact)
    contact_lists.remove_contact(contact, by=request.user, now=request.now)
    say(request, f"{contact.title} is no longer in the table.")
    return redirect_back(request, _page_of(owner))


@declares("contact.edit")
@require_POST
@answers_refusals("today")
def test_contact(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a test the way that the line would go."""
    contact = _find(request, pk)
    contact_lists.send_test(contact, by=request.user, now=request.now)
    say(
        request,
        f"A test to {contact.title} is on its way. The delivery log knows more.",
    )
    return redirect_back(request, _page_of(contact_lists.owner_of(contact)))


def _find(request: PortalRequest, pk: int) -> EscalationContact:
    contact = tables.find_contact(pk, team_ids(request))
    if contact is None:
        raise Http404
    authorize(request.actor, "contact.edit", _team_of(contact).pk)
    return contact


def _form_of(team: Team, data: Any, **options: Any) -> ContactForm:
    return ContactForm(
        data,
        people=people.people_of(team.pk),
        schedules=tables.schedules_of(team.pk),
        **options,
    )


def _save(
    request: PortalRequest,
    form: ContactForm,
    owner: Service | Team,
    contact: EscalationContact | None,
) -> int:
    if not form.is_valid():
        return 422
    try:
        contact_lists.save_contact(
            owner, form.read(), contact=contact, by=request.user, now=request.now
        )
    except PortalError as error:
        return add_error(form, error)
    return 200


def _team_of(contact: EscalationContact) -> Team:
    owner = contact_lists.owner_of(contact)
    return owner.team if isinstance(owner, Service) else owner


def _page_of(owner: Service | Team) -> str:
    name = "service_contacts" if isinstance(owner, Service) else "team_contacts"
    return reverse(name, args=[owner.slug])


def _owner_page(owner: Service | Team) -> str:
    name = "service_detail" if isinstance(owner, Service) else "team_detail"
    return reverse(name, args=[owner.slug])
