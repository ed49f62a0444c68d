"""Reading planned work that comes back."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from incidents.domain.recurrence import (
    Occurrence,
    Recurrence,
    next_occurrences,
    say_recurrence,
)
from incidents.models import RecurringWindow

MOST_SHOWN = 5


class RecurringRow(NamedTuple):
    """A rule in a list, with when it comes next."""

    pk: int
    team_id: int
    service_name: str
    service_slug: str
    reason: str
    rule: str
    upcoming: list[Occurrence]


def as_domain(row: RecurringWindow) -> Recurrence:
    """Return a row as the domain knows it."""
    return Recurrence(
        frequency="weekly" if row.frequency == "weekly" else "monthly",
        every=row.every,
        weekdays=tuple(row.weekdays),
        month_day=row.month_day,
        nth=row.nth,
        starts=row.starts,
        length=row.length,
        zone=row.time_zone,
        first_on=row.first_on,
        last_on=row.last_on,
    )


def list_recurring(team_ids: Collection[int], now: datetime) -> list[RecurringRow]:
    """Return what comes back on the services of the teams."""
    rows = RecurringWindow.objects.filter(service__team__in=team_ids)
    return [
        RecurringRow(
            pk=row.pk,
            team_id=row.service.team_id,
            service_name=row.service.name,
            service_slug=row.service.slug,
            reason=row.reason,
            rule=say_recurrence(as_domain(row)),
            upcoming=next_occurrences(as_domain(row), now, MOST_SHOWN),
        )
        for row in rows.select_related("service").order_by("service__name", "pk")
    ]


def get_recurring(team_ids: Collection[int], pk: int) -> RecurringWindow | None:
    """Return one rule, None when it is not theirs."""
    rows = RecurringWindow.objects.select_related("service")
    return rows.filter(service__team__in=team_ids, pk=pk).first()
