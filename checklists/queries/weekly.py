"""What happened in a week of a team, for its review."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from checklists.domain.compliance import Compliance, count_standings
from checklists.domain.run_calendar import make_calendar, read_standings
from checklists.domain.weekly_review import (
    Certificate,
    DutyWeek,
    NoisyAlert,
    OpenAction,
    ServiceWeek,
)
from checklists.models import Check, WeeklyReview
from checklists.queries.past import Narrowing, list_pasts
from checklists.queries.service_health import service_cards
from incidents.domain.action_item import OPEN
from incidents.models import ActionItem, Alert, Incident
from oncall.models import Channel, Schedule, Team
from oncall.queries.load import report_load

MOST_ALERTS = 15
_WEEK = 7
_SECOND = timedelta(seconds=1)


def read_runs(team: Team, until: datetime) -> tuple[tuple[str, Compliance], ...]:
    """Return how each checklist went that had a run due in the week before ``until``."""
    zone = ZoneInfo(team.time_zone)
    calendar = make_calendar(until - _SECOND, zone, _WEEK)
    pasts = list_pasts({team.time_zone: calendar}, Narrowing(team_ids=[team.pk]))
    return tuple(
        (each.name, count_standings(read_standings(each.codes)))
        for each in pasts
        if each.codes
    )


def read_services(
    team: Team, since: datetime, until: datetime, now: datetime
) -> tuple[ServiceWeek, ...]:
    """Return the uptime of each service by its checks, and its real incidents."""
    first_on = since.astimezone(ZoneInfo(team.time_zone)).date()
    counted = _find_incidents(team, since, until).values_list("services")
    counts = dict(counted.annotate(count=Count("pk")))
    found = []
    for card in service_cards([team.pk], min(until - _SECOND, now)):
        days = [day for day in card.days if day.on >= first_on]
        down = sum((day.down for day in days), timedelta())
        watched = sum((day.watched for day in days), timedelta())
        found.append(ServiceWeek(card.name, down, watched, counts.get(card.pk, 0)))
    return tuple(found)


def read_incidents(
    team: Team, since: datetime, until: datetime
) -> tuple[tuple[str, str], ...]:
    """Return number and title of the real incidents that were declared."""
    rows = _find_incidents(team, since, until).order_by("declared_at", "pk")
    return tuple(rows.values_list("ref", "title"))


def read_alerts(team: Team, since: datetime, until: datetime) -> tuple[NoisyAlert, ...]:
    """Return the alerts that came most often, each with how often it was of use."""
    rows = (
        Alert.objects.filter(
            service__team=team, starts_at__gte=since, starts_at__lt=until
        )
        .order_by()
        .values_list("service__name", "summary")
        .annotate(count=Count("pk"), useful=Count("pk", filter=~Q(incident=None)))
        .order_by("-count", "service__name", "summary")
    )
    return tuple(NoisyAlert(*row) for row in rows[:MOST_ALERTS])


def read_duty(
    team: Team, since: datetime, until: datetime, now: datetime
) -> tuple[DutyWeek, ...]:
    """Return who carried how much on each schedule of the team."""
    schedules = Schedule.objects.filter(team=team).select_related("team")
    return tuple(
        DutyWeek(schedule.name, row.name, row.hours, row.pages)
        for schedule in schedules.order_by("name", "pk")
        for row in report_load(schedule, since, min(until, now), now=now).rows
    )


def read_actions(team: Team) -> tuple[OpenAction, ...]:
    """Return the action items that are not done, the first due first."""
    rows = ActionItem.objects.filter(incident__team=team, state__in=OPEN)
    listed = rows.select_related("incident", "owner").order_by(
        F("due_on").asc(nulls_last=True), "pk"
    )
    return tuple(
        OpenAction(
            each.title,
            each.incident.ref,
            each.owner.display_name if each.owner else "",
            each.due_on,
        )
        for each in listed
    )


def read_certificates(team: Team) -> tuple[Certificate, ...]:
    """Return the certificates that checks see, the one that ends first on top."""
    rows = Check.objects.filter(
        service__team=team, kind="tls", is_enabled=True, last_value__isnull=False
    ).order_by("last_value", "pk")
    named = rows.values_list("service__name", "name", "last_value")
    return tuple(Certificate(service, name, days or 0) for service, name, days in named)


def find_review(team: Team) -> WeeklyReview | None:
    """Return when the team's review is sent, and to whom; None before that was said."""
    rows = WeeklyReview.objects.filter(team=team)
    return rows.select_related("team", "channel").first()


def find_channel(team: Team, pk: int) -> Channel | None:
    """Return a channel that the team's review can be sent to."""
    return Channel.objects.filter(team=team, is_enabled=True, pk=pk).first()


def _find_incidents(team: Team, since: datetime, until: datetime) -> QuerySet[Incident]:
    return Incident.objects.filter(
        team=team,
        kind=Incident.Kind.REAL,
        declared_at__gte=since,
        declared_at__lt=until,
    ).exclude(status__in=(Incident.Status.CANCELLED, Incident.Status.MERGED))
