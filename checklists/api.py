"""The API of checklists: checklists, runs, checks."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from checklists.item_shapes import ItemOut, item_out
from checklists.models import Check, Checklist, Run
from checklists.past_shapes import GrowthOut, PastOut, growth_of, show_steps
from checklists.queries import listing
from checklists.queries.runs import items_of
from checklists.services import running, signing
from oncall.access import authorize
from oncall.api.common import service_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["checklists and checks"])


class ChecklistOut(Schema):
    """One checklist."""

    slug: str
    name: str
    team: str
    service: str | None
    description: str


class RunOut(Schema):
    """One run; ``missed_at`` is set when its grace passed before it was done.

    ``carried_from`` is the unfinished run before it, where its cadence carries over.
    """

    id: int
    checklist: str
    period_key: str
    state: str
    outcome: str
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    missed_at: datetime | None
    closed_at: datetime | None
    carried_from: int | None


class RunWithItems(RunOut):
    """One run with its items in order."""

    items: list[ItemOut]


class CheckOut(Schema):
    """One check and how it stands."""

    id: int
    service: str
    slug: str
    name: str
    kind: str
    condition: str
    status: str
    status_since: datetime | None
    value: float | None
    unit: str
    summary: str
    observed_at: datetime | None


class ResultOut(Schema):
    """One observation, judged."""

    observed_at: datetime
    outcome: str
    value: float | None
    latency_ms: float | None
    error_code: str
    summary: str


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=500)


@router.get("/checklists", response=PageOf[ChecklistOut])
def list_checklists(request: ApiRequest, window: Query[Window]) -> Any:
    """List the checklists of the token's teams."""
    page = cut(listing.list_checklists(readable_teams(request)), window)
    return {**page, "items": [_checklist_out(row) for row in page["items"]]}


@router.get("/runs", response=PageOf[RunOut])
def list_runs(
    request: ApiRequest,
    window: Query[Window],
    state: Literal["", "open", "awaiting_signoff", "closed"] = "",
    checklist: str = "",
) -> Any:
    """List runs, the latest due first."""
    rows = listing.list_runs(readable_teams(request), state=state, checklist=checklist)
    page = cut(rows, window)
    return {**page, "items": [_run_out(row) for row in page["items"]]}


@router.get("/runs/{pk}", response=RunWithItems)
def show_run(request: ApiRequest, pk: int) -> Any:
    """Show one run with its items."""
    return _whole_run(_run(readable_teams(request), pk))


@router.post("/runs/{pk}/hand-in", response=RunWithItems)
def hand_in(request: ApiRequest, pk: int) -> Any:
    """Hand a run in: it closes, or waits for sign-off."""
    run = _run(own_teams(request), pk)
    authorize(request.auth, "run.work", run.team_id)
    signing.hand_in_run(pk, by=request.auth.user, now=timezone.now())
    return _whole_run(_run(own_teams(request), pk))


@router.post("/runs/{pk}/sign-off", response=RunWithItems)
def sign_off(request: ApiRequest, pk: int) -> Any:
    """Sign a run off that was handed in."""
    run = _run(own_teams(request), pk)
    authorize(request.auth, "run.work", run.team_id)
    signing.sign_off_run(pk, by=request.auth.user, now=timezone.now())
    return _whole_run(_run(own_teams(request), pk))


@router.post("/runs/{pk}/give-back", response=RunWithItems)
def give_back(request: ApiRequest, pk: int, body: ReasonIn) -> Any:
    """Give a run back that was handed in: its items can be changed again."""
    run = _run(own_teams(request), pk)
    authorize(request.auth, "run.work", run.team_id)
    signing.reject_run(pk, by=request.auth.user, reason=body.reason, now=timezone.now())
    return _whole_run(_run(own_teams(request), pk))


@router.post("/runs/{pk}/skip", response=RunWithItems)
def skip(request: ApiRequest, pk: int, body: ReasonIn) -> Any:
    """Leave a run out, with a reason."""
    run = _run(own_teams(request), pk)
    authorize(request.auth, "run.skip", run.team_id)
    signing.skip_run(pk, by=request.auth.user, reason=body.reason, now=timezone.now())
    return _whole_run(_run(own_teams(request), pk))


@router.post("/runs/{pk}/void", response=RunWithItems)
def void(request: ApiRequest, pk: int, body: ReasonIn) -> Any:
    """Strike a run that should not have existed, with a reason."""
    run = _run(own_teams(request), pk)
    authorize(request.auth, "run.skip", run.team_id)
    signing.void_run(pk, by=request.auth.user, reason=body.reason, now=timezone.now())
    return _whole_run(_run(own_teams(request), pk))


@router.get("/checks", response=PageOf[CheckOut])
def list_checks(
    request: ApiRequest,
    window: Query[Window],
    service: str = "",
    status: Literal["", "pending", "pass", "fail", "unknown"] = "",
) -> Any:
    """List checks and how they stand."""
    rows = listing.list_checks(readable_teams(request), service=service, status=status)
    page = cut(rows, window)
    return {**page, "items": [_check_out(row) for row in page["items"]]}


@router.get("/checks/{pk}", response=CheckOut)
def show_check(request: ApiRequest, pk: int) -> Any:
    """Show one check."""
    return _check_out(_check(readable_teams(request), pk))


@router.get("/checks/{pk}/results", response=PageOf[ResultOut])
def list_results(request: ApiRequest, pk: int, window: Query[Window]) -> Any:
    """List what a check saw, newest first."""
    check = _check(readable_teams(request), pk)
    return cut(listing.list_results(check), window)


@router.get("/checks/{pk}/past", response=PastOut)
def show_past(
    request: ApiRequest, pk: int, span: Literal["day", "month", "years"] = "day"
) -> Any:
    """Show what a check saw in 24 hours, 30 days or 2 years.

    The steps are five minutes, an hour and a day long.
    """
    check = _check(readable_teams(request), pk)
    return show_steps(check.pk, span, timezone.now())


@router.get("/services/{slug}/capacity", response=list[GrowthOut])
def show_capacity(request: ApiRequest, slug: str) -> Any:
    """Show how what a service's checks measure grows, the soonest limit first."""
    service = service_named(readable_teams(request), slug)
    return growth_of(service.pk, timezone.now())


@router.post("/checks/{pk}/verify", response=CheckOut)
def verify(request: ApiRequest, pk: int) -> Any:
    """Look now."""
    check = _check(own_teams(request), pk)
    authorize(request.auth, "run.work", check.service.team_id)
    return _check_out(running.verify_check(check.pk, now=timezone.now()))


def _run(team_ids: list[int], pk: int) -> Run:
    run = listing.find_run(team_ids, pk)
    if run is None:
        raise Http404
    return run


def _check(team_ids: list[int], pk: int) -> Check:
    check = listing.find_check(team_ids, pk)
    if check is None:
        raise Http404
    return check


def _checklist_out(row: Checklist) -> ChecklistOut:
    return ChecklistOut(
        slug=row.slug,
        name=row.name,
        team=row.team.slug,
        service=row.service.slug if row.service else None,
        description=row.description,
    )


def _run_out(row: Run) -> RunOut:
    return RunOut(
        id=row.pk,
        checklist=row.checklist.slug,
        period_key=row.period_key,
        state=row.state,
        outcome=row.outcome,
        opens_at=row.opens_at,
        due_at=row.due_at,
        closes_at=row.closes_at,
        missed_at=row.missed_at,
        closed_at=row.closed_at,
        carried_from=row.carried_from_id,
    )


def _whole_run(row: Run) -> dict[str, Any]:
    whole = [item_out(item) for item in items_of(row)]
    return {**_run_out(row).model_dump(), "items": whole}


def _check_out(row: Check) -> CheckOut:
    return CheckOut(
        id=row.pk,
        service=row.service.slug,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        condition=row.condition,
        status=row.status,
        status_since=row.status_since,
        value=row.last_value,
        unit=row.unit,
        summary=row.last_summary,
        observed_at=row.last_observed_at,
    )
