"""How checklists went, for scripts and reports."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from checklists.domain.compliance import Compliance, Standing, count_standings
from checklists.domain.run_calendar import (
    Calendar,
    encode_run,
    read_days,
    read_standings,
)
from checklists.models import Checklist
from checklists.queries import past
from checklists.queries.checklists import read_past_runs
from checklists.queries.listing import list_checklists
from checklists.queries.past import Narrowing
from oncall.api_auth import ApiRequest, readable_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["checklists and checks"])


class HistoryQuery(Schema):
    """Which runs: those due in the last ``days`` days of their team's clock."""

    days: int = Field(90, ge=1, le=730)
    service: str = Field("", max_length=80)
    person: int | None = Field(None, ge=1, le=2**31 - 1)


class RunsQuery(HistoryQuery):
    """Which runs, and how they went."""

    checklist: str = Field("", max_length=80)
    standing: Literal[
        "",
        "pending",
        "on_time",
        "late",
        "missed",
        "system_missed",
        "skipped",
        "void",
    ] = ""


class FiguresOut(Schema):
    """How runs went. ``percent`` is the share on time of what could be done."""

    percent: float | None
    streak: int
    on_time: int
    late: int
    missed: int
    system_missed: int
    skipped: int
    void: int
    pending: int


class ChecklistPastOut(FiguresOut):
    """How one checklist went."""

    checklist: str
    name: str
    team: str
    service: str | None


class DayOut(Schema):
    """One day: the worst standing of its runs, null where nothing was due."""

    on: date
    standing: str | None


class OneChecklistPastOut(FiguresOut):
    """How one checklist went, day by day.

    ``auto_percent`` is the share of the ticked items that ticked themselves.
    """

    checklist: str
    auto_percent: float | None
    days: list[DayOut]


class PastRunOut(Schema):
    """One run of the past, with its items counted."""

    id: int
    checklist: str
    service: str
    period_key: str
    opens_at: datetime
    due_at: datetime
    closed_at: datetime | None
    standing: str
    reason: str
    completed_by: str
    signed_by: str
    items: int
    answered: int
    ticked: int
    ticked_itself: int


@router.get("/history", response=PageOf[ChecklistPastOut])
def list_history(
    request: ApiRequest, query: Query[HistoryQuery], window: Query[Window]
) -> Any:
    """List how each checklist went."""
    teams = readable_teams(request)
    rows = past.list_pasts(_calendars(teams, query.days), _narrow(teams, query))
    page = cut(rows, window)
    items = [
        {
            "checklist": each.slug,
            "name": each.name,
            "team": each.team,
            "service": each.service or None,
            **_figures(count_standings(read_standings(each.codes))),
        }
        for each in page["items"]
    ]
    return {**page, "items": items}


@router.get("/history/runs", response=PageOf[PastRunOut])
def list_past_runs(
    request: ApiRequest, query: Query[RunsQuery], window: Query[Window]
) -> Any:
    """List runs of the past, the latest due first."""
    teams = readable_teams(request)
    asked = _narrow(
        teams,
        query,
        checklist=_find(teams, query.checklist).pk if query.checklist else None,
        standing=Standing(query.standing) if query.standing else None,
    )
    runs = past.find_runs(_calendars(teams, query.days), asked)
    page = cut(runs.order_by("-due_at", "-pk").values_list("pk", flat=True), window)
    lines = past.lines_by_pk(page["items"])
    items = [
        {"id": line.pk} | {name: getattr(line, name) for name in _RUN_FIELDS}
        for line in lines
    ]
    return {**page, "items": items}


@router.get("/checklists/{slug}/history", response=OneChecklistPastOut)
def show_history(request: ApiRequest, slug: str, query: Query[HistoryQuery]) -> Any:
    """Show how one checklist went, day by day."""
    teams = readable_teams(request)
    checklist = _find(teams, slug)
    calendars = _calendars([checklist.team_id], query.days)
    asked = _narrow(teams, query, checklist=checklist.pk)
    runs = past.find_runs(calendars, asked)
    done, auto = past.count_ticks(runs)
    codes = [encode_run(run.due_at, run.standing) for run in read_past_runs(runs)]
    figures = count_standings(read_standings(codes), items_done=done, items_auto=auto)
    (calendar,) = calendars.values()
    auto_percent = figures.auto_percent
    return {
        "checklist": slug,
        "auto_percent": None if auto_percent is None else float(auto_percent),
        "days": [
            {"on": calendar.first + timedelta(days=number), "standing": standing}
            for number, standing in enumerate(read_days(codes, calendar))
        ],
        **_figures(figures),
    }


_RUN_FIELDS = tuple(name for name in PastRunOut.model_fields if name != "id")


def _calendars(team_ids: Sequence[int], days: int) -> dict[str, Calendar]:
    return past.calendars_of(team_ids, now=timezone.now(), days=days)


def _narrow(
    team_ids: Sequence[int],
    query: HistoryQuery,
    *,
    checklist: int | None = None,
    standing: Standing | None = None,
) -> Narrowing:
    return Narrowing(
        team_ids=team_ids,
        service=query.service,
        person=query.person,
        checklist=checklist,
        standing=standing,
    )


def _find(team_ids: Sequence[int], slug: str) -> Checklist:
    found = list_checklists(team_ids).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _figures(figures: Compliance) -> dict[str, Any]:
    percent = figures.percent
    return {
        "percent": None if percent is None else float(percent),
        **{name: getattr(figures, name) for name in _COUNTS},
    }


_COUNTS = tuple(name for name in FiguresOut.model_fields if name != "percent")
