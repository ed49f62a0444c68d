"""The pages of incidents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from incidents import queries
from incidents.domain import lifecycle, severity
from incidents.domain.timeline_words import say_entry
from incidents.forms import (
    CorrectForm,
    LinkForm,
    NoteForm,
    RoleForm,
    SeverityForm,
    read_incident_filter,
    say_severity,
)
from incidents.incident_forms import DetailsForm, MergeForm
from incidents.models import Incident, TimelineEntry
from incidents.panels import PanelAsk, read_panels
from incidents.queries import IncidentFilter
from incidents.queries.incident_search import snippets_of
from incidents.queries.response import (
    list_changes_before,
    list_merge_targets,
    list_merged,
    read_response,
)
from incidents.queries.similar import list_similar_incidents
from incidents.queries.told import list_sendings
from incidents.services import details, timeline
from incidents.views.afterwards import show_afterwards
from incidents.views.finding import find_incident, or_404, team_ids
from oncall.access import PortalRequest, declares, may, teams_where
from oncall.queries import escalation_contacts
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.moments import say_after, say_length
from opsportal.kit.toasts import say

_PAGE = 50
# From here on the timeline says that an entry was written down later.
_LATE = timedelta(minutes=1)


@declares("team.see")
@require_GET
def list_incidents(request: PortalRequest) -> HttpResponse:
    """Show open incidents, or past ones."""
    narrow = read_incident_filter(request.GET)
    is_past = narrow.tab == "past"
    teams = team_ids(request)
    ctx: dict[str, Any] = {
        "narrow": narrow,
        "is_past": is_past,
        "is_filtered": replace(narrow, tab="") != IncidentFilter(),
        "tabs": _tabs(request, is_past=is_past),
        "services": queries.list_services(teams),
        "levels": list(severity.LEVELS.items())[:-1],
        "kinds": Incident.Kind.choices,
        "may_declare": bool(teams_where(request.actor, "incident.work")),
    }
    if is_past:
        found = Paginator(queries.find_incidents(teams, narrow), _PAGE)
        ctx["page"] = found.get_page(request.GET.get("page"))
        ctx["incidents"] = queries.as_incident_rows(ctx["page"].object_list)
    else:
        ctx["incidents"] = queries.open_incidents(teams, narrow)
    pks = [row.pk for row in ctx["incidents"]]
    snippets = snippets_of(pks, narrow.text) if narrow.text else {}
    ctx["rows"] = [(row, snippets.get(row.pk, ())) for row in ctx["incidents"]]
    return render_page(request, "incidents/incident_list.html", ctx)


@declares("team.see")
@require_GET
def show_incident(request: PortalRequest, ref: str) -> HttpResponse:
    """Show one incident whole."""
    return answer_incident(request, find_incident(request, ref))


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, ref: str) -> HttpResponse:
    """Write the details; what somebody else wrote meanwhile is shown first."""
    incident = find_incident(request, ref, to="incident.work")
    form = DetailsForm(request.POST or None, incident=incident)
    ctx: dict[str, Any] = {"incident": incident, "team": incident.team, "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            changes = dict(form.cleaned_data)
            expected = changes.pop("version")
            try:
                details.edit_incident(
                    incident.pk,
                    changes,
                    expected_version=expected,
                    by=request.user,
                    now=request.now,
                )
            except Conflict as conflict:
                status = conflict.status
                ctx["differences"] = _compare(form, changes, conflict)
                form.data = _renew(form, conflict)
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "Saved.")
                return redirect_back(request, "incident_detail", ref)
    return render_page(request, "incidents/incident_edit.html", ctx, status=status)


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def correct(request: PortalRequest, ref: str, pk: int) -> HttpResponse:
    """Put better words over an entry; the first ones stay readable."""
    incident = find_incident(request, ref, to="incident.work")
    entry = or_404(queries.get_timeline_entry(incident.pk, pk))
    form = CorrectForm(
        request.POST or None,
        initial={"text": entry.text, "occurred_at": entry.occurred_at},
        is_note=entry.kind in timeline.NOTES,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                timeline.correct_entry(
                    entry.pk, **form.cleaned_data, by=request.user, now=request.now
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "Corrected.")
                return redirect_back(request, "incident_detail", ref)
    ctx = {"incident": incident, "team": incident.team, "form": form, "entry": entry}
    return render_page(request, "incidents/entry_correct.html", ctx, status=status)


def answer_incident(
    request: PortalRequest,
    incident: Incident,
    *,
    form: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the incident's page, with a composer that may hold refused words."""
    is_working = may(request.actor, "incident.work", incident.team_id)
    roles = list(incident.roles.all())
    # The one that gives the severity its word leads.
    first = incident.severity.service
    affected = sorted(incident.services.all(), key=lambda each: each != first)
    has_commander = any(role.name == "commander" for role in roles)
    ctx: dict[str, Any] = {
        "incident": incident,
        "team": incident.team,
        "services": affected,
        "severity_words": say_severity(incident.severity),
        "tone": severity.incident_tone(incident.severity.level),
        "pills": _pills(incident, request.now),
        "response_due": queries.find_response_due(incident),
        "roles": [(role.get_name_display(), role.user) for role in roles],
        "has_commander": has_commander,
        "response": read_response(incident, request.now, has_commander=has_commander),
        "impact": _impact(incident),
        "flags": _flags(incident),
        "points": _points(incident),
        "merged": list_merged(incident.pk),
        "similar": list_similar_incidents(incident),
        "panels": read_panels(PanelAsk(incident, request.now, may_work=is_working)),
        "rows": _timeline(queries.list_timeline(incident.pk)),
        "alerts": queries.list_linked_alerts(incident.pk),
        "crumbs": [("Incidents", reverse("incident_list"))],
        "may_work": is_working,
        **show_afterwards(incident, request.now),
    }
    if is_working:
        is_admin = may(request.actor, "incident.reopen", incident.team_id)
        ctx |= _working_forms(incident)
        ctx["composer"] = form or NoteForm()
        ctx["moves"] = _moves(incident, is_admin=is_admin)
    if may(request.actor, "contact.see", incident.team_id):
        ctx["contacts"] = [(each, escalation_contacts(each.pk)) for each in affected]
    return render_page(request, "incidents/incident_detail.html", ctx, status=status)


def _working_forms(incident: Incident) -> dict[str, Any]:
    members = queries.list_members(incident.team_id)
    words = queries.severity_choices(incident.severity.service_id)
    linkable = queries.list_linkable_alerts(incident.team_id)
    others = (
        list_merge_targets(incident) if lifecycle.can_merge(incident.status) else []
    )
    return {
        "merge_form": MergeForm(others=others),
        "changes": list_changes_before(incident),
        "role_form": RoleForm(members=members),
        "severity_form": SeverityForm(
            initial={"severity": incident.severity.label}, words=words
        ),
        "link_form": LinkForm(alerts=linkable),
    }


_MOVE_WORDS = {
    "investigating": "Investigating",
    "identified": "Cause identified",
    "monitoring": "Mitigated, monitoring",
    "resolved": "Mark resolved",
    "closed": "Close",
    "cancelled": "Cancel: not an incident",
}


def _moves(incident: Incident, *, is_admin: bool) -> list[dict[str, Any]]:
    moves = lifecycle.list_incident_moves(incident.status, is_admin=is_admin)
    return [
        {
            "status": status,
            "label": "Reopen"
            if lifecycle.is_reopening(incident.status, status)
            else _MOVE_WORDS[status],
            "style": "pri" if status in {"resolved", "closed"} else "",
        }
        for status in moves
    ]


def _impact(incident: Incident) -> str:
    """Return who feels it, counted as far as somebody did."""
    counted = []
    if incident.customers_percent is not None:
        counted.append(f"≈ {incident.customers_percent.normalize():f} % of customers")
    if incident.impact_users is not None:
        counted.append(f"{incident.impact_users:,} users")
    if incident.impact_requests is not None:
        counted.append(f"{incident.impact_requests:,} requests")
    return ", ".join([*counted, *incident.affected.splitlines()])


def _flags(incident: Incident) -> list[tuple[str, str]]:
    """Return words and tones of what makes it worse."""
    flags = (
        (incident.is_complete_outage, "Complete outage", "crit"),
        (incident.is_data_at_risk, "Data may be lost", "crit"),
        (incident.is_customer_impacting, "Customers feel it", "warn"),
        (incident.is_external_impact, "Felt outside", "warn"),
        (incident.is_executive, "Executives lead", "acc"),
    )
    return [(words, tone) for is_so, words, tone in flags if is_so]


def _points(incident: Incident) -> list[tuple[str, bool, list[str]]]:
    """Return the lists of its log: the title, whether they are steps, the points."""
    lists = (
        ("Symptoms", False, incident.symptoms),
        ("Resolution", True, incident.resolution),
        ("Prevention", False, incident.prevention),
    )
    return [
        (title, are_steps, [line for line in text.splitlines() if line.strip()])
        for title, are_steps, text in lists
        if text.strip()
    ]


def _pills(incident: Incident, now: datetime) -> list[tuple[str, str]]:
    """Return words and tones of the figures under the title."""
    began = incident.started_at
    if incident.detected_at is None:
        pills = [(f"declared {say_after(incident.declared_at - began)}", "")]
    else:
        pills = [(f"detected {say_after(incident.detected_at - began)}", "")]
    if incident.acknowledged_at:
        took = say_after(incident.acknowledged_at - began)
        pills.append((f"acknowledged {took}", ""))
    if incident.mitigated_at:
        took = say_after(incident.mitigated_at - began)
        pills.append((f"mitigated {took}", ""))
    if incident.resolved_at:
        took = say_after(incident.resolved_at - began)
        pills.append((f"resolved {took}", "ok"))
    elif incident.status not in Incident.OVER:
        pills.append((f"open {say_length(now - began)}", "warn"))
    return pills


def _timeline(entries: list[TimelineEntry]) -> list[dict[str, Any]]:
    """Return the rows to show; what was corrected hides behind its correction."""
    sendings = list_sendings(entries)
    return [
        {
            "entry": entry,
            "words": say_entry(entry.kind, entry.data),
            "reading": entry.data.get("reading", ""),
            "is_late": entry.recorded_at - entry.occurred_at >= _LATE,
            "alert": entry.data.get("alert"),
            "sending": sendings.get(entry.pk),
            "is_correctable": bool(entry.text) and entry.kind in timeline.CORRECTABLE,
        }
        for entry in entries
        if not hasattr(entry, "superseded_by")
    ]


def _tabs(request: PortalRequest, *, is_past: bool) -> list[dict[str, Any]]:
    kept = {
        name: request.GET.get(name, "") for name in ("service", "level", "kind", "q")
    }
    asked = urlencode({name: value for name, value in kept.items() if value})
    return [
        {"label": "Open", "url": f"?{asked}", "is_current": not is_past},
        {"label": "Past", "url": f"?tab=past&{asked}", "is_current": is_past},
    ]


def _compare(
    form: DetailsForm, changes: dict[str, Any], conflict: Conflict
) -> list[dict[str, Any]]:
    """Return the fields on which the two people differ."""
    current = cast("Mapping[str, Any]", conflict.current)
    return [
        {"label": form[name].label, "theirs": current[name], "yours": value}
        for name, value in changes.items()
        if current[name] != value
    ]


def _renew(form: DetailsForm, conflict: Conflict) -> dict[str, Any]:
    """Return what was typed; saving it again writes over what was just shown."""
    current = cast("Mapping[str, Any]", conflict.current)
    typed = {name: form.data.get(name, "") for name in form.fields}
    return typed | {"version": current["version"]}
