"""The API of what people do with alerts, one or many, and of what became of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from incidents.queries.alerts import get_alert, list_alert_events, teams_of_alerts
from incidents.queries.silences import list_mutes
from incidents.services import alerts, escalations
from incidents.services.bulk import acknowledge_alerts, resolve_alerts
from oncall.access import authorize, teams_where
from oncall.api_auth import ApiRequest, own_teams, readable_teams

router = Router(tags=["alerts and incidents"])
AlertId = Annotated[int, Field(ge=1, le=2**63 - 1)]
_ACTS: dict[str, Callable[..., int]] = {
    "acknowledge": acknowledge_alerts,
    "resolve": resolve_alerts,
    "review": alerts.review_alerts,
}


class EventOut(Schema):
    """One thing that became of an alert."""

    at: datetime
    kind: str
    by: str
    text: str


class MuteOut(Schema):
    """One ground on which it told nobody; ``ended_at`` is null while it holds."""

    kind: str
    text: str
    began_at: datetime
    ended_at: datetime | None


class StoryOut(Schema):
    """What an alert said, what became of it and what muted it, the newest first."""

    description: str
    labels: dict[str, str]
    source_url: str
    events: list[EventOut]
    mutes: list[MuteOut]


class AlertNoteIn(Schema):
    """A note on an alert."""

    text: Annotated[str, Field(max_length=2_000)]


class ManyIn(Schema):
    """One act on many alerts; those that it does not fit stay as they are."""

    act: Literal["acknowledge", "resolve", "review"]
    alerts: Annotated[list[AlertId], Field(min_length=1, max_length=500)]


class CountOut(Schema):
    """How many it was done to."""

    count: int


@router.get("/alerts/{pk}/story", response=StoryOut)
def show_story(request: ApiRequest, pk: int) -> Any:
    """Show what an alert said in full, and what became of it."""
    alert = get_alert(readable_teams(request), pk)
    if alert is None:
        raise Http404
    return StoryOut(
        description=alert.description,
        labels={str(name): str(value) for name, value in alert.labels.items()},
        source_url=alert.source_url,
        events=[
            EventOut(
                at=event.at,
                kind=event.kind,
                by=event.actor.display_name if event.actor else "",
                text=event.text,
            )
            for event in list_alert_events(pk)[:500]
        ],
        mutes=[
            MuteOut(
                kind=row.kind,
                text=row.text,
                began_at=row.began_at,
                ended_at=row.ended_at,
            )
            for row in list_mutes(pk)[:500]
        ],
    )


@router.post("/alerts/{pk}/unacknowledge", response={204: None})
def unacknowledge(request: ApiRequest, pk: int) -> Any:
    """Give it back: it fires again and nobody has it."""
    _find_workable(request, pk)
    alerts.unacknowledge_alert(pk, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/alerts/{pk}/confirm", response={204: None})
def confirm(request: ApiRequest, pk: int) -> Any:
    """Acknowledge as well, where everybody told has to; 409 where nobody waits."""
    _find_workable(request, pk)
    now = timezone.now()
    escalations.confirm_acknowledgement(pk, by=request.auth.user, now=now)
    return Status(204, None)


@router.post("/alerts/{pk}/note", response={204: None})
def note(request: ApiRequest, pk: int, body: AlertNoteIn) -> Any:
    """Write a note on it."""
    _find_workable(request, pk)
    alerts.add_alert_note(pk, body.text, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/alerts/many", response=CountOut)
def act_on_many(request: ApiRequest, body: ManyIn) -> Any:
    """Acknowledge, resolve or review many; alerts of others are refused as a whole."""
    teams = teams_of_alerts(own_teams(request), body.alerts)
    if len(teams) < len(set(body.alerts)):
        raise Http404
    if not set(teams.values()) <= teams_where(request.auth, "alert.work"):
        raise PermissionDenied("This needs the role responder in the team.")
    act = _ACTS[body.act]
    return CountOut(count=act(list(teams), by=request.auth.user, now=timezone.now()))


def _find_workable(request: ApiRequest, pk: int) -> None:
    alert = get_alert(own_teams(request), pk)
    if alert is None:
        raise Http404
    authorize(request.auth, "alert.work", alert.service.team_id)
