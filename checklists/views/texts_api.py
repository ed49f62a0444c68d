"""Checklists as texts, for scripts that keep them in a repository."""

from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from checklists.domain.version_diff import ItemChange
from checklists.forms.texts import MOST, WRITERS, read_text
from checklists.models import Checklist
from checklists.queries.listing import list_checklists
from checklists.services import texts
from checklists.services.texts import Edition
from oncall.access import authorize
from oncall.api.common import telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])


class FormQuery(Schema):
    """How the text is written."""

    form: Literal["markdown", "json", "yaml"] = Field("markdown", alias="format")


class TextOut(Schema):
    """A published text; ``version`` is 0 before the first."""

    version: int
    text: str


class TextIn(FormQuery):
    """A text to publish.

    ``version`` is the one it was made from: when another was published since, the
    answer is 409 with that one as ``current``. Leave it out not to care. With
    ``dry_run`` nothing is published.
    """

    text: str = Field(max_length=MOST)
    version: int | None = Field(None, ge=0)
    dry_run: bool = False


class ItemChangeOut(Schema):
    """An item that is not as before; ``fields`` hold name, old and new words."""

    kind: Literal["added", "removed", "changed", "moved"]
    text: str
    fields: list[tuple[str, str, str]]


class PublishedOut(Schema):
    """What changed, and the number of the version that is published now."""

    version: int
    changes: list[ItemChangeOut]


@router.get("/checklists/{slug}/text", response=TextOut)
def show_text(request: ApiRequest, slug: str, query: Query[FormQuery]) -> Any:
    """Show what is published."""
    edition = texts.read_edition(_find(readable_teams(request), slug))
    return _text_out(edition, query)


@router.put(
    "/checklists/{slug}/text",
    response={200: PublishedOut, 409: Overtaken[TextOut]},
)
def publish_text(request: ApiRequest, slug: str, body: TextIn) -> Any:
    """Publish a text as the next version."""
    checklist = _find(own_teams(request), slug)
    authorize(request.auth, "checklist.edit", checklist.team_id)
    text = read_text(body.form, body.text)
    changes = texts.compare_text(checklist, text)
    if not body.dry_run:
        with telling(lambda edition: _text_out(edition, body)):
            texts.publish_text(
                checklist,
                text,
                seen=body.version,
                by=request.auth.user,
                now=timezone.now(),
            )
    number = texts.read_edition(checklist).number
    return {"version": number, "changes": [_change(each) for each in changes]}


def _find(team_ids: list[int], slug: str) -> Checklist:
    found = list_checklists(team_ids).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _text_out(edition: Edition, asked: FormQuery) -> TextOut:
    return TextOut(version=edition.number, text=WRITERS[asked.form](edition.text))


def _change(change: ItemChange) -> dict[str, Any]:
    return {"kind": change.kind, "text": change.text, "fields": list(change.fields)}
