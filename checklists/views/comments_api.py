"""What people say about a run, through the API."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from checklists.models import Run
from checklists.queries.listing import find_run
from checklists.queries.run_story import EventRow, comments_of
from checklists.services.commenting import comment_on_run
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["checklists and checks"])


class CommentOut(Schema):
    """One comment; ``mentions`` are the user names of the members that it told."""

    number: int
    at: datetime
    by: str
    text: str
    mentions: list[str]


class CommentIn(Schema):
    """What to say; ``@name`` tells that member."""

    text: str = Field(max_length=4000)


@router.get("/runs/{pk}/comments", response=PageOf[CommentOut])
def list_comments(request: ApiRequest, pk: int, window: Query[Window]) -> Any:
    """List what people said about a run, oldest first."""
    page = cut(comments_of(_find(readable_teams(request), pk).pk), window)
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.post("/runs/{pk}/comments", response={201: CommentOut})
def add_comment(request: ApiRequest, pk: int, body: CommentIn) -> Any:
    """Say something about an open run; nobody changes it afterwards."""
    run = _find(own_teams(request), pk)
    authorize(request.auth, "run.work", run.team_id)
    event = comment_on_run(run.pk, body.text, by=request.auth.user, now=timezone.now())
    rows = comments_of(run.pk)
    return Status(201, _out(next(each for each in rows if each.number == event.number)))


def _find(team_ids: list[int], pk: int) -> Run:
    run = find_run(team_ids, pk)
    if run is None:
        raise Http404
    return run


def _out(row: EventRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": row.at,
        "by": row.by,
        "text": row.after["text"],
        "mentions": row.after["mentions"],
    }
