"""The API of monthly operations reports."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema

from incidents.domain.incident_metrics import Spread
from incidents.domain.monthly_report import MonthFacts, read_month, write_report
from incidents.queries.monthly import read_month_facts
from incidents.services.monthly_reports import mail_report
from oncall.access import authorize
from oncall.api.common import team_named
from oncall.api_auth import ApiRequest
from oncall.models import Team

router = Router(tags=["postmortems and action items"])


class TimesOut(Schema):
    """How long something took; lengths are whole seconds."""

    measure: str
    count: int
    median: int
    p90: int
    mean: int
    worst: int


class LevelOut(Schema):
    """How long a severity lasted, in whole seconds."""

    severity: str
    seconds: int


class ResponderOut(Schema):
    """How long somebody worked on incidents, in whole seconds, and their pages."""

    name: str
    seconds: int
    pages: int


class SloKeptOut(Schema):
    """How an objective went; the share of its budget that is spent may pass 100."""

    name: str
    target_percent: float
    good_percent: float
    spent_percent: float


class MonthOut(Schema):
    """The report of a month on the team's clock; its Markdown is that of the page."""

    team: str
    month: str
    incidents: int
    pages: int
    times: list[TimesOut]
    severities: list[LevelOut]
    responders: list[ResponderOut]
    objectives: list[SloKeptOut]
    actions_written: int
    actions_done: int
    actions_overdue: int
    postmortems_owed: int
    markdown: str


class MailedOut(Schema):
    """To how many managers the report is on its way."""

    managers: int


@router.get("/teams/{slug}/reports/{month}", response=MonthOut)
def show_month(request: ApiRequest, slug: str, month: str) -> Any:
    """Give the operations report of a month, as 2026-10; that of now so far."""
    team, first = _find(request, slug, month, to="team.see")
    return _month_out(team, read_month_facts(team, first, now=timezone.now()))


@router.post("/teams/{slug}/reports/{month}/mail", response=MailedOut)
def mail_month(request: ApiRequest, slug: str, month: str) -> Any:
    """Mail the report of a month to the team's managers."""
    team, first = _find(request, slug, month, to="incident.work")
    told = mail_report(team, first, by=request.auth.user, now=timezone.now())
    return {"managers": told}


def _find(request: ApiRequest, slug: str, month: str, *, to: str) -> tuple[Team, date]:
    team = team_named(request, slug)
    authorize(request.auth, to, team.pk)
    first = read_month(month)
    today = timezone.now().astimezone(ZoneInfo(team.time_zone)).date()
    if first is None or first > today:
        raise Http404
    return team, first


def _month_out(team: Team, facts: MonthFacts) -> MonthOut:
    return MonthOut(
        team=team.slug,
        month=f"{facts.month:%Y-%m}",
        incidents=len(facts.stories),
        pages=sum(count for _, count in facts.pages),
        times=[_times_out(title, whole) for title, whole in facts.measures if whole],
        severities=[
            LevelOut(severity=name, seconds=_seconds(length))
            for name, length in facts.levels
        ],
        responders=[
            ResponderOut(name=name, seconds=_seconds(worked), pages=pages)
            for name, worked, pages in facts.people
        ],
        objectives=[
            SloKeptOut(
                name=each.name,
                target_percent=float(each.target),
                good_percent=each.percent,
                spent_percent=each.spent,
            )
            for each in facts.objectives
        ],
        actions_written=facts.actions_written,
        actions_done=facts.actions_done,
        actions_overdue=facts.actions_overdue,
        postmortems_owed=facts.postmortems_owed,
        markdown=write_report(facts),
    )


def _times_out(title: str, whole: Spread) -> TimesOut:
    return TimesOut(
        measure=title,
        count=len(whole.points),
        median=_seconds(whole.median),
        p90=_seconds(whole.p90),
        mean=_seconds(whole.mean),
        worst=_seconds(whole.worst),
    )


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())
