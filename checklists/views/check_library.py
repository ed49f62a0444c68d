"""The pages of the check library: what it holds, and what a service takes of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists.domain.check_library import GROUPS, RUNBOOKS, TEMPLATES, CheckTemplate
from checklists.forms.kinds import KIND_FORMS
from checklists.forms.library import MappingForm
from checklists.queries.checks import get_service_for
from checklists.queries.library import places_of, source_names
from checklists.services import check_library as services
from checklists.services.check_library import Applied, Offer, Standing
from incidents.queries import list_services
from oncall.access import PortalRequest, authorize, declares, teams_where
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error, answers_refusals, redirect_back
from opsportal.kit.toasts import say

_STANDINGS = {
    Standing.READY: ("Can be made", ""),
    Standing.UNMAPPED: ("Needs a place", "warn"),
    Standing.MADE: ("Made", "ok"),
    Standing.OUTDATED: ("Will follow", "acc"),
    Standing.EDITED: ("Edited here", "acc"),
}
_LEVELS = {1: "critical", 2: "high", 3: "medium", 4: "low", 5: "info"}
_CHOOSABLE = (Standing.READY, Standing.OUTDATED)


@declares("team.see")
@require_GET
def show_library(request: PortalRequest) -> HttpResponse:
    """Show every template, and lead on to the service that should have it."""
    ctx = {
        **_filter(request),
        "templates": [_describe(each) for each in _found(request)],
        "services": list_services(teams_where(request.actor, "check.edit")),
        "crumbs": [("Checks", reverse("check_list"))],
    }
    return render(request, "checklists/check_library.html", ctx)


@declares("check.edit")
@require_http_methods(["GET", "POST"])
def map_service(request: PortalRequest, slug: str) -> HttpResponse:
    """Say where a service's metrics live, and see what would be made."""
    service = _find(request, slug)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        places=places_of(service.pk),
        sources=source_names(service.team_id),
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.map_service(
                service, form.cleaned_data, by=request.user, now=request.now
            )
        except PortalError as error:
            status = add_error(form, error)
        else:
            say(request, "Saved. Choose what to make.")
            return redirect_back(request, "service_library", slug)
    found = {template.key for template in _found(request)}
    offers = [
        offer
        for offer in services.offer_library(service)
        if offer.template.key in found
    ]
    ctx = {
        **_filter(request),
        "service": service,
        "team": service.team,
        "form": form,
        "offers": [_describe_offer(offer) for offer in offers],
        "may_make": any(offer.standing in _CHOOSABLE for offer in offers),
        "crumbs": [
            ("Checks", reverse("check_list")),
            ("Library", reverse("check_library")),
        ],
    }
    status = INVALID if form.errors and status == 200 else status
    return render(request, "checklists/service_library.html", ctx, status=status)


@declares("check.edit")
@require_POST
@answers_refusals("service_library", keyword="slug")
def apply(request: PortalRequest, slug: str) -> HttpResponse:
    """Make the chosen checks."""
    service = _find(request, slug)
    keys = request.POST.getlist("templates")
    if not keys:
        raise PortalError("Choose at least one check.", field="templates")
    applied = services.apply_library(service, keys, by=request.user, now=request.now)
    is_whole = not applied.refused
    say(
        request,
        _say_applied(applied),
        level=messages.SUCCESS if is_whole else messages.WARNING,
    )
    return redirect_back(request, "service_library", slug)


def _find(request: PortalRequest, slug: str) -> Service:
    service = get_service_for(request.actor, slug)
    authorize(request.actor, "check.edit", service.team_id)
    return service


def _found(request: PortalRequest) -> list[CheckTemplate]:
    wanted = _filter(request)
    return [
        template
        for template in TEMPLATES
        if template.fits(wanted["text"])
        and wanted["group"] in ("", template.group)
        and (not wanted["runbook"] or wanted["runbook"] in template.runbooks)
    ]


def _filter(request: PortalRequest) -> dict[str, Any]:
    group, runbook = request.GET.get("group", ""), request.GET.get("runbook", "")
    return {
        "text": request.GET.get("q", "").strip(),
        "group": group if group in GROUPS else "",
        "runbook": runbook if runbook in RUNBOOKS else "",
        "groups": GROUPS,
        "runbooks": RUNBOOKS,
        "total": len(TEMPLATES),
    }


def _describe(template: CheckTemplate) -> dict[str, Any]:
    spec = template.spec
    return {
        "template": template,
        "kind": KIND_FORMS[template.kind].label,
        "looks_at": spec.get("query") or spec.get("field") or spec.get("source") or "",
        "rungs": [
            {
                "word": _LEVELS[rung.level],
                "condition": rung.condition,
                "held": rung.held,
            }
            for rung in template.ladder
        ],
    }


def _describe_offer(offer: Offer) -> dict[str, Any]:
    word, tone = _STANDINGS[offer.standing]
    template, plan = offer.template, offer.plan
    return {
        "template": template,
        "kind": KIND_FORMS[template.kind].label,
        "word": word,
        "tone": tone,
        "can_choose": offer.standing in _CHOOSABLE,
        "missing": [place.label for place in offer.missing],
        "check_pk": offer.made.check_ref_id if offer.made else None,
        "condition": plan.condition if plan else template.condition,
        "ladder": plan.ladder if plan else (),
        "entries": list(plan.spec.items()) if plan else (),
    }


def _say_applied(applied: Applied) -> str:
    parts = [
        f"{number} {word}"
        for number, word in (
            (len(applied.made), "made"),
            (len(applied.changed), "brought along"),
            (len(applied.kept), "left as they are"),
        )
        if number
    ]
    told = [f"{key}: {why}" for key, why in applied.refused[:3]]
    if len(applied.refused) > len(told):
        told.append(f"and {len(applied.refused) - len(told)} more")
    return ". ".join(filter(None, [", ".join(parts).capitalize(), *told]))
