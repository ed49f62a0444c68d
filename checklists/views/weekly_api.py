"""Weekly reviews for programs: read, sent, and planned."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.domain.cadence_rule import DAY_WORDS, DayWord
from checklists.domain.compliance import Compliance
from checklists.domain.weekly_review import WeekFacts, monday_of, write_review
from checklists.models import WeeklyReview
from checklists.queries.weekly import find_channel, find_review
from checklists.services import weekly_reviews
from checklists.services.weekly_reviews import ReviewPlan
from oncall.access import authorize
from oncall.api.common import Clock, team_named
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import Team

router = Router(tags=["checklists and checks"])
_WEEK = timedelta(days=7)
_LISTED = 8


class WeekRunsOut(Schema):
    """How a checklist went; ``percent`` is null while nothing was due."""

    checklist: str
    on_time: int
    late: int
    missed: int
    percent: int | None


class WeekServiceOut(Schema):
    """How long a service was down of what was watched, in seconds."""

    service: str
    down: float
    watched: float
    incidents: int


class WeekAlertOut(Schema):
    """How often an alert came, and how often an incident came of it."""

    service: str
    summary: str
    count: int
    useful: int


class WeekDutyOut(Schema):
    """Who carried how much."""

    schedule: str
    person: str
    hours: float
    pages: int


class WeekLimitOut(Schema):
    """In how many days a limit is expected to be reached, and at the earliest."""

    service: str
    check: str
    days: float
    earliest: float


class WeekActionOut(Schema):
    """An action item that is not done."""

    title: str
    incident: str
    owner: str
    due_on: date | None


class WeekCertificateOut(Schema):
    """A certificate and the days that are left of it."""

    service: str
    check: str
    days: float


class WeekIncidentOut(Schema):
    """An incident that was declared in the week."""

    ref: str
    title: str


class WeekOut(Schema):
    """A week of a team; ``text`` is the whole review as Markdown.

    Capacity, actions and certificates are as they are now.
    """

    team: str
    monday: date
    text: str
    runs: list[WeekRunsOut]
    services: list[WeekServiceOut]
    incidents: list[WeekIncidentOut]
    alerts: list[WeekAlertOut]
    duty: list[WeekDutyOut]
    capacity: list[WeekLimitOut]
    actions: list[WeekActionOut]
    certificates: list[WeekCertificateOut]


class WeeksOut(Schema):
    """The Mondays of the last weeks, the running one first."""

    mondays: list[date]


class ReviewSentOut(Schema):
    """To how many people and channels it goes."""

    told: int


class ReviewPlanIn(Schema):
    """When it is sent by itself, on the team's clock, and to whom.

    ``channel`` is the id of an enabled channel of the team.
    """

    is_on: bool
    weekday: DayWord = "mon"
    send_time: Clock = "08:00"
    to_managers: bool = True
    channel: int | None = Field(None, ge=1, le=2**31)


class ReviewPlanOut(Schema):
    """When it is sent; ``next_send_at`` is null while nothing is sent by itself."""

    is_on: bool
    weekday: DayWord
    send_time: Clock
    to_managers: bool
    channel: int | None
    next_send_at: datetime | None


@router.get("/teams/{slug}/reviews", response=WeeksOut)
def list_weeks(request: ApiRequest, slug: str) -> Any:
    """List the weeks that can be looked back on."""
    team = _readable(request, slug)
    first = monday_of(timezone.now(), ZoneInfo(team.time_zone))
    return {"mondays": [first - number * _WEEK for number in range(_LISTED)]}


@router.get("/teams/{slug}/reviews/{monday}", response=WeekOut)
def show_week(request: ApiRequest, slug: str, monday: date) -> Any:
    """Show the review of a week, generated from what is known now."""
    team, now = _readable(request, slug), timezone.now()
    return _week_out(
        weekly_reviews.read_week(team, _past_monday(team, monday, now), now=now)
    )


@router.post("/teams/{slug}/reviews/{monday}/send", response=ReviewSentOut)
def send_week(request: ApiRequest, slug: str, monday: date) -> Any:
    """Send it now to those who get it every week, or to the managers."""
    team, now = team_named(request, slug), timezone.now()
    authorize(request.auth, "run.work", team.pk)
    first = _past_monday(team, monday, now)
    told = weekly_reviews.send_review(team, first, by=request.auth.user, now=now)
    return {"told": told}


@router.get("/teams/{slug}/review-plan", response=ReviewPlanOut)
def show_plan(request: ApiRequest, slug: str) -> Any:
    """Show when a team's reviews are sent, and to whom."""
    return _plan_out(find_review(_readable(request, slug)) or WeeklyReview())


@router.put("/teams/{slug}/review-plan", response=ReviewPlanOut)
def save_plan(request: ApiRequest, slug: str, body: ReviewPlanIn) -> Any:
    """Set when a team's reviews are sent, and to whom."""
    team = team_named(request, slug)
    authorize(request.auth, "checklist.edit", team.pk)
    channel = find_channel(team, body.channel) if body.channel else None
    if body.channel and channel is None:
        raise Http404
    plan = ReviewPlan(
        is_on=body.is_on,
        weekday=DAY_WORDS.index(body.weekday),
        send_time=time.fromisoformat(body.send_time),
        to_managers=body.to_managers,
        channel=channel,
    )
    saved = weekly_reviews.plan_review(
        team, plan, by=request.auth.user, now=timezone.now()
    )
    return _plan_out(saved)


def _readable(request: ApiRequest, slug: str) -> Team:
    team = team_named(request, slug)
    readable_teams(request)
    return team


def _past_monday(team: Team, monday: date, now: datetime) -> date:
    """Return the day when a week of the past or the running one begins on it."""
    is_one = monday.weekday() == 0 and monday.year >= 2000
    if not is_one or monday > monday_of(now, ZoneInfo(team.time_zone)):
        raise Http404
    return monday


def _week_out(facts: WeekFacts) -> dict[str, Any]:
    return {
        "team": facts.team,
        "monday": facts.monday,
        "text": write_review(facts),
        "runs": [_runs_out(name, counted) for name, counted in facts.runs],
        "services": [
            {
                "service": each.name,
                "down": each.down.total_seconds(),
                "watched": each.watched.total_seconds(),
                "incidents": each.incidents,
            }
            for each in facts.services
        ],
        "incidents": [{"ref": ref, "title": title} for ref, title in facts.incidents],
        "alerts": facts.alerts,
        "duty": [
            {
                "schedule": each.schedule,
                "person": each.name,
                "hours": each.hours,
                "pages": each.pages,
            }
            for each in facts.duty
        ],
        "capacity": facts.capacity,
        "actions": facts.actions,
        "certificates": facts.certificates,
    }


def _runs_out(name: str, counted: Compliance) -> dict[str, Any]:
    return {
        "checklist": name,
        "on_time": counted.on_time,
        "late": counted.late,
        "missed": counted.missed,
        "percent": counted.percent,
    }


def _plan_out(review: WeeklyReview) -> dict[str, Any]:
    return {
        "is_on": review.next_send_at is not None,
        "weekday": DAY_WORDS[review.weekday],
        "send_time": review.send_time.strftime("%H:%M"),
        "to_managers": review.to_managers,
        "channel": review.channel_id,
        "next_send_at": review.next_send_at,
    }
