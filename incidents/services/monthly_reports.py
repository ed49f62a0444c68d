"""Sending the operations report of a month to those who run the team."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from incidents.domain.monthly_report import month_to_send, say_in_short
from incidents.models import Incident
from incidents.queries.monthly import read_month_facts
from oncall.models import Notification, Role, Team, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.sweeps import sweep_each


def send_monthly_reports(*, now: datetime) -> int:
    """Queue last month's report of each team that has incidents, once.

    Returns how many teams it went to.
    """
    with_incidents = Team.objects.filter(
        pk__in=Incident.objects.values("team_id").distinct()
    )
    teams = {team.pk: team for team in with_incidents}
    return sweep_each(teams, lambda pk: _send_due(teams[pk], now), what="team")


def mail_report(team: Team, month: date, *, by: User, now: datetime) -> int:
    """Send the report of any month to the team's managers; returns to how many."""
    with transaction.atomic():
        told = _send(team, month, f"{now:%Y%m%d%H%M}", now=now)
        after = {"month": f"{month:%Y-%m}", "told": told}
        record_change("report.mail", team, by=by, now=now, team_id=team.pk, after=after)
    return told


def _send_due(team: Team, now: datetime) -> int:
    month = month_to_send(now, ZoneInfo(team.time_zone))
    topic = _topic(team, month)
    if Notification.objects.filter(topic=topic).exists():
        return 0
    with transaction.atomic():
        return int(_send(team, month, "due", now=now) > 0)


def _send(team: Team, month: date, key: str, *, now: datetime) -> int:
    people = User.objects.filter(
        memberships__team=team, memberships__role=Role.MANAGER, is_active=True
    ).order_by("pk")
    words = say_in_short(read_month_facts(team, month, now=now))
    path = reverse("monthly_report", args=[team.slug, f"{month:%Y-%m}"])
    for person in people:
        notifications.enqueue(
            team_id=team.pk,
            topic=_topic(team, month),
            dedupe_key=f"{_topic(team, month)}:{key}",
            recipient=person,
            subject=f"Operations of {team.name}, {month:%B %Y}",
            text=f"{words} The whole report, also as PDF, is behind the link.",
            url=f"{settings.SITE_URL}{path}",
            now=now,
        )
    return len(people)


def _topic(team: Team, month: date) -> str:
    return f"report:{team.pk}:{month:%Y-%m}"
