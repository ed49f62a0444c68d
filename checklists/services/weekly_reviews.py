"""Weekly reviews of a team's operations: written, sent, and sent by themselves."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from checklists.domain.weekly_review import (
    FullSoon,
    WeekFacts,
    bounds_of,
    monday_of,
    next_send,
    say_in_short,
)
from checklists.models import WeeklyReview
from checklists.queries import weekly
from checklists.services.planning import plan_capacity
from oncall.models import Channel, Role, Service, Team, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError

# Further ahead than this a limit is no news of a week.
AHEAD_DAYS = 90
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPlan:
    """When a review is sent by itself, on the team's clock, and to whom.

    Monday is 0. ``is_on`` off keeps what was chosen and sends nothing.
    """

    is_on: bool
    weekday: int
    send_time: time
    to_managers: bool
    channel: Channel | None


def read_week(team: Team, monday: date, *, now: datetime) -> WeekFacts:
    """Return what the week came to so far, on the team's clock.

    Capacity, action items and certificates are as they are now.
    """
    zone = ZoneInfo(team.time_zone)
    since, until = bounds_of(monday, zone)
    return WeekFacts(
        team=team.name,
        monday=monday,
        today=now.astimezone(zone).date(),
        runs=weekly.read_runs(team, until),
        services=weekly.read_services(team, since, until, now),
        incidents=weekly.read_incidents(team, since, until),
        alerts=weekly.read_alerts(team, since, until),
        duty=weekly.read_duty(team, since, until, now),
        capacity=_read_capacity(team, now),
        actions=weekly.read_actions(team),
        certificates=weekly.read_certificates(team),
    )


def plan_review(
    team: Team, plan: ReviewPlan, *, by: User, now: datetime
) -> WeeklyReview:
    """Set when a team's review is sent and to whom.

    Raises PortalError when it would go to nobody.
    """
    if plan.is_on and not plan.to_managers and plan.channel is None:
        raise PortalError("Choose the managers or a channel.", field="channel")
    zone = ZoneInfo(team.time_zone)
    at = next_send(now, zone, weekday=plan.weekday, at=plan.send_time)
    with transaction.atomic():
        review, _ = WeeklyReview.objects.update_or_create(
            team=team,
            defaults={
                "weekday": plan.weekday,
                "send_time": plan.send_time,
                "to_managers": plan.to_managers,
                "channel": plan.channel,
                "next_send_at": at if plan.is_on else None,
            },
        )
        after = {
            "is_on": plan.is_on,
            "weekday": plan.weekday,
            "send_time": plan.send_time.isoformat("minutes"),
            "to_managers": plan.to_managers,
            "channel": plan.channel.name if plan.channel else "",
        }
        record_change("review.plan", team, by=by, now=now, team_id=team.pk, after=after)
    return review


def send_review(team: Team, monday: date, *, by: User, now: datetime) -> int:
    """Send the review of any week now; returns to how many people and channels."""
    review = weekly.find_review(team) or WeeklyReview(team=team)
    with transaction.atomic():
        told = _send(review, monday, f"{now:%Y%m%d%H%M}", now)
        after = {"monday": monday.isoformat(), "told": told}
        record_change("review.send", team, by=by, now=now, team_id=team.pk, after=after)
    return told


def send_weekly_reviews(*, now: datetime) -> int:
    """Queue the reviews that are due, each of the week before; returns how many."""
    due = WeeklyReview.objects.filter(next_send_at__lte=now)
    pks = list(due.values_list("pk", flat=True))
    return sweep_each(pks, lambda pk: _send_due(pk, now), what="weekly review")


def _send_due(pk: int, now: datetime) -> int:
    review = WeeklyReview.objects.select_related("team", "channel").get(pk=pk)
    zone = ZoneInfo(review.team.time_zone)
    again = next_send(now, zone, weekday=review.weekday, at=review.send_time)
    with transaction.atomic():
        won = WeeklyReview.objects.filter(
            pk=pk, next_send_at=review.next_send_at
        ).update(next_send_at=again)
        if won:
            _send(review, monday_of(now, zone) - _WEEK, "due", now)
    return won


def _send(review: WeeklyReview, monday: date, key: str, now: datetime) -> int:
    team = review.team
    facts = read_week(team, monday, now=now)
    path = reverse("weekly_review", args=[team.slug, monday.isoformat()])
    topic = f"review:{team.pk}:{monday.isoformat()}"
    managers = User.objects.filter(
        memberships__team=team, memberships__role=Role.MANAGER, is_active=True
    ).order_by("pk")
    targets: list[tuple[User | None, Channel | None]] = []
    if review.to_managers:
        targets += [(person, None) for person in managers]
    if review.channel is not None:
        targets.append((None, review.channel))
    for person, channel in targets:
        notifications.enqueue(
            team_id=team.pk,
            topic=topic,
            dedupe_key=f"{topic}:{key}",
            recipient=person,
            channel=channel,
            subject=f"Week of {team.name}, from {monday:%d %B %Y}",
            text=f"{say_in_short(facts)} The whole review is behind the link.",
            url=f"{settings.SITE_URL}{path}",
            now=now,
        )
    return len(targets)


def _read_capacity(team: Team, now: datetime) -> tuple[FullSoon, ...]:
    found = [
        FullSoon(service.name, row.check.name, row.reach.expected, row.reach.earliest)
        for service in Service.objects.filter(team=team)
        for row in plan_capacity(service.pk, now=now)
        if row.reach and row.reach.expected <= AHEAD_DAYS
    ]
    return tuple(sorted(found, key=lambda each: each.days))
