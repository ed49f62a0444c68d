"""The contact tables of teams and services: whom to turn to, in the order to try."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize
from oncall.api.common import service_named, team_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import EscalationContact, Service, Team
from oncall.queries import contact_lists as tables
from oncall.queries import escalation_contacts, team_contacts
from oncall.queries.people import people_of
from oncall.services import contact_lists
from oncall.services.contact_lists import ContactLine
from opsportal.kit.errors import PortalError

router = Router()
Kind = EscalationContact.Kind


class ContactIn(Schema):
    """A line. ``user`` is a user name, ``schedule`` a short name: whoever it has."""

    title: str = Field(min_length=1, max_length=120)
    kind: Kind
    value: str = Field(min_length=1, max_length=250)
    note: str = Field(default="", max_length=250)
    user: str = Field(default="", max_length=150)
    schedule: str = Field(default="", max_length=50)
    is_placeholder: bool = False


class ContactOut(Schema):
    """One line of a contact table; ``no_test`` says why it cannot be tried."""

    id: int
    title: str
    kind: str
    value: str
    note: str
    is_placeholder: bool
    person: str
    schedule_slug: str
    no_test: str


class MoveIn(Schema):
    """Whether to change places with the line before it; else with the one after."""

    up: bool


class TestOut(Schema):
    """How many messages are on their way."""

    sent: int


@router.get("/services/{slug}/contacts", response=list[ContactOut])
def list_service_contacts(request: ApiRequest, slug: str) -> Any:
    """List whom to reach about a service, in the order to try."""
    service = service_named(readable_teams(request), slug)
    authorize(request.auth, "contact.see", service.team_id)
    return _table(service)


@router.get("/teams/{slug}/contacts", response=list[ContactOut])
def list_team_contacts(request: ApiRequest, slug: str) -> Any:
    """List whom to reach about a team, in the order to try."""
    readable_teams(request)
    team = team_named(request, slug)
    authorize(request.auth, "contact.see", team.pk)
    return _table(team)


@router.post("/services/{slug}/contacts", response={201: ContactOut})
def add_service_contact(request: ApiRequest, slug: str, body: ContactIn) -> Any:
    """Add a line at the end of the table of a service."""
    return Status(201, _save(request, service_named(own_teams(request), slug), body))


@router.post("/teams/{slug}/contacts", response={201: ContactOut})
def add_team_contact(request: ApiRequest, slug: str, body: ContactIn) -> Any:
    """Add a line at the end of the table of a team."""
    return Status(201, _save(request, team_named(request, slug), body))


@router.put("/contacts/{pk}", response=ContactOut)
def change_contact(request: ApiRequest, pk: int, body: ContactIn) -> Any:
    """Change a line as a whole; it keeps its place."""
    contact = _find(request, pk)
    return _save(request, contact_lists.owner_of(contact), body, contact)


@router.post("/contacts/{pk}/move", response=list[ContactOut])
def move_contact(request: ApiRequest, pk: int, body: MoveIn) -> Any:
    """Change places with a neighbour; at the end of the table nothing happens."""
    contact = _find(request, pk)
    contact_lists.move_contact(
        contact, up=body.up, by=request.auth.user, now=timezone.now()
    )
    return _table(contact_lists.owner_of(contact))


@router.delete("/contacts/{pk}", response={204: None})
def remove_contact(request: ApiRequest, pk: int) -> Any:
    """Take a line out of its table."""
    contact = _find(request, pk)
    contact_lists.remove_contact(contact, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/contacts/{pk}/test", response=TestOut)
def test_contact(request: ApiRequest, pk: int) -> Any:
    """Send a test the way that a line of a contact table would go."""
    contact = _find(request, pk)
    rows = contact_lists.send_test(contact, by=request.auth.user, now=timezone.now())
    return TestOut(sent=len(rows))


def _find(request: ApiRequest, pk: int) -> EscalationContact:
    # No row has a number that the database cannot hold.
    contact = tables.find_contact(pk, own_teams(request)) if abs(pk) < 2**63 else None
    if contact is None:
        raise Http404
    authorize(
        request.auth, "contact.edit", _team_of(contact_lists.owner_of(contact)).pk
    )
    return contact


def _save(
    request: ApiRequest,
    owner: Service | Team,
    body: ContactIn,
    contact: EscalationContact | None = None,
) -> ContactOut:
    team = _team_of(owner)
    authorize(request.auth, "contact.edit", team.pk)
    line = ContactLine(
        title=body.title,
        kind=body.kind,
        value=body.value,
        note=body.note,
        user_id=_person(body.user, team),
        schedule_id=_schedule(body.schedule, team),
        is_placeholder=body.is_placeholder,
    )
    row = contact_lists.save_contact(
        owner, line, contact=contact, by=request.auth.user, now=timezone.now()
    )
    return next(each for each in _table(owner) if each.id == row.pk)


def _table(owner: Service | Team) -> list[ContactOut]:
    is_service = isinstance(owner, Service)
    rows = escalation_contacts(owner.pk) if is_service else team_contacts(owner.pk)
    return [ContactOut.model_validate({**asdict(row), "id": row.pk}) for row in rows]


def _team_of(owner: Service | Team) -> Team:
    return owner.team if isinstance(owner, Service) else owner


def _person(username: str, team: Team) -> int | None:
    if not username:
        return None
    for person in people_of(team.pk):
        if person.username == username:
            return person.pk
    raise PortalError(f"“{username}” is not in the team.", field="user")


def _schedule(slug: str, team: Team) -> int | None:
    if not slug:
        return None
    for row in tables.schedules_of(team.pk):
        if row.slug == slug:
            return row.pk
    raise PortalError(f"“{slug}” is no schedule of the team.", field="schedule")
