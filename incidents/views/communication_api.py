"""The API of updates, planned work and objectives."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from incidents import queries
from incidents.domain.updates import write_update
from incidents.models import Incident, IncidentUpdate
from incidents.queries.services import find_services
from incidents.queries.slos import (
    SloState,
    doubts_of,
    get_slo,
    list_slos,
    state_of,
    states_of,
)
from incidents.queries.updates import facts_of, get_update, list_updates
from incidents.services import budgets, status_pages, updates
from incidents.services.budgets import SloForm
from incidents.services.updates import Draft
from incidents.views.status_pages_api import State
from incidents.views.status_pages_api import router as pages
from incidents.views.subscribers_api import router as subscribers
from oncall.access import authorize
from oncall.api.common import Moment, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken

router = Router(tags=["communication and objectives"])
router.add_router("", pages)
router.add_router("", subscribers)
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Minutes = Annotated[int, Field(ge=1, le=527_040)]
Slug = Annotated[str, Field(max_length=80)]


class ImpactIn(Schema):
    """How a component of the team's public page is."""

    component: Key
    state: State


class UpdateIn(Schema):
    """An update; severity, services and start are those of the incident.

    The public reads ``eta_at`` only with ``shows_eta``, and neither the share of
    customers nor where to ask.
    """

    audience: Literal["internal", "stakeholder", "public"]
    status: Literal["investigating", "identified", "monitoring", "resolved"]
    title: str = Field(max_length=250)
    text: str = Field(max_length=4_000)
    affected: str = Field("", max_length=500)
    customers_percent: Decimal | None = Field(
        None, ge=0, le=100, max_digits=5, decimal_places=2
    )
    eta_at: Moment | None = None
    shows_eta: bool = False
    follow_url: str = Field("", max_length=500)
    questions: str = Field("", max_length=120)
    next_update_minutes: Annotated[int, Field(ge=1, le=1_440)] | None = None
    channels: list[Key] = Field([], max_length=50)
    components: list[ImpactIn] = Field([], max_length=100)

    def read(self) -> Draft:
        """Return what the service takes."""
        minutes = self.next_update_minutes
        said = self.dict(exclude={"next_update_minutes", "components"})
        return Draft(
            **said,
            next_update=timedelta(minutes=minutes) if minutes else None,
            states={each.component: each.state for each in self.components},
        )


class UpdateOut(Schema):
    """One update as it was told; ``text_sent`` is what its readers got."""

    id: int
    audience: str
    status: str
    title: str
    text: str
    text_sent: str
    posted_at: datetime
    posted_by: str
    next_update_at: datetime | None
    corrects: int | None
    is_corrected: bool


class AnnounceIn(Schema):
    """Whether planned work is on the public page."""

    is_public: bool


class SloIn(Schema):
    """An objective; the target in percent, as 99.95, lengths in minutes."""

    name: str = Field(max_length=120)
    kind: Literal["availability", "latency", "errors"] = "availability"
    target: Decimal = Field(gt=0, lt=100, max_digits=7, decimal_places=4)
    window_days: int = Field(30, ge=1, le=366)
    checks: list[Slug] = Field([], max_length=50)
    includes_4xx: bool = True
    server_checks: list[Slug] = Field([], max_length=50)
    counts_incidents: bool = False
    incident_level: int = Field(1, ge=1, le=5)
    excludes_maintenance: bool = False
    recovery_time_minutes: Minutes | None = None
    recovery_point_minutes: Minutes | None = None
    backup_every_minutes: Minutes | None = None
    is_enabled: bool = True

    def read(self) -> SloForm:
        """Return what the service takes."""
        lengths = ("recovery_time", "recovery_point", "backup_every")
        said = self.dict(exclude={f"{name}_minutes" for name in lengths})
        for name in lengths:
            minutes = getattr(self, f"{name}_minutes")
            said[name] = timedelta(minutes=minutes) if minutes else None
        return SloForm(**said)


class NewSloIn(SloIn):
    """An objective of a service."""

    service: Slug


class SloOut(Schema):
    """An objective and its budget; ``burning`` is "", ticket or page."""

    id: int
    service: str
    name: str
    kind: str
    target: float
    window_days: int
    is_enabled: bool
    budget_seconds: float
    bad_seconds: int
    consumed_percent: float
    burning: str


class SloWithDoubts(SloOut):
    """An objective with what contradicts it elsewhere in the runbook."""

    doubts: list[str]


@router.get("/incidents/{ref}/updates", response=PageOf[UpdateOut])
def list_told(request: ApiRequest, ref: str, window: Query[Window]) -> Any:
    """List what was told of an incident, newest first."""
    incident = _incident(readable_teams(request), ref)
    page = cut(list_updates(incident.pk), window)
    return {**page, "items": [_update_out(row) for row in page["items"]]}


@router.post("/incidents/{ref}/updates", response={201: UpdateOut})
def tell(request: ApiRequest, ref: str, body: UpdateIn) -> Any:
    """Tell an audience of an incident."""
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "incident.work", incident.team_id)
    update = updates.post_update(
        incident.pk, body.read(), by=request.auth.user, now=timezone.now()
    )
    return Status(201, _update_out(update))


@router.post(
    "/incidents/{ref}/updates/{pk}/corrections",
    response={201: UpdateOut, 409: Overtaken[UpdateOut]},
)
def correct(request: ApiRequest, ref: str, pk: int, body: UpdateIn) -> Any:
    """Say it better to the same audience; the first words are kept.

    409 when somebody did before, with the update that stands there now.
    """
    incident = _incident(own_teams(request), ref)
    authorize(request.auth, "incident.work", incident.team_id)
    original = get_update(incident.pk, pk)
    if original is None:
        raise Http404
    with telling(_update_out):
        update = updates.correct_update(
            original.pk, body.read(), by=request.auth.user, now=timezone.now()
        )
    return Status(201, _update_out(update))


@router.post("/maintenance/{pk}/announcement", response=AnnounceIn)
def announce(request: ApiRequest, pk: int, body: AnnounceIn) -> Any:
    """Put planned work on the public page, or take it off."""
    window = queries.get_window(own_teams(request), pk)
    if window is None:
        raise Http404
    authorize(request.auth, "maintenance.edit", window.service.team_id)
    status_pages.announce_window(
        window, is_public=body.is_public, by=request.auth.user, now=timezone.now()
    )
    return body


@router.get("/slos", response=PageOf[SloOut])
def list_objectives(request: ApiRequest, window: Query[Window]) -> Any:
    """List objectives and what is left of their budgets."""
    page = cut(list_slos(readable_teams(request)), window)
    states = states_of(page["items"], timezone.now())
    return {**page, "items": [_slo_out(state) for state in states]}


@router.get("/slos/{pk}", response=SloWithDoubts)
def show_objective(request: ApiRequest, pk: int) -> Any:
    """Show one objective, with what contradicts it."""
    return _one_slo(readable_teams(request), pk)


@router.post("/slos", response={201: SloWithDoubts})
def make_objective(request: ApiRequest, body: NewSloIn) -> Any:
    """Promise something of a service."""
    found = find_services(own_teams(request), [body.service])
    if not found:
        raise PortalError("Name one of your services.", field="service")
    authorize(request.auth, "slo.edit", found[0].team_id)
    form = SloIn(**body.dict(exclude={"service"})).read()
    slo = budgets.save_slo(found[0], form, by=request.auth.user, now=timezone.now())
    return Status(201, _one_slo(own_teams(request), slo.pk))


@router.put("/slos/{pk}", response=SloWithDoubts)
def change_objective(request: ApiRequest, pk: int, body: SloIn) -> Any:
    """Change what is promised or how it is measured."""
    slo = get_slo(own_teams(request), pk)
    if slo is None:
        raise Http404
    authorize(request.auth, "slo.edit", slo.service.team_id)
    budgets.save_slo(
        slo.service, body.read(), slo=slo, by=request.auth.user, now=timezone.now()
    )
    return _one_slo(own_teams(request), pk)


def _incident(team_ids: list[int], ref: str) -> Incident:
    incident = queries.get_incident(team_ids, ref)
    if incident is None:
        raise Http404
    return incident


def _update_out(row: IncidentUpdate) -> UpdateOut:
    return UpdateOut(
        id=row.pk,
        audience=row.audience,
        status=row.status,
        title=row.title,
        text=row.text,
        text_sent=write_update(facts_of(row)),
        posted_at=row.posted_at,
        posted_by=row.posted_by.display_name,
        next_update_at=row.next_update_at,
        corrects=row.corrects_id,
        is_corrected=hasattr(row, "corrected_by"),
    )


def _slo_out(state: SloState) -> dict[str, Any]:
    slo = state.slo
    return {
        "id": slo.pk,
        "service": slo.service.slug,
        "name": slo.name,
        "kind": slo.kind,
        "target": float(slo.target),
        "window_days": slo.window_days,
        "is_enabled": slo.is_enabled,
        "budget_seconds": float(state.budget.allowed),
        "bad_seconds": state.budget.bad,
        "consumed_percent": state.consumed_percent,
        "burning": slo.burning,
    }


def _one_slo(team_ids: list[int], pk: int) -> dict[str, Any]:
    slo = get_slo(team_ids, pk)
    if slo is None:
        raise Http404
    return {**_slo_out(state_of(slo, timezone.now())), "doubts": doubts_of(slo)}
