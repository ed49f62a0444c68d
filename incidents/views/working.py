"""What people do with an incident, one small post each."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from incidents import queries
from incidents.forms import LinkForm, NoteForm, RoleForm, SeverityForm
from incidents.incident_forms import MergeForm
from incidents.queries.response import list_merge_targets
from incidents.services import incidents as services
from incidents.services import linking, timeline
from incidents.services.emergencies import page_everybody
from incidents.services.merging import merge_incident
from incidents.views.finding import find_incident, read_numbers
from incidents.views.incidents import answer_incident
from oncall.access import PortalRequest, declares, may
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back
from opsportal.kit.toasts import say


@declares("incident.work")
@require_POST
def note(request: PortalRequest, ref: str) -> HttpResponse:
    """Write into the timeline; refused words come back in their form."""
    incident = find_incident(request, ref, to="incident.work")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return answer_incident(request, incident, form=form, status=422)
    try:
        timeline.add_note(
            incident.pk, **form.cleaned_data, by=request.user, now=request.now
        )
    except PortalError as error:
        status = add_error(form, error)
        return answer_incident(request, incident, form=form, status=status)
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
def move(request: PortalRequest, ref: str) -> HttpResponse:
    """Change the status, with what the composer holds as its message."""
    incident = find_incident(request, ref, to="incident.work")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return answer_incident(request, incident, form=form, status=422)
    try:
        moved = services.change_status(
            incident.pk,
            request.POST.get("status", ""),
            by=request.user,
            now=request.now,
            message=form.cleaned_data["text"],
            occurred_at=form.cleaned_data["occurred_at"],
            is_admin=may(request.actor, "incident.reopen", incident.team_id),
        )
    except PortalError as error:
        status = add_error(form, error)
        incident = find_incident(request, ref)
        return answer_incident(request, incident, form=form, status=status)
    say(request, f"{ref} is now {moved.get_status_display().lower()}.")
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def set_severity(request: PortalRequest, ref: str) -> HttpResponse:
    """Say that it is worse or milder than thought."""
    incident = find_incident(request, ref, to="incident.work")
    words = queries.severity_choices(incident.severity.service_id)
    form = SeverityForm(request.POST, words=words)
    if not form.is_valid():
        known = (word.label for word in words)
        raise PortalError(say_none_such("severity", known))
    label = form.cleaned_data["severity"]
    services.change_severity(incident.pk, label, by=request.user, now=request.now)
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def assign(request: PortalRequest, ref: str) -> HttpResponse:
    """Give a role to a person."""
    incident = find_incident(request, ref, to="incident.work")
    form = RoleForm(request.POST, members=queries.list_members(incident.team_id))
    if not form.is_valid():
        raise PortalError("Choose a role and a person of the team.")
    services.assign_role(
        incident.pk, **form.cleaned_data, by=request.user, now=request.now
    )
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def acknowledge(request: PortalRequest, ref: str) -> HttpResponse:
    """Say that one has it."""
    incident = find_incident(request, ref, to="incident.work")
    services.acknowledge_incident(incident.pk, by=request.user, now=request.now)
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def page_all(request: PortalRequest, ref: str) -> HttpResponse:
    """Page everybody on call."""
    incident = find_incident(request, ref, to="incident.work")
    people = page_everybody(
        incident.pk,
        by=request.user,
        now=request.now,
        text=request.POST.get("text", "")[:500],
    )
    names = ", ".join(person.display_name for person in people) or "Nobody"
    say(request, f"Paged: {names}.")
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def merge(request: PortalRequest, ref: str) -> HttpResponse:
    """End the incident in another one."""
    incident = find_incident(request, ref, to="incident.work")
    form = MergeForm(request.POST, others=list_merge_targets(incident))
    if not form.is_valid():
        raise PortalError("Choose an open incident of the team.")
    target = merge_incident(
        incident.pk,
        form.cleaned_data["into"],
        by=request.user,
        now=request.now,
        reason=form.cleaned_data["reason"],
    )
    say(request, f"{ref} is now part of {target.ref}.")
    return redirect_back(request, "incident_detail", target.ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def link_change(request: PortalRequest, ref: str) -> HttpResponse:
    """Put a change into the timeline."""
    incident = find_incident(request, ref, to="incident.work")
    for event_pk in read_numbers(request.POST.getlist("change")):
        linking.link_change(incident.pk, event_pk, by=request.user, now=request.now)
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def link(request: PortalRequest, ref: str) -> HttpResponse:
    """Put an alert under the incident."""
    incident = find_incident(request, ref, to="incident.work")
    alerts = queries.list_linkable_alerts(incident.team_id)
    form = LinkForm(request.POST, alerts=alerts)
    if not form.is_valid():
        raise PortalError("Choose one of the alerts.")
    alert_pk = form.cleaned_data["alert"]
    linking.link_alert(incident.pk, alert_pk, by=request.user, now=request.now)
    return redirect_back(request, "incident_detail", ref)


@declares("incident.work")
@require_POST
@answers_refusals("incident_detail", keyword="ref")
def unlink(request: PortalRequest, ref: str) -> HttpResponse:
    """Take an alert out of the incident."""
    incident = find_incident(request, ref, to="incident.work")
    for alert_pk in read_numbers(request.POST.getlist("alert")):
        linking.unlink_alert(incident.pk, alert_pk, by=request.user, now=request.now)
    return redirect_back(request, "incident_detail", ref)
