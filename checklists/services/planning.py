"""Capacity: what the checks of a service will have measured some day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from checklists.domain.growth import Growth, Reach, find_reach, fit_growth
from checklists.models import Check
from checklists.queries.capacity import measured_days
from checklists.services.check_rows import limits_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A check with its days, how it grows and when its next limit is reached."""

    check: Check
    days: list[tuple[datetime, float]]
    growth: Growth | None
    reach: Reach | None


def plan_capacity(service_pk: int, *, now: datetime) -> list[Planned]:
    """Return the checks of a service that measure something, the soonest first."""
    planned = []
    for each in measured_days(service_pk, now):
        # A day stands at its noon.
        points = [((at - now) / _DAY + 0.5, value) for at, value in each.days]
        growth = fit_growth(points)
        limits = limits_of(each.check, "value", each.check.unit)
        reach = None if growth is None else find_reach(growth, limits)
        planned.append(Planned(each.check, each.days, growth, reach))
    far = float("inf")
    return sorted(planned, key=lambda row: row.reach.expected if row.reach else far)
