"""Giving several runs and cadences to one person, through the API."""

from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.queries.assigning import TeamWork, work_of
from checklists.services.assigning import assign_cadences, assign_runs
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams
from oncall.models import User
from opsportal.kit.errors import PortalError

router = Router(tags=["checklists and checks"])

Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=500)]


class AssignIn(Schema):
    """What is given to whom.

    ``person`` is the user name of a member; None gives runs back to whom their
    cadences say, and cadences to the whole team.
    """

    runs: Ids = []
    cadences: Ids = []
    person: str | None = None


class AssignedOut(Schema):
    """How many changed."""

    runs: int
    cadences: int


@router.post("/teams/{slug}/assign", response=AssignedOut)
def assign(request: ApiRequest, slug: str, body: AssignIn) -> Any:
    """Give runs and cadences of a team to one of its members."""
    work = next(
        (each for each in work_of(own_teams(request)) if each.team.slug == slug), None
    )
    if work is None:
        raise Http404
    authorize(request.auth, "checklist.edit", work.team.pk)
    person, by, now = _person(work, body.person), request.auth.user, timezone.now()
    team = work.team.pk
    return {
        "runs": assign_runs(team, body.runs, person, by=by, now=now),
        "cadences": assign_cadences(team, body.cadences, person, by=by, now=now),
    }


def _person(work: TeamWork, name: str | None) -> User | None:
    if name is None:
        return None
    found = next((each for each in work.people if each.username == name), None)
    if found is None:
        raise PortalError("Name a member of the team.", field="person")
    return found
