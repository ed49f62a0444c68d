"""Bringing open runs to the newest version, through the API."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.domain.syncing import Fate, Step
from checklists.models import Checklist
from checklists.queries.listing import list_checklists
from checklists.services.syncing import RunSync, preview_sync, sync_runs
from oncall.access import authorize
from oncall.api.common import telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])


class StepOut(Schema):
    """What becomes of one item; ``fields`` hold name, old and new words.

    ``kept`` goes on, ``reopened`` without an answer that it does not take any more.
    Of what the version leaves out, ``recorded`` stays answered, ``left_out`` was
    begun, and ``dropped`` goes.
    """

    text: str
    fate: Fate
    is_answered: bool
    fields: list[tuple[str, str, str]]


class RunSyncOut(Schema):
    """One open run that follows an older version."""

    id: int
    period_key: str
    due_at: datetime
    version: int
    items: list[StepOut]


class SyncOut(Schema):
    """What bringing open runs to ``version`` does; 0 is no version yet.

    ``waiting`` are runs that wait for sign-off and stay as they were handed in.
    """

    version: int
    runs: list[RunSyncOut]
    waiting: list[int]


class SyncIn(Schema):
    """Which runs, and the version that was looked at, None not to care."""

    runs: Annotated[
        list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=500)
    ]
    version: int | None = Field(None, ge=1)


class SyncedOut(Schema):
    """How many runs follow the newest version now."""

    synced: int


@router.get("/checklists/{slug}/sync", response=SyncOut)
def look(request: ApiRequest, slug: str) -> Any:
    """Show what the newest version would change of the open runs."""
    return _look(_find(readable_teams(request), slug), timezone.now())


@router.post(
    "/checklists/{slug}/sync", response={200: SyncedOut, 409: Overtaken[SyncOut]}
)
def sync(request: ApiRequest, slug: str, body: SyncIn) -> Any:
    """Bring open runs to the newest version; 409 when a newer one came, with its look."""
    checklist = _find(own_teams(request), slug)
    authorize(request.auth, "checklist.edit", checklist.team_id)
    by, now = request.auth.user, timezone.now()
    with telling(lambda _: _look(checklist, now)):
        done = sync_runs(checklist, body.runs, seen=body.version, by=by, now=now)
    return {"synced": done}


def _find(team_ids: list[int], slug: str) -> Checklist:
    found = list_checklists(team_ids).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _look(checklist: Checklist, now: datetime) -> SyncOut:
    preview = preview_sync(checklist, now=now)
    return SyncOut(
        version=preview.number,
        runs=[_run_out(each) for each in preview.runs],
        waiting=[run.pk for run in preview.waiting],
    )


def _run_out(each: RunSync) -> RunSyncOut:
    return RunSyncOut(
        id=each.run.pk,
        period_key=each.run.period_key,
        due_at=each.run.due_at,
        version=each.run.version.number,
        items=[_step_out(step) for step in each.steps],
    )


def _step_out(step: Step) -> StepOut:
    return StepOut(
        text=step.text,
        fate=step.fate,
        is_answered=step.is_answered,
        fields=list(step.fields),
    )
