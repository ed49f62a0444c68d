"""The API of incidents: alerts and incidents."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from incidents.models import Incident
from incidents.queries.alerts import (
    AlertFilter,
    alert_rows_of,
    find_alerts,
    get_alert,
)
from incidents.queries.escalations import ToldLine, climb_of
from incidents.queries.incidents import (
    get_incident,
    list_timeline,
    newest_incidents,
)
from incidents.queries.services import find_services
from incidents.services import alerts, escalations, incidents
from incidents.services.incidents import Declaration
from incidents.services.timeline import add_note
from oncall.access import authorize
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["alerts and incidents"])


class AlertOut(Schema):
    """One alert; ``level`` 1 is the gravest, 5 the mildest."""

    id: int
    service: str
    summary: str
    status: str
    severity: str
    level: int
    metric: str
    value: str
    threshold: str
    starts_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    event_count: int
    incident: str | None


class IncidentOut(Schema):
    """One incident."""

    ref: str
    title: str
    status: str
    severity: str
    kind: str
    services: list[str]
    started_at: datetime
    declared_at: datetime
    resolved_at: datetime | None
    summary: str


class EntryOut(Schema):
    """One entry of a timeline."""

    occurred_at: datetime
    kind: str
    actor: str | None
    text: str


class IncidentWithTimeline(IncidentOut):
    """One incident with all that happened."""

    timeline: list[EntryOut]


class DeclareIn(Schema):
    """What it takes to declare; ``severity`` is a word of the first service."""

    title: str = Field(max_length=250)
    services: list[str] = Field(max_length=50)
    severity: str = Field(max_length=32)
    kind: Literal["real", "drill", "test"] = "real"
    summary: str = Field("", max_length=20_000)


class StatusIn(Schema):
    """A move to another status, perhaps with a message for the timeline."""

    status: Literal[
        "triage",
        "investigating",
        "identified",
        "monitoring",
        "resolved",
        "closed",
        "cancelled",
    ]
    message: str = Field("", max_length=20_000)


class NoteIn(Schema):
    """A note for the timeline."""

    text: str = Field(max_length=20_000)


class SentOut(Schema):
    """One message about an alert."""

    method: str
    state: str
    at: datetime | None


class ToldOut(Schema):
    """One entry of the log of an escalation, newest first."""

    at: datetime
    what: str
    step: str
    who: str
    text: str
    sent: list[SentOut]


class EscalationOut(Schema):
    """How far an alert is on its ladder; state is running, held, ended or empty."""

    policy: str
    state: str
    next_at: datetime | None
    told: list[ToldOut]


class SnoozeIn(Schema):
    """Until when nobody else is told."""

    until: Moment


class PageIn(Schema):
    """Whom to page, by user ids, and what for."""

    users: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(max_length=10)
    text: str = Field("", max_length=500)


def _told_out(line: ToldLine) -> ToldOut:
    return ToldOut(
        at=line.at,
        what=line.title,
        step=line.step,
        who=line.who,
        text=line.text,
        sent=[
            SentOut(method=each.label, state=each.state, at=each.at)
            for each in line.sent
        ],
    )


def _alert_out(row: Any) -> AlertOut:
    return AlertOut(
        id=row.pk,
        service=row.service_slug,
        summary=row.summary,
        status=row.status,
        severity=row.severity_word,
        level=row.level,
        metric=row.metric,
        value=row.value,
        threshold=row.threshold,
        starts_at=row.starts_at,
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
        event_count=row.event_count,
        incident=row.incident_ref,
    )


@router.get("/alerts", response=PageOf[AlertOut])
def list_alerts(
    request: ApiRequest,
    window: Query[Window],
    tab: Literal["active", "review", "history"] = "active",
    service: str = "",
) -> Any:
    """List alerts: open ones, those to review, or resolved ones."""
    wanted = AlertFilter(tab=tab, service=service)
    found = find_alerts(readable_teams(request), wanted)
    page = cut(found.values_list("pk", flat=True), window)
    return {**page, "items": [_alert_out(row) for row in alert_rows_of(page["items"])]}


@router.get("/alerts/{pk}", response=AlertOut)
def show_alert(request: ApiRequest, pk: int) -> Any:
    """Show one alert."""
    _alert_team(readable_teams(request), pk)
    return _one_alert(pk)


@router.post("/alerts/{pk}/acknowledge", response=AlertOut)
def acknowledge(request: ApiRequest, pk: int) -> Any:
    """Say that one has it."""
    authorize(request.auth, "alert.work", _alert_team(own_teams(request), pk))
    alerts.acknowledge_alert(pk, by=request.auth.user, now=timezone.now())
    return _one_alert(pk)


@router.post("/alerts/{pk}/resolve", response=AlertOut)
def resolve(request: ApiRequest, pk: int) -> Any:
    """Say that it is over."""
    authorize(request.auth, "alert.work", _alert_team(own_teams(request), pk))
    alerts.resolve_alert(pk, by=request.auth.user, now=timezone.now())
    return _one_alert(pk)


@router.get("/alerts/{pk}/escalation", response=EscalationOut)
def show_escalation(request: ApiRequest, pk: int) -> Any:
    """Say who was told of an alert, how, and how fast; empty where nobody was."""
    teams = readable_teams(request)
    alert = get_alert(teams, pk)
    if alert is None:
        raise Http404
    climb = climb_of(alert, request.auth.user)
    if climb is None:
        return EscalationOut(policy="", state="", next_at=None, told=[])
    return EscalationOut(
        policy=climb.policy,
        state=climb.state,
        next_at=climb.next_at,
        told=[_told_out(line) for line in climb.lines],
    )


@router.post("/alerts/{pk}/escalate", response=AlertOut)
def escalate(request: ApiRequest, pk: int) -> Any:
    """Make the next step due at once."""
    authorize(request.auth, "alert.work", _alert_team(own_teams(request), pk))
    escalations.escalate_now(pk, by=request.auth.user, now=timezone.now())
    return _one_alert(pk)


@router.post("/alerts/{pk}/snooze", response=AlertOut)
def snooze(request: ApiRequest, pk: int, body: SnoozeIn) -> Any:
    """Put every step off until a moment, at most 24 hours ahead."""
    authorize(request.auth, "alert.work", _alert_team(own_teams(request), pk))
    escalations.snooze_escalation(
        pk, body.until, by=request.auth.user, now=timezone.now()
    )
    return _one_alert(pk)


@router.post("/alerts/{pk}/page", response=AlertOut)
def page_people(request: ApiRequest, pk: int, body: PageIn) -> Any:
    """Page members of the alert's team by hand, at most ten times an hour."""
    authorize(request.auth, "alert.work", _alert_team(own_teams(request), pk))
    escalations.page_by_hand(
        pk, body.users, body.text, by=request.auth.user, now=timezone.now()
    )
    return _one_alert(pk)


@router.get("/incidents", response=PageOf[IncidentOut])
def list_incidents(request: ApiRequest, window: Query[Window]) -> Any:
    """List incidents, newest first."""
    page = cut(newest_incidents(readable_teams(request)), window)
    return {**page, "items": [_incident_out(row) for row in page["items"]]}


@router.post("/incidents", response={201: IncidentOut})
def declare(request: ApiRequest, body: DeclareIn) -> Any:
    """Declare an incident."""
    services = find_services(own_teams(request), body.services)
    if not services:
        raise PortalError("Name at least one of your services.", field="services")
    authorize(request.auth, "incident.work", services[0].team_id)
    incident = incidents.declare_incident(
        Declaration(
            title=body.title,
            services=tuple(services),
            severity_label=body.severity,
            kind=body.kind,
            summary=body.summary,
            commander=request.auth.user,
        ),
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, _incident_out(incident))


@router.get("/incidents/{ref}", response=IncidentWithTimeline)
def show_incident(request: ApiRequest, ref: str) -> Any:
    """Show one incident with its timeline."""
    incident = _incident(readable_teams(request), ref)
    entries = [
        EntryOut(
            occurred_at=entry.occurred_at,
            kind=entry.kind,
            actor=entry.actor.display_name if entry.actor else None,
            text=entry.text,
        )
        for entry in list_timeline(incident.pk)
    ]
    return {**_incident_out(incident).model_dump(), "timeline": entries}


@router.post("/incidents/{ref}/status", response=IncidentOut)
def move(request: ApiRequest, ref: str, body: StatusIn) -> Any:
    """Move to another status; only the listed moves are legal (409)."""
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "incident.work", incident.team_id)
    incidents.change_status(
        incident.pk,
        body.status,
        by=request.auth.user,
        now=timezone.now(),
        message=body.message,
    )
    return _incident_out(_incident(own_teams(request), ref))


@router.post("/incidents/{ref}/notes", response={201: IncidentOut})
def write_note(request: ApiRequest, ref: str, body: NoteIn) -> Any:
    """Add a note to the timeline."""
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "incident.work", incident.team_id)
    add_note(incident.pk, body.text, by=request.auth.user, now=timezone.now())
    return Status(201, _incident_out(_incident(own_teams(request), ref)))


def _alert_team(team_ids: list[int], pk: int) -> int:
    alert = get_alert(team_ids, pk)
    if alert is None:
        raise Http404
    return alert.service.team_id


def _one_alert(pk: int) -> AlertOut:
    return _alert_out(alert_rows_of([pk])[0])


def _incident(team_ids: list[int], ref: str) -> Incident:
    incident = get_incident(team_ids, ref)
    if incident is None:
        raise Http404
    return incident


def _incident_out(row: Incident) -> IncidentOut:
    return IncidentOut(
        ref=row.ref,
        title=row.title,
        status=row.status,
        severity=row.severity.label,
        kind=row.kind,
        services=[service.slug for service in row.services.all()],
        started_at=row.started_at,
        declared_at=row.declared_at,
        resolved_at=row.resolved_at,
        summary=row.summary,
    )
