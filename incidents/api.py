"""The API of incidents: alerts and incidents."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from incidents.domain.severity import MILDEST
from incidents.queries.alerts import (
    AlertFilter,
    alert_rows_of,
    find_alerts,
    get_alert,
)
from incidents.queries.escalations import ToldLine, climb_of
from incidents.services import alerts, escalations
from oncall.access import authorize
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
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
    level: Annotated[int, Field(ge=1, le=5)] = MILDEST,
    text: Annotated[str, Field(max_length=200)] = "",
) -> Any:
    """List alerts: open ones, those to review, or resolved ones.

    ``level`` leaves out those that are milder, ``text`` those whose summary and
    metric do not have it.
    """
    wanted = AlertFilter(tab=tab, service=service, level=level, text=text.strip())
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


def _alert_team(team_ids: list[int], pk: int) -> int:
    alert = get_alert(team_ids, pk)
    if alert is None:
        raise Http404
    return alert.service.team_id


def _one_alert(pk: int) -> AlertOut:
    return _alert_out(alert_rows_of([pk])[0])
