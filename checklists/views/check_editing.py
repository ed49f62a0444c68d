"""Making and changing checks."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists.forms.checks import CheckForm
from checklists.forms.kinds import KIND_FORMS
from checklists.models import Check
from checklists.queries import checks as queries
from checklists.services import checks as services
from checklists.services.check_rules import name_fields
from checklists.services.heartbeats import create_heartbeat
from incidents.queries import list_services
from oncall.access import PortalRequest, authorize, declares, teams_where
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, answers_refusals, redirect_back
from opsportal.kit.toasts import say

_FORM = "checklists/check_form.html"


@declares("check.edit")
@require_GET
def choose(request: PortalRequest) -> HttpResponse:
    """Ask for which service and what kind of check."""
    teams = teams_where(request.actor, "check.edit")
    if not teams:
        raise Http404
    ctx = {
        "services": list_services(teams),
        "kinds": KIND_FORMS.items(),
        "chosen": request.GET.get("service", ""),
        "crumbs": [("Checks", reverse("check_list"))],
    }
    return render(request, "checklists/check_choose.html", ctx)


@declares("check.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Fill in a new check, try it, save it."""
    service = queries.get_service_for(request.actor, request.GET.get("service", ""))
    authorize(request.actor, "check.edit", service.team_id)
    kind = request.GET.get("kind", "")
    if kind not in KIND_FORMS:
        raise Http404
    form = _build_form(request, kind, service, None)
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return _answer_try(request, form, None)
        try:
            check = services.create_check(form.plan(), by=request.user, now=request.now)
        except PortalError as error:
            form.place_error(error)
        else:
            say(request, f"{check.name} is looked at from now on.")
            if check.kind == "heartbeat":
                return _show_address(request, check)
            return redirect_back(request, "check_detail", check.pk)
    return _answer_form(request, form, None)


@declares("check.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a check, try it, save it."""
    check = queries.get_check_for(request.actor, pk)
    authorize(request.actor, "check.edit", check.service.team_id)
    if check.kind not in KIND_FORMS:
        raise Http404
    form = _build_form(request, check.kind, check.service, check)
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return _answer_try(request, form, check)
        try:
            services.edit_check(check, form.plan(), by=request.user, now=request.now)
        except PortalError as error:
            form.place_error(error)
        else:
            say(request, "Saved.")
            return redirect_back(request, "check_detail", pk)
    return _answer_form(request, form, check)


@declares("check.edit")
@require_POST
@answers_refusals("check_detail", keyword="pk")
def renew_address(request: PortalRequest, pk: int) -> HttpResponse:
    """Give a heartbeat a new address; the old one is dead."""
    check = queries.get_check_for(request.actor, pk)
    authorize(request.actor, "check.edit", check.service.team_id)
    return _show_address(request, check)


def _show_address(request: PortalRequest, check: Check) -> HttpResponse:
    """Show the secret address, this once."""
    token = create_heartbeat(check, by=request.user, now=request.now)
    ctx = {
        "check": check,
        "team": check.service.team,
        "address": request.build_absolute_uri(reverse("ping", args=[token])),
        "crumbs": [("Checks", reverse("check_list"))],
    }
    response = render(request, "checklists/check_address.html", ctx)
    response["Cache-Control"] = "no-store"
    return response


def _build_form(
    request: PortalRequest, kind: str, service: Service, check: Check | None
) -> CheckForm:
    return CheckForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        service=service,
        others=queries.possible_parents(service.team_id, check.pk if check else None),
        sources=queries.sources_of(kind, service.team_id),
        check=check,
    )


def _answer_try(
    request: PortalRequest, form: CheckForm, check: Check | None
) -> HttpResponse:
    try:
        seen = services.try_check(
            form.plan(), now=request.now, check_pk=check.pk if check else None
        )
    except PortalError as error:
        form.place_error(error)
        return _answer_form(request, form, check)
    return _answer_form(request, form, check, seen)


def _answer_form(
    request: PortalRequest,
    form: CheckForm,
    check: Check | None,
    seen: services.Seen | None = None,
) -> HttpResponse:
    ctx = {
        "form": form,
        "check": check,
        "team": form.service.team,
        "kind": KIND_FORMS[form.kind],
        "names": name_fields(form.kind),
        "seen": seen,
        "crumbs": [("Checks", reverse("check_list"))],
        "cancel_url": reverse("check_detail", args=[check.pk])
        if check
        else reverse("check_list"),
    }
    return render(request, _FORM, ctx, status=INVALID if form.errors else 200)
