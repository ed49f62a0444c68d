"""The words that a service has for severity: read by all, kept by managers."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from incidents.models import SeverityLevel
from incidents.queries import severity_choices
from incidents.queries.services import find_services
from incidents.queries.severities import get_word
from incidents.services import severities as services
from incidents.severity_forms import SeverityForm, initial_of, say_differences
from incidents.views.finding import or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, may
from oncall.models import Service
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say

_ACTION = "service.edit"


@declares("team.see")
@require_safe
def list_words(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what a service calls its severities, and what follows from each."""
    service = _find_service(request, slug, to="team.see")
    words = severity_choices(service.pk)
    ctx = {
        "service": service,
        "team": service.team,
        "words": words,
        "has_own": words[0].pk is not None,
        "may_edit": may(request.actor, _ACTION, service.team_id),
        "crumbs": _crumbs(service)[:-1],
    }
    return render_page(request, "incidents/severity_list.html", ctx)


@declares(_ACTION)
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, slug: str) -> HttpResponse:
    """Give a service one more word."""
    return _form(request, _find_service(request, slug, to=_ACTION), None)


@declares(_ACTION)
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change what follows from a word, or how bad it is."""
    word = _find_word(request, pk)
    return _form(request, word.service, word)


@declares(_ACTION)
@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a word away that nothing asks for."""
    word = _find_word(request, pk)
    try:
        services.remove_word(word, by=request.user, now=request.now)
    except PortalError as error:
        say(request, error.message, level=messages.ERROR)
    else:
        say(request, f"Removed: {word.label}")
    return redirect_back(request, "severity_list", word.service.slug)


def _form(
    request: PortalRequest, service: Service, word: SeverityLevel | None
) -> HttpResponse:
    initial = initial_of(word) if word else None
    form = SeverityForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = services.save_word(
                    service,
                    form.read(),
                    word=word,
                    seen=request.POST.get("revision"),
                    by=request.user,
                    now=request.now,
                )
            except Conflict as conflict:
                word = cast("SeverityLevel", conflict.current)
                status = add_error(form, _say_theirs(conflict, form))
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Saved: {saved.label}")
                return redirect_back(request, "severity_list", service.slug)
    # What was told just now may be written over; for another refusal nothing changes.
    seen = "" if status == 409 else request.POST.get("revision", "")
    ctx = {
        "form": form,
        "word": word,
        "revision": seen or (word and services.revision_of(word)),
        "title": f"{word.label} of {service.name}" if word else "New severity",
        "team": service.team,
        "back_url": reverse("severity_list", args=[service.slug]),
        "crumbs": _crumbs(service),
    }
    return render_page(request, "incidents/severity_form.html", ctx, status=status)


def _say_theirs(conflict: Conflict, form: SeverityForm) -> PortalError:
    theirs = cast("SeverityLevel", conflict.current)
    words = say_differences(theirs, form.cleaned_data) or "the same"
    return Conflict(
        f"{conflict.message} Now it says {words}. Save again to write yours over it.",
        current=theirs,
    )


def _find_service(request: PortalRequest, slug: str, *, to: str) -> Service:
    found = find_services(team_ids(request), [slug])
    service = or_404(found[0] if found else None)
    authorize(request.actor, to, service.team_id)
    return service


def _find_word(request: PortalRequest, pk: int) -> SeverityLevel:
    word = or_404(get_word(team_ids(request), pk))
    authorize(request.actor, _ACTION, word.service.team_id)
    return word


def _crumbs(service: Service) -> list[tuple[str, str]]:
    slug = service.slug
    return [
        ("Services", reverse("service_list")),
        (service.name, reverse("service_detail", args=[slug])),
        ("Severities", reverse("severity_list", args=[slug])),
    ]
