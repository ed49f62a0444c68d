"""Drafts of checklists, through the API: read, written, published, given up."""

from contextlib import AbstractContextManager
from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from checklists.forms.texts import MOST, WRITERS, read_text
from checklists.models import Checklist
from checklists.queries.listing import list_checklists
from checklists.services import drafts
from checklists.services.drafts import DraftState
from checklists.views.texts_api import FormQuery, PublishedOut
from oncall.access import authorize
from oncall.api.common import Moment, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])
Form = Literal["markdown", "json", "yaml"]


class DraftOut(Schema):
    """The draft; while ``is_saved`` is false it is what is published.

    ``version`` rises with every change and every published version; send it back
    with what you change. ``published`` is the number of the newest version and
    ``based_on`` of the one the draft was begun from; 0 is none.
    """

    version: int
    is_saved: bool
    published: int
    based_on: int
    changed_by: str
    changed_at: Moment | None
    text: str


class SeenIn(Schema):
    """The version of the draft that was looked at.

    An older one is answered with 409 and the draft as it stands, as ``current``.
    """

    version: int = Field(ge=0)


class DraftIn(SeenIn, FormQuery):
    """What the draft says from now on."""

    text: str = Field(max_length=MOST)


class PublishIn(SeenIn):
    """With ``dry_run`` nothing is published, and the changes are shown."""

    dry_run: bool = False


_CHANGED: dict[int, Any] = {200: DraftOut, 409: Overtaken[DraftOut]}


@router.get("/checklists/{slug}/draft", response=DraftOut)
def show_draft(request: ApiRequest, slug: str, query: Query[FormQuery]) -> Any:
    """Show the draft of a checklist."""
    checklist = _find(request, readable_teams(request), slug)
    return _draft_out(drafts.read_draft(checklist), query.form)


@router.put("/checklists/{slug}/draft", response=_CHANGED)
def write_draft(request: ApiRequest, slug: str, body: DraftIn) -> Any:
    """Let the draft say a text; items with the same text or reference go on."""
    checklist = _find(request, own_teams(request), slug)
    text = read_text(body.form, body.text)
    with _telling(body.form):
        state = drafts.write_draft(
            checklist,
            text,
            version=body.version,
            by=request.auth.user,
            now=timezone.now(),
        )
    return _draft_out(state, body.form)


@router.post(
    "/checklists/{slug}/draft/publish",
    response={200: PublishedOut, 409: Overtaken[DraftOut]},
)
def publish_draft(request: ApiRequest, slug: str, body: PublishIn) -> Any:
    """Publish the draft as the next version."""
    checklist = _find(request, own_teams(request), slug)
    state = drafts.read_draft(checklist)
    changes = drafts.compare_draft(checklist, state)
    number = state.published
    if not body.dry_run:
        by, now = request.auth.user, timezone.now()
        with _telling():
            number = drafts.publish_draft(
                checklist, version=body.version, by=by, now=now
            ).number
    return {
        "version": number,
        "changes": [
            {"kind": each.kind, "text": each.text, "fields": list(each.fields)}
            for each in changes
        ],
    }


@router.post("/checklists/{slug}/draft/discard", response=_CHANGED)
def discard_draft(request: ApiRequest, slug: str, body: SeenIn) -> Any:
    """Give the draft up; undo brings it back."""
    checklist = _find(request, own_teams(request), slug)
    by, now = request.auth.user, timezone.now()
    with _telling():
        state = drafts.discard_draft(checklist, version=body.version, by=by, now=now)
    return _draft_out(state)


@router.post("/checklists/{slug}/draft/undo", response=_CHANGED)
def undo_change(request: ApiRequest, slug: str, body: SeenIn) -> Any:
    """Take the last change of the draft back."""
    checklist = _find(request, own_teams(request), slug)
    by, now = request.auth.user, timezone.now()
    with _telling():
        state = drafts.undo_change(checklist, version=body.version, by=by, now=now)
    return _draft_out(state)


def _find(request: ApiRequest, team_ids: list[int], slug: str) -> Checklist:
    found = list_checklists(team_ids).filter(slug=slug).first()
    if found is None:
        raise Http404
    authorize(request.auth, "checklist.edit", found.team_id)
    return found


def _telling(form: Form = "markdown") -> AbstractContextManager[None]:
    return telling(lambda state: _draft_out(state, form))


def _draft_out(state: DraftState, form: Form = "markdown") -> DraftOut:
    return DraftOut(
        version=state.version,
        is_saved=state.is_saved,
        published=state.published,
        based_on=state.based_on,
        changed_by=state.changed_by.display_name if state.changed_by else "",
        changed_at=state.changed_at,
        text=WRITERS[form](state.draft.text),
    )
