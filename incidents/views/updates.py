"""The page on which people are told of an incident."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from incidents.domain import updates as words
from incidents.models import Incident, IncidentUpdate
from incidents.queries.updates import (
    count_deliveries,
    facts_of,
    get_update,
    last_channels,
    list_channels,
    list_components,
    list_updates,
)
from incidents.services import updates as services
from incidents.services.status_pages import page_url
from incidents.update_forms import UpdateForm
from incidents.views.finding import find_incident, or_404
from oncall.access import PortalRequest, declares, may
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say

# What readers are told while the portal knows it otherwise.
_STATUS_FOR = {"triage": "investigating", "closed": "resolved"}


@declares("team.see")
@require_GET
def list_all(request: PortalRequest, ref: str) -> HttpResponse:
    """Show what was told, and the composer to those who may tell."""
    incident = find_incident(request, ref)
    form = None
    if may(request.actor, "incident.work", incident.team_id):
        audience = request.GET.get("audience", "internal")
        if audience not in words.AUDIENCES:
            audience = "internal"
        form = _form(request, incident, initial=_begin(incident, audience))
    return _answer(request, incident, form)


@declares("incident.work")
@require_http_methods(["POST"])
def compose(request: PortalRequest, ref: str) -> HttpResponse:
    """Show how an update would read, or post it."""
    incident = find_incident(request, ref, to="incident.work")
    form = _form(request, incident, data=request.POST)
    if not form.is_valid():
        return _answer(request, incident, form, status=422)
    try:
        if "preview" in request.POST:
            facts = services.describe(incident, form.read(), now=request.now)
            return _answer(request, incident, form, preview=facts)
        posted = services.post_update(
            incident.pk, form.read(), by=request.user, now=request.now
        )
    except PortalError as error:
        return _answer(request, incident, form, status=add_error(form, error))
    say(request, f"Told: {posted.get_audience_display().lower()}.")
    return redirect_back(request, "update_list", ref)


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def correct(request: PortalRequest, ref: str, pk: int) -> HttpResponse:
    """Say it better; the first words are kept."""
    incident = find_incident(request, ref, to="incident.work")
    original = or_404(get_update(incident.pk, pk))
    form = _form(
        request,
        incident,
        data=request.POST or None,
        initial=_from(original),
        fixed_audience=original.audience,
    )
    # What is owed stays owed.
    del form.fields["next_update"]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.correct_update(
                    original.pk, form.read(), by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "Corrected.")
                return redirect_back(request, "update_list", ref)
    ctx = {
        "incident": incident,
        "team": incident.team,
        "form": form,
        "original": original,
        "crumbs": _crumbs(incident),
    }
    return render_page(request, "incidents/update_correct.html", ctx, status=status)


def _answer(
    request: PortalRequest,
    incident: Incident,
    form: UpdateForm | None,
    *,
    preview: words.UpdateFacts | None = None,
    status: int = 200,
) -> HttpResponse:
    updates = list_updates(incident.pk)
    told = count_deliveries(updates)
    outside = [u.posted_at for u in updates if u.audience != words.INTERNAL]
    is_open = incident.status not in Incident.OVER and incident.kind == "real"
    ctx: dict[str, Any] = {
        "incident": incident,
        "team": incident.team,
        "crumbs": _crumbs(incident),
        "form": form,
        "rows": [
            {
                "update": row,
                "text": words.write_update(facts_of(row)),
                "told": told[row.pk],
                "is_corrected": hasattr(row, "corrected_by"),
            }
            for row in updates
        ],
        "tabs": _tabs(form),
        "left_open": words.say_left_open(
            next((u.status for u in updates if u.audience == words.PUBLIC), None),
            is_over=incident.status in Incident.OVER,
        ),
        "owed": next((u.remind_at for u in updates if u.remind_at), None),
        "silence": words.say_silence(incident.started_at, outside, request.now)
        if is_open
        else None,
    }
    if preview is not None:
        ctx["preview"] = words.headline(preview), words.write_update(preview)
    return render_page(request, "incidents/update_list.html", ctx, status=status)


def _tabs(form: UpdateForm | None) -> list[dict[str, Any]]:
    """Return where the composer begins for each audience."""
    current = form["audience"].value() if form is not None else ""
    return [
        {
            "label": label,
            "url": f"?audience={value}",
            "is_current": value == current,
            "count": None,
        }
        for value, label in IncidentUpdate.Audience.choices
    ]


def _form(request: PortalRequest, incident: Incident, **options: Any) -> UpdateForm:
    return UpdateForm(
        channels=list_channels(incident.team_id),
        components=list_components(incident.team_id),
        **options,
    )


def _begin(incident: Incident, audience: str) -> dict[str, Any]:
    """Begin with the incident as it is, and with what was last said to them."""
    service = incident.severity.service
    status = _STATUS_FOR.get(incident.status, incident.status)
    pace = words.choose_pace(
        incident.severity.update_every, is_executive=incident.is_executive
    )
    begin = {
        "audience": audience,
        "status": status,
        "title": incident.title if audience != words.PUBLIC else "",
        "affected": ", ".join(incident.affected.split("\n"))[:500],
        "customers_percent": incident.customers_percent,
        "eta_at": incident.eta_at,
        "follow_url": _follow_url(incident) or service.status_page_url,
        "questions": incident.chat_channel,
        "next_update": str(int(pace.total_seconds()) // 60) if pace else "",
        "channels": last_channels(incident.team_id, audience),
    }
    last = next((u for u in list_updates(incident.pk) if u.audience == audience), None)
    if last is not None:
        begin |= {"title": last.title, "affected": last.affected}
        begin |= _states(last)
    return begin


def _from(update: IncidentUpdate) -> dict[str, Any]:
    names = (
        "audience",
        "status",
        "title",
        "text",
        "affected",
        "customers_percent",
        "eta_at",
        "shows_eta",
        "follow_url",
        "questions",
    )
    said = {name: getattr(update, name) for name in names}
    said["channels"] = [channel.pk for channel in update.channels.all()]
    return said | _states(update)


def _states(update: IncidentUpdate) -> dict[str, str]:
    return {
        f"state_{impact.component_id}": impact.state for impact in update.impacts.all()
    }


def _follow_url(incident: Incident) -> str:
    page = getattr(incident.team, "status_page", None)
    return page_url(page.slug) if page is not None and page.is_published else ""


def _crumbs(incident: Incident) -> list[tuple[str, str]]:
    return [
        ("Incidents", reverse("incident_list")),
        (incident.ref, reverse("incident_detail", args=[incident.ref])),
    ]
