"""Services: read, add, change."""

from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Router, Schema, Status

from oncall.access import authorize
from oncall.api.common import ShortName, service_named, team_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service, Team
from oncall.queries.services import choices_of, list_services
from oncall.services import service_catalog
from oncall.services.service_catalog import ServiceForm
from opsportal.kit.errors import PortalError

router = Router()
Web = Annotated[str, Field(max_length=200)]
Slug = Annotated[str, Field(max_length=50)]


class ServiceOut(Schema):
    """A service; schedule and policy are short names, null for none."""

    slug: str
    name: str
    description: str
    team: str
    schedule: str | None
    policy: str | None
    chat_channel: str
    dashboard_url: str
    war_room_url: str
    status_page_url: str


class ServiceIn(Schema):
    """What is said of a service; schedule and policy are the team's own."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=2000)] = ""
    schedule: Slug | None = None
    policy: Slug | None = None
    chat_channel: Annotated[str, Field(max_length=80)] = ""
    dashboard_url: Web = ""
    war_room_url: Web = ""
    status_page_url: Web = ""


class NewServiceIn(ServiceIn):
    """A service of a team; without a slug one is made of the name."""

    team: Slug
    slug: ShortName | None = None


@router.get("/services", response=list[ServiceOut])
def list_all(request: ApiRequest) -> Any:
    """List the services of the token's teams."""
    return [_service_out(row) for row in list_services(readable_teams(request))]


@router.get("/services/{slug}", response=ServiceOut)
def show(request: ApiRequest, slug: str) -> Any:
    """Read one service."""
    return _service_out(service_named(readable_teams(request), slug))


@router.post("/services", response={201: ServiceOut})
def create(request: ApiRequest, body: NewServiceIn) -> Any:
    """Add a service to a team."""
    team = team_named(request, body.team)
    authorize(request.auth, "service.edit", team.pk)
    row = service_catalog.create_service(
        team,
        _read(body, team),
        slug=body.slug or "",
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, _service_out(row))


@router.put("/services/{slug}", response=ServiceOut)
def change(request: ApiRequest, slug: str, body: ServiceIn) -> Any:
    """Say all of a service anew; what is left out is emptied."""
    service = service_named(own_teams(request), slug)
    authorize(request.auth, "service.edit", service.team_id)
    form = _read(body, service.team, service)
    now = timezone.now()
    row = service_catalog.change_service(service, form, by=request.auth.user, now=now)
    return _service_out(row)


def _read(body: ServiceIn, team: Team, service: Service | None = None) -> ServiceForm:
    schedules, policies = choices_of(team.pk, service)
    return ServiceForm(
        name=body.name,
        description=body.description,
        schedule_id=_key("schedule", body.schedule, schedules),
        policy_id=_key("policy", body.policy, policies),
        chat_channel=body.chat_channel,
        dashboard_url=body.dashboard_url,
        war_room_url=body.war_room_url,
        status_page_url=body.status_page_url,
    )


def _key(word: str, slug: str | None, rows: list[Any]) -> int | None:
    if slug is None:
        return None
    keys: dict[str, int] = {row.slug: row.pk for row in rows}
    if slug not in keys:
        known = ", ".join(keys) or "none yet"
        raise PortalError(
            f"The team has no {word} “{slug}”. It has: {known}.", field=word
        )
    return keys[slug]


def _service_out(row: Service) -> ServiceOut:
    return ServiceOut(
        slug=row.slug,
        name=row.name,
        description=row.description,
        team=row.team.slug,
        schedule=row.schedule.slug if row.schedule else None,
        policy=row.policy.slug if row.policy else None,
        chat_channel=row.chat_channel,
        dashboard_url=row.dashboard_url,
        war_room_url=row.war_room_url,
        status_page_url=row.status_page_url,
    )
