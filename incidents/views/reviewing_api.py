"""The API of who writes and reviews a postmortem, and of its PDF."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from incidents.domain.postmortem_markdown import write_markdown
from incidents.models import Incident, Postmortem
from incidents.queries import list_members
from incidents.queries.incidents import get_incident
from incidents.queries.postmortems import format_of, get_postmortem, whole_texts
from incidents.services import postmortems
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import User
from opsportal.kit.errors import PortalError

router = Router(tags=["postmortems and action items"])
UserId = Annotated[int, Field(ge=1, le=2**63 - 1)]
_AS_PDF = {
    "responses": {
        200: {
            "description": "The whole as PDF.",
            "content": {
                "application/pdf": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    }
}


class OwnerIn(Schema):
    """The user id of a member of the team; empty for nobody."""

    user: UserId | None


class ReviewerIn(Schema):
    """The user id of a member of the team who does not own the postmortem."""

    user: UserId


class ReviewerOut(Schema):
    """Somebody who was asked to review."""

    user: int
    name: str
    asked_at: datetime


@router.put("/incidents/{ref}/postmortem/owner", response=OwnerIn)
def set_owner(request: ApiRequest, ref: str, body: OwnerIn) -> Any:
    """Give the postmortem to a member of the team, or to nobody."""
    found = _own_postmortem(request, ref)
    owner = None if body.user is None else _member(found.incident, body.user)
    postmortems.set_owner(found.pk, owner, by=request.auth.user, now=timezone.now())
    return body


@router.get("/incidents/{ref}/postmortem/reviewers", response=list[ReviewerOut])
def list_reviewers(request: ApiRequest, ref: str) -> Any:
    """List who was asked to review, in the order of asking."""
    return _reviewers(_postmortem(readable_teams(request), ref))


@router.post("/incidents/{ref}/postmortem/reviewers", response={201: list[ReviewerOut]})
def ask_reviewer(request: ApiRequest, ref: str, body: ReviewerIn) -> Any:
    """Ask a member of the team to review; who was asked before hears no more of it."""
    found = _own_postmortem(request, ref)
    person = _member(found.incident, body.user)
    postmortems.ask_reviewer(found.pk, person, by=request.auth.user, now=timezone.now())
    return Status(201, _reviewers(_postmortem(own_teams(request), ref)))


@router.get("/incidents/{ref}/postmortem/pdf", openapi_extra=_AS_PDF)
def export_pdf(request: ApiRequest, ref: str) -> HttpResponse:
    """Give the whole postmortem as PDF; its Markdown is part of the postmortem."""
    from opsportal.kit.pdf import write_pdf  # noqa: PLC0415 -- heavy, and rarely asked for

    found = _postmortem(readable_teams(request), ref)
    document = write_markdown(format_of(found), whole_texts(found))
    title = f"{found.incident.ref} {found.incident.title}"
    answer = HttpResponse(write_pdf(document, title=title), "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.incident.ref}.pdf"'
    return answer


def _postmortem(team_ids: list[int], ref: str) -> Postmortem:
    incident = get_incident(team_ids, ref)
    found = incident and get_postmortem(incident.pk)
    if not found:
        raise Http404
    return found


def _own_postmortem(request: ApiRequest, ref: str) -> Postmortem:
    found = _postmortem(own_teams(request), ref)
    authorize(request.auth, "incident.work", found.incident.team_id)
    return found


def _member(incident: Incident, pk: int) -> User:
    for person in list_members(incident.team_id):
        if person.pk == pk:
            return person
    raise PortalError("Choose a member of the team.", field="user")


def _reviewers(found: Postmortem) -> list[ReviewerOut]:
    return [
        ReviewerOut(
            user=each.user_id, name=each.user.display_name, asked_at=each.asked_at
        )
        for each in found.reviewers.all()
    ]
