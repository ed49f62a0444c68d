"""The API of incidents: declaring, working on them, and what is known of them."""

from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Status

from incidents.models import Incident, TimelineEntry
from incidents.queries.incident_search import snippets_of
from incidents.queries.incidents import (
    IncidentFilter,
    find_incidents,
    get_incident,
    get_timeline_entry,
    list_members,
    list_timeline,
)
from incidents.queries.services import find_services
from incidents.queries.similar import list_similar_incidents
from incidents.services import incidents, linking, merging, timeline
from incidents.services.chat_commands import obey_command
from incidents.services.details import edit_incident
from incidents.services.emergencies import page_everybody
from incidents.services.incidents import Declaration
from incidents.views.incident_schemas import (
    EMPTIED,
    CalledOut,
    CallIn,
    ChangeIn,
    CommandIn,
    DeclareIn,
    EntryOut,
    IncidentFound,
    IncidentOut,
    IncidentWithTimeline,
    LinkAlertIn,
    LinkChangeIn,
    MergeIn,
    NewNoteIn,
    NoteIn,
    Role,
    RoleIn,
    RowId,
    SeverityIn,
    SimilarOut,
    StatusIn,
    incident_out,
)
from oncall.access import authorize, may, teams_where
from oncall.api.common import telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken

router = Router(tags=["incidents"])
_ACTION = "incident.work"


@router.get("/incidents", response=PageOf[IncidentFound])
def list_incidents(
    request: ApiRequest,
    window: Query[Window],
    state: Literal["", "open", "past"] = "",
    service: str = "",
    kind: Literal["", "real", "drill", "test"] = "",
    q: str = "",
) -> Any:
    """List incidents, newest first; with words to look for, the best fit first."""
    wanted = IncidentFilter(tab=state, service=service, kind=kind, text=q[:200])
    found = find_incidents(readable_teams(request), wanted).select_related(
        "severity", "merged_into"
    )
    page = cut(found.prefetch_related("services", "roles__user"), window)
    pks = [row.pk for row in page["items"]]
    snippets = snippets_of(pks, wanted.text) if wanted.text else {}
    shown = [
        {
            **incident_out(row).dict(),
            "snippet": "".join(part.text for part in snippets.get(row.pk, ())),
        }
        for row in page["items"]
    ]
    return {**page, "items": shown}


@router.post("/incidents", response={201: IncidentOut})
def declare(request: ApiRequest, body: DeclareIn) -> Any:
    """Declare an incident."""
    services = find_services(own_teams(request), body.services)
    if not services:
        raise PortalError("Name at least one of your services.", field="services")
    authorize(request.auth, _ACTION, services[0].team_id)
    said = body.dict(exclude={"services", "severity", "alert"})
    incident = incidents.declare_incident(
        Declaration(
            services=tuple(services),
            severity_label=body.severity,
            commander=request.auth.user,
            via="by the API",
            **said,
        ),
        by=request.auth.user,
        now=timezone.now(),
        alert_pk=body.alert,
    )
    return Status(201, _again(request, incident.ref))


@router.post("/incidents/command", response={201: IncidentOut})
def command(request: ApiRequest, body: CommandIn) -> Any:
    """Declare by chat text; an EMERGENCY pages everybody on call."""
    teams = list(teams_where(request.auth, _ACTION))
    incident = obey_command(
        body.text, teams, by=request.auth.user, now=timezone.now(), via="by chat text"
    )
    return Status(201, _again(request, incident.ref))


@router.get("/incidents/{ref}", response=IncidentWithTimeline)
def show_incident(request: ApiRequest, ref: str) -> Any:
    """Show one incident with its timeline, newest first, corrected entries too."""
    incident = _incident(readable_teams(request), ref)
    entries = [_entry_out(entry) for entry in list_timeline(incident.pk)]
    return {**incident_out(incident).model_dump(), "timeline": entries}


@router.patch(
    "/incidents/{ref}", response={200: IncidentOut, 409: Overtaken[IncidentOut]}
)
def change(request: ApiRequest, ref: str, body: ChangeIn) -> Any:
    """Write details; 409 when somebody else did since ``version``."""
    incident = _workable(request, ref)
    changes = {
        name: value
        for name, value in body.dict(exclude_unset=True).items()
        if value is not None or name in EMPTIED
    }
    with telling(lambda _: _again(request, ref)):
        edit_incident(
            incident.pk,
            changes,
            expected_version=changes.pop("version"),
            by=request.auth.user,
            now=timezone.now(),
        )
    return _again(request, ref)


@router.post("/incidents/{ref}/acknowledge", response=IncidentOut)
def acknowledge(request: ApiRequest, ref: str) -> Any:
    """Say that one has it, and lead it where nobody does."""
    incident = _workable(request, ref)
    incidents.acknowledge_incident(
        incident.pk, by=request.auth.user, now=timezone.now()
    )
    return _again(request, ref)


@router.post("/incidents/{ref}/status", response=IncidentOut)
def move(request: ApiRequest, ref: str, body: StatusIn) -> Any:
    """Move to another status; only the listed moves are legal (409)."""
    incident = _workable(request, ref)
    incidents.change_status(
        incident.pk,
        body.status,
        by=request.auth.user,
        now=timezone.now(),
        message=body.message,
        occurred_at=body.occurred_at,
        is_admin=may(request.auth, "incident.reopen", incident.team_id),
    )
    return _again(request, ref)


@router.post("/incidents/{ref}/severity", response=IncidentOut)
def set_severity(request: ApiRequest, ref: str, body: SeverityIn) -> Any:
    """Say that it is worse or milder than thought."""
    incident = _workable(request, ref)
    incidents.change_severity(
        incident.pk,
        body.severity,
        by=request.auth.user,
        now=timezone.now(),
        message=body.message,
    )
    return _again(request, ref)


@router.put("/incidents/{ref}/roles/{role}", response=IncidentOut)
def assign(request: ApiRequest, ref: str, role: Role, body: RoleIn) -> Any:
    """Give a role to a person of the team, or to nobody."""
    incident = _workable(request, ref)
    people = {person.pk: person for person in list_members(incident.team_id)}
    if body.user is not None and body.user not in people:
        raise PortalError("Choose a person of the team.", field="user")
    incidents.assign_role(
        incident.pk,
        role,
        people[body.user] if body.user is not None else None,
        by=request.auth.user,
        now=timezone.now(),
    )
    return _again(request, ref)


@router.post("/incidents/{ref}/notes", response={201: IncidentOut})
def write_note(request: ApiRequest, ref: str, body: NewNoteIn) -> Any:
    """Add a note to the timeline."""
    incident = _workable(request, ref)
    timeline.add_note(
        incident.pk,
        body.text,
        by=request.auth.user,
        now=timezone.now(),
        occurred_at=body.occurred_at,
        is_decision=body.is_decision,
    )
    return Status(201, _again(request, ref))


@router.post(
    "/incidents/{ref}/entries/{pk}/correct",
    response={201: IncidentOut, 409: Overtaken[EntryOut]},
)
def correct(request: ApiRequest, ref: str, pk: RowId, body: NoteIn) -> Any:
    """Put better words over an entry; the first ones stay.

    409 when somebody did before, with the entry that stands there now.
    """
    incident = _workable(request, ref)
    if get_timeline_entry(incident.pk, pk) is None:
        raise Http404
    with telling(_entry_out):
        timeline.correct_entry(
            pk,
            body.text,
            by=request.auth.user,
            now=timezone.now(),
            occurred_at=body.occurred_at,
        )
    return Status(201, _again(request, ref))


@router.post("/incidents/{ref}/alerts", response=IncidentOut)
def link_alert(request: ApiRequest, ref: str, body: LinkAlertIn) -> Any:
    """Put an alert under the incident."""
    incident = _workable(request, ref)
    linking.link_alert(
        incident.pk, body.alert, by=request.auth.user, now=timezone.now()
    )
    return _again(request, ref)


@router.delete("/incidents/{ref}/alerts/{pk}", response=IncidentOut)
def unlink_alert(request: ApiRequest, ref: str, pk: RowId) -> Any:
    """Take an alert out of the incident."""
    incident = _workable(request, ref)
    linking.unlink_alert(incident.pk, pk, by=request.auth.user, now=timezone.now())
    return _again(request, ref)


@router.post("/incidents/{ref}/changes", response=IncidentOut)
def link_change(request: ApiRequest, ref: str, body: LinkChangeIn) -> Any:
    """Put a change that a sender told of into the timeline."""
    incident = _workable(request, ref)
    linking.link_change(
        incident.pk, body.change, by=request.auth.user, now=timezone.now()
    )
    return _again(request, ref)


@router.post("/incidents/{ref}/merge", response=IncidentOut)
def merge(request: ApiRequest, ref: str, body: MergeIn) -> Any:
    """End it in another open incident of the team; answers with the other one."""
    incident = _workable(request, ref)
    other = _workable(request, body.into)
    merging.merge_incident(
        incident.pk,
        other.pk,
        by=request.auth.user,
        now=timezone.now(),
        reason=body.reason,
    )
    return _again(request, other.ref)


@router.post("/incidents/{ref}/page", response=CalledOut)
def call_everybody(request: ApiRequest, ref: str, body: CallIn) -> Any:
    """Page everybody on call in the team."""
    incident = _workable(request, ref)
    people = page_everybody(
        incident.pk, by=request.auth.user, now=timezone.now(), text=body.text
    )
    return {"paged": [person.display_name for person in people]}


@router.get("/incidents/{ref}/similar", response=list[SimilarOut])
def show_similar(request: ApiRequest, ref: str) -> Any:
    """Show at most five incidents of before that are alike, the most alike first."""
    incident = _incident(readable_teams(request), ref)
    return [SimilarOut(**row._asdict()) for row in list_similar_incidents(incident)]


def _workable(request: ApiRequest, ref: str) -> Incident:
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, _ACTION, incident.team_id)
    return incident


def _incident(team_ids: list[int], ref: str) -> Incident:
    incident = get_incident(team_ids, ref)
    if incident is None:
        raise Http404
    return incident


def _entry_out(entry: TimelineEntry) -> EntryOut:
    return EntryOut(
        id=entry.pk,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        actor=entry.actor.display_name if entry.actor else None,
        text=entry.text,
        corrects=entry.supersedes_id,
    )


def _again(request: ApiRequest, ref: str) -> IncidentOut:
    return incident_out(_incident(own_teams(request), ref))
