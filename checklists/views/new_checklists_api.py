"""New checklists through the API: of a text or ready-made; and putting one away."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.domain.checklist_text import write_markdown
from checklists.domain.starters import STARTERS
from checklists.forms.texts import MOST, read_text
from checklists.models import Checklist
from checklists.queries.listing import find_any_checklist
from checklists.services import texts
from checklists.services.starting import take_starter
from checklists.views.texts_api import FormQuery
from oncall.access import authorize
from oncall.api.common import service_named, team_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.errors import PortalError

router = Router(tags=["checklists and checks"])


class ReadyMadeOut(Schema):
    """A ready-made checklist: its text as Markdown, and the cadence it comes with."""

    key: str
    name: str
    text: str
    rule: dict[str, Any]
    timing: dict[str, Any]


class ReadyMadeIn(Schema):
    """Which one, and for which service of the team, if any."""

    key: str = Field(max_length=64)
    service: str | None = Field(None, max_length=64)


class NewIn(FormQuery):
    """A text to publish as a checklist, and for which service of the team, if any."""

    text: str = Field(max_length=MOST)
    service: str | None = Field(None, max_length=64)


class NewOut(Schema):
    """The address of a checklist."""

    slug: str
    name: str
    team: str
    service: str | None
    is_archived: bool


@router.get("/ready-made-checklists", response=list[ReadyMadeOut])
def list_ready_made(request: ApiRequest) -> Any:
    """List what is ready-made: before a deployment, load tests."""
    readable_teams(request)
    return [
        {
            "key": each.key,
            "name": each.text.name,
            "text": write_markdown(each.text),
            "rule": each.rule,
            "timing": each.timing,
        }
        for each in STARTERS
    ]


@router.post("/teams/{slug}/ready-made-checklists", response=NewOut)
def take_ready_made(request: ApiRequest, slug: str, body: ReadyMadeIn) -> Any:
    """Take a ready-made checklist for a team, published, to be started on demand."""
    team = team_named(request, slug)
    authorize(request.auth, "checklist.edit", team.pk)
    starter = next((each for each in STARTERS if each.key == body.key), None)
    if starter is None:
        keys = ", ".join(each.key for each in STARTERS)
        raise PortalError(f"Use one of {keys}.", field="key")
    return _new_out(
        take_starter(
            starter,
            team,
            service=_service(team.pk, body.service),
            by=request.auth.user,
            now=timezone.now(),
        )
    )


@router.post("/teams/{slug}/checklists", response=NewOut)
def create_checklist(request: ApiRequest, slug: str, body: NewIn) -> Any:
    """Publish a text as a new checklist of a team; it needs a cadence next."""
    team = team_named(request, slug)
    authorize(request.auth, "checklist.edit", team.pk)
    return _new_out(
        texts.create_from_text(
            team,
            read_text(body.form, body.text),
            service=_service(team.pk, body.service),
            by=request.auth.user,
            now=timezone.now(),
        )
    )


@router.post("/checklists/{slug}/archive", response=NewOut)
def archive(request: ApiRequest, slug: str) -> Any:
    """Put a checklist away: its cadences stop, its history stays."""
    checklist = _find(request, slug)
    texts.archive_checklist(checklist, by=request.auth.user, now=timezone.now())
    return _new_out(checklist)


@router.post("/checklists/{slug}/restore", response=NewOut)
def restore(request: ApiRequest, slug: str) -> Any:
    """Bring a checklist back; its cadences stay paused until they are resumed."""
    checklist = _find(request, slug)
    texts.restore_checklist(checklist, by=request.auth.user, now=timezone.now())
    return _new_out(checklist)


def _find(request: ApiRequest, slug: str) -> Checklist:
    found = find_any_checklist(own_teams(request), slug)
    if found is None:
        raise Http404
    authorize(request.auth, "checklist.edit", found.team_id)
    return found


def _service(team_pk: int, slug: str | None) -> Service | None:
    if slug is None:
        return None
    try:
        return service_named([team_pk], slug)
    except Http404:
        words = "Name a service of the team."
        raise PortalError(words, field="service") from None


def _new_out(row: Checklist) -> NewOut:
    return NewOut(
        slug=row.slug,
        name=row.name,
        team=row.team.slug,
        service=row.service.slug if row.service else None,
        is_archived=row.is_archived,
    )
