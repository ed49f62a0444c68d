"""Reading what the report of a month says."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from incidents.domain import slo as domain
from incidents.domain.action_item import OPEN
from incidents.domain.monthly_report import Kept, MonthFacts, bounds_of
from incidents.models import ActionItem, Postmortem
from incidents.queries.metrics import Scope
from incidents.queries.reports import build_report
from incidents.queries.slos import list_slos, read_bad
from oncall.models import Team


def read_month_facts(team: Team, month: date, *, now: datetime) -> MonthFacts:
    """Return what the month came to, on the team's clock; a constant number of queries."""
    zone = ZoneInfo(team.time_zone)
    since, until = bounds_of(month, zone)
    report = build_report(Scope(team_ids=(team.pk,), since=since, until=until), zone)
    actions = ActionItem.objects.filter(incident__team=team)
    within = Q(created_at__gte=since, created_at__lt=until)
    done = Q(completed_at__gte=since, completed_at__lt=until)
    today = now.astimezone(zone).date()
    owed = Postmortem.objects.filter(
        incident__team=team,
        state__in=["draft", "in_review"],
        waived_at=None,
        due_at__isnull=False,
    )
    return MonthFacts(
        team=team.name,
        month=month,
        stories=tuple(report.stories),
        measures=tuple((each.title, each.whole) for each in report.measures),
        levels=tuple(report.levels.items()),
        people=tuple((each.name, each.worked, each.pages) for each in report.people),
        pages=tuple(zip(report.weeks, report.pages, strict=True)),
        objectives=_read_objectives(team, since, min(until, now)),
        actions_written=actions.filter(within).count(),
        actions_done=actions.filter(done).count(),
        actions_overdue=actions.filter(state__in=OPEN, due_on__lt=today).count(),
        postmortems_owed=owed.count(),
    )


def _read_objectives(team: Team, since: datetime, end: datetime) -> tuple[Kept, ...]:
    """Return how the team's objectives went, as far as the month is over."""
    slos = [
        each
        for each in list_slos([team.pk])
        if each.is_enabled and each.created_at < end
    ]
    bad = read_bad(slos, since, end)
    start_s, end_s = domain.to_seconds(since), domain.to_seconds(end)
    return tuple(
        Kept(
            name=f"{each.service.name}: {each.name}",
            target=each.target,
            bad_s=domain.measure(bad[each.pk], start_s, end_s),
            length_s=max(end_s - start_s, 1),
        )
        for each in slos
    )
