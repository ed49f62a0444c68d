"""The API of silences and of planned work."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from incidents.domain.matchers import MOST, Matcher, MatcherError, parse_matchers
from incidents.models import MaintenanceWindow, Silence
from incidents.queries import maintenance
from incidents.queries import silences as rows
from incidents.queries.maintenance import WindowRow
from incidents.queries.services import find_services
from incidents.queries.silences import SilenceRow
from incidents.services import maintenance as windows
from incidents.services import silences
from incidents.services.silences import SilenceDraft
from oncall.access import authorize, teams_of
from oncall.api.common import Moment
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service, Team
from opsportal.kit.errors import PortalError
from opsportal.kit.patterns import compile_pattern

router = Router(tags=["alerts and incidents"])
State = Literal["active", "pending", "expired"]
Conditions = Annotated[
    list[Annotated[str, Field(max_length=2_500)]],
    Field(min_length=1, max_length=MOST, examples=[['alertname="DiskFull"']]),
]


class SilenceOut(Schema):
    """One silence; ``service`` is null where it holds for the whole team."""

    id: int
    team: str
    service: str | None
    state: State
    matchers: list[str]
    starts_at: datetime
    ends_at: datetime
    comment: str
    author: str


class SilenceEdit(Schema):
    """What a silence says: matchers as Alertmanager writes them, all have to hold.

    Without ``starts_at`` it begins now.
    """

    matchers: Conditions
    starts_at: Moment | None = None
    ends_at: Moment
    comment: Annotated[str, Field(max_length=500)]


class SilenceIn(SilenceEdit):
    """A silence of a whole team, or of one service of it; name one of the two."""

    team: Annotated[str, Field(max_length=50)] = ""
    service: Annotated[str, Field(max_length=50)] = ""


class WouldMute(Schema):
    """How many open alerts would be mute, and the first 50 of them."""

    count: int
    alerts: list[int]


class WindowOut(Schema):
    """Planned work on a service; ``muted`` alerts told nobody because of it."""

    id: int
    service: str
    state: State
    starts_at: datetime
    ends_at: datetime
    reason: str
    announced_at: datetime | None
    muted: int


class PlannedWorkIn(Schema):
    """Planned work on a service."""

    service: Annotated[str, Field(max_length=50)]
    starts_at: Moment
    ends_at: Moment
    reason: Annotated[str, Field(max_length=250)]


class SavedOut(Schema):
    """What was made or changed."""

    id: int


@router.get("/silences", response=list[SilenceOut])
def list_silences(request: ApiRequest) -> Any:
    """List active silences, then pending ones, then the last 20 that are over."""
    found = rows.list_silences(readable_teams(request), timezone.now())
    return _in_states(found, _silence_out)


@router.post("/silences", response={201: SavedOut})
def make_silence(request: ApiRequest, body: SilenceIn) -> Any:
    """Mute what fits from now on, or from its start."""
    now = timezone.now()
    team, service = _scope(request, body)
    authorize(request.auth, "alert.work", team.pk)
    draft = _draft(body, now)
    made = silences.create_silence(team, service, draft, by=request.auth.user, now=now)
    return Status(201, SavedOut(id=made.pk))


@router.post("/silences/preview", response=WouldMute)
def preview_silence(request: ApiRequest, body: SilenceIn) -> Any:
    """Show which open alerts a silence would mute; nothing is saved."""
    team, service = _scope(request, body)
    authorize(request.auth, "alert.work", team.pk)
    matchers = _draft(body, timezone.now()).matchers
    pk = service.pk if service else None
    count, found = rows.preview_silence(team.pk, pk, matchers)
    return WouldMute(count=count, alerts=[row.pk for row in found])


@router.put("/silences/{pk}", response=SavedOut)
def change_silence(request: ApiRequest, pk: int, body: SilenceEdit) -> Any:
    """Change one that is not over; other matchers end it and make a new one."""
    silence = _silence(request, pk)
    now = timezone.now()
    draft = _draft(body, now)
    made = silences.edit_silence(silence, draft, by=request.auth.user, now=now)
    return SavedOut(id=made.pk)


@router.post("/silences/{pk}/expire", response={204: None})
def expire_silence(request: ApiRequest, pk: int) -> Any:
    """End one now: what still fires tells."""
    silence = _silence(request, pk)
    silences.expire_silence(silence, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.get("/maintenance", response=list[WindowOut])
def list_windows(request: ApiRequest) -> Any:
    """List running windows, then coming ones, then the last 20 that are over."""
    found = maintenance.list_windows(readable_teams(request), timezone.now())
    return _in_states(found, _window_out)


@router.post("/maintenance", response={201: SavedOut})
def make_window(request: ApiRequest, body: PlannedWorkIn) -> Any:
    """Plan work on a service; it may begin now."""
    service = _service(request, body.service)
    authorize(request.auth, "maintenance.edit", service.team_id)
    made = windows.create_window(
        service,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        reason=body.reason,
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, SavedOut(id=made.pk))


@router.post("/maintenance/{pk}/end", response={204: None})
def end_window(request: ApiRequest, pk: int) -> Any:
    """The work is done early."""
    window = _window(request, pk)
    windows.end_window_early(window, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.delete("/maintenance/{pk}", response={204: None})
def cancel_window(request: ApiRequest, pk: int) -> Any:
    """Call off work that has not begun."""
    window = _window(request, pk)
    windows.cancel_window(window, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _in_states(found: Iterable[Iterable[Any]], write: Any) -> list[Any]:
    states: tuple[State, ...] = ("active", "pending", "expired")
    return [
        write(row, state)
        for state, group in zip(states, found, strict=True)
        for row in group
    ]


def _silence_out(row: SilenceRow, state: State) -> SilenceOut:
    return SilenceOut(
        id=row.pk,
        team=row.team_slug,
        service=row.service_slug,
        state=state,
        matchers=row.conditions,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        comment=row.comment,
        author=row.author,
    )


def _window_out(row: WindowRow, state: State) -> WindowOut:
    return WindowOut(
        id=row.pk,
        service=row.service_slug,
        state=state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        announced_at=row.announced_at,
        muted=row.muted,
    )


def _scope(request: ApiRequest, body: SilenceIn) -> tuple[Team, Service | None]:
    if body.service:
        service = _service(request, body.service)
        return service.team, service
    team = teams_of(request.auth).filter(slug=body.team).first()
    if team is None:
        raise PortalError("Name one of your teams, or a service.", field="team")
    return team, None


def _service(request: ApiRequest, slug: str) -> Service:
    found = find_services(own_teams(request), [slug])
    if not found:
        raise PortalError("Name one of your services.", field="service")
    return found[0]


def _draft(body: SilenceEdit, now: datetime) -> SilenceDraft:
    return SilenceDraft(
        matchers=_matchers(body.matchers),
        starts_at=max(body.starts_at or now, now),
        ends_at=body.ends_at,
        comment=body.comment,
    )


def _matchers(texts: list[str]) -> list[Matcher]:
    try:
        return parse_matchers(texts, compile_pattern)
    except MatcherError as error:
        raise PortalError(str(error), field="matchers") from None


def _silence(request: ApiRequest, pk: int) -> Silence:
    found = rows.get_silence(own_teams(request), pk)
    if found is None:
        raise Http404
    authorize(request.auth, "alert.work", found.team_id)
    return found


def _window(request: ApiRequest, pk: int) -> MaintenanceWindow:
    found = maintenance.get_window(own_teams(request), pk)
    if found is None:
        raise Http404
    authorize(request.auth, "maintenance.edit", found.service.team_id)
    return found
