"""The API of public pages and what stands on them."""

from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from incidents.models import Component, StatusPage
from incidents.queries.services import find_services
from incidents.queries.status_pages import (
    all_components,
    get_component,
    get_page,
    list_pages,
    read_page,
)
from incidents.services import status_pages
from incidents.services.status_pages import ComponentForm, PageForm
from oncall.access import authorize
from oncall.api.common import ShortName, team_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["communication and objectives"])
State = Literal["operational", "maintenance", "degraded", "partial", "major"]


class ComponentOut(Schema):
    """One component of a public page, as the public sees it."""

    name: str
    state: str
    note: str
    uptime_percent: float | None


class StatusPageOut(Schema):
    """One public page; its own JSON is at ``url`` + "status.json"."""

    slug: str
    title: str
    url: str
    is_published: bool
    state: str
    description: str
    components: list[ComponentOut]


class MarkIn(Schema):
    """How a component is, said by hand."""

    state: State
    note: str = Field("", max_length=250)


class StatusPageIn(Schema):
    """What a page is called, and whether anybody may read it."""

    title: str = Field(max_length=120)
    about: str = Field("", max_length=500)
    is_published: bool = False


class NewStatusPageIn(StatusPageIn):
    """The page of a team; ``slug`` is the last part of its address, for good."""

    team: ShortName
    slug: ShortName


class ComponentIn(Schema):
    """A component by the name that customers know; ``service`` is one of the team."""

    service: Annotated[str, Field(max_length=80)]
    name: str = Field(max_length=120)
    description: str = Field("", max_length=250)
    position: int = Field(0, ge=0, le=9_999)
    is_shown: bool = True

    def read(self) -> ComponentForm:
        """Return what the service takes."""
        return ComponentForm(**self.dict(exclude={"service"}))


class ComponentKept(Schema):
    """One component as it was entered, shown or not."""

    id: int
    service: str
    name: str
    description: str
    position: int
    is_shown: bool


class StatusPageKept(Schema):
    """One page as it was entered."""

    team: str
    slug: str
    title: str
    about: str
    url: str
    is_published: bool
    components: list[ComponentKept]


@router.get("/status-pages", response=PageOf[StatusPageOut])
def list_public_pages(request: ApiRequest, window: Query[Window]) -> Any:
    """List the public pages of one's teams and how their components are."""
    page = cut(list_pages(readable_teams(request)), window)
    return {**page, "items": [_page_out(row) for row in page["items"]]}


@router.post("/status-pages", response={201: StatusPageKept})
def make_page(request: ApiRequest, body: NewStatusPageIn) -> Any:
    """Make the one page of a team, with a component for each of its services."""
    team = team_named(request, body.team)
    authorize(request.auth, "status.edit", team.pk)
    form = PageForm(**body.dict(exclude={"team", "slug"}))
    page = status_pages.create_page(
        team, body.slug, form, by=request.auth.user, now=timezone.now()
    )
    return Status(201, _kept(page))


@router.get("/status-pages/{slug}", response=StatusPageKept)
def show_page(request: ApiRequest, slug: str) -> Any:
    """Show a page as it was entered, with the components that are not shown."""
    return _kept(_page(readable_teams(request), slug))


@router.put("/status-pages/{slug}", response=StatusPageKept)
def edit_page(request: ApiRequest, slug: str, body: StatusPageIn) -> Any:
    """Change what a page is called and whether anybody may read it."""
    page = _own_page(request, slug)
    form = PageForm(**body.dict())
    status_pages.edit_page(page, form, by=request.auth.user, now=timezone.now())
    return _kept(page)


@router.post("/status-pages/{slug}/components", response={201: ComponentKept})
def add_component(request: ApiRequest, slug: str, body: ComponentIn) -> Any:
    """Put a component on a page."""
    page = _own_page(request, slug)
    row = status_pages.save_component(
        page,
        _service(page, body.service),
        body.read(),
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, _component_kept(row))


@router.put("/components/{pk}", response=ComponentKept)
def edit_component(request: ApiRequest, pk: int, body: ComponentIn) -> Any:
    """Write a component anew."""
    component = _own_component(request, pk, to="status.edit")
    row = status_pages.save_component(
        component.page,
        _service(component.page, body.service),
        body.read(),
        component=component,
        by=request.auth.user,
        now=timezone.now(),
    )
    return _component_kept(row)


@router.post("/components/{pk}/marks", response={201: MarkIn})
def mark(request: ApiRequest, pk: int, body: MarkIn) -> Any:
    """Say by hand how a component is; operational takes the last word back."""
    component = _own_component(request, pk, to="incident.work")
    said = status_pages.mark_component(
        component, body.state, body.note, by=request.auth.user, now=timezone.now()
    )
    return Status(201, {"state": said.state, "note": said.note})


def _page(team_ids: list[int], slug: str) -> StatusPage:
    page = get_page(team_ids, slug)
    if page is None:
        raise Http404
    return page


def _own_page(request: ApiRequest, slug: str) -> StatusPage:
    page = _page(own_teams(request), slug)
    authorize(request.auth, "status.edit", page.team_id)
    return page


def _own_component(request: ApiRequest, pk: int, *, to: str) -> Component:
    component = get_component(own_teams(request), pk)
    if component is None:
        raise Http404
    authorize(request.auth, to, component.page.team_id)
    return component


def _service(page: StatusPage, slug: str) -> Service:
    found = find_services([page.team_id], [slug])
    if not found:
        raise PortalError("Name a service of the page's team.", field="service")
    return found[0]


def _page_out(row: StatusPage) -> StatusPageOut:
    url = status_pages.page_url(row.slug)
    page = read_page(row, url=url, now=timezone.now())
    return StatusPageOut(
        slug=row.slug,
        title=row.title,
        url=url,
        is_published=row.is_published,
        state=page.state,
        description=page.words,
        components=[
            ComponentOut(
                name=each.name,
                state=each.state,
                note=each.note,
                uptime_percent=each.uptime,
            )
            for each in page.components
        ],
    )


def _kept(page: StatusPage) -> StatusPageKept:
    return StatusPageKept(
        team=page.team.slug,
        slug=page.slug,
        title=page.title,
        about=page.about,
        url=status_pages.page_url(page.slug),
        is_published=page.is_published,
        components=[_component_kept(row) for row in all_components(page)],
    )


def _component_kept(row: Component) -> ComponentKept:
    return ComponentKept(
        id=row.pk,
        service=row.service.slug,
        name=row.name,
        description=row.description,
        position=row.position,
        is_shown=row.is_shown,
    )
