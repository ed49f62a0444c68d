"""What the checks of a service measured day by day, for planning its capacity."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from checklists.domain.rollup import merge
from checklists.models import Check, CheckDay
from checklists.queries.check_past import unpack

DAYS = 90
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """A check with the mean value of each whole UTC day, oldest first."""

    check: Check
    days: list[tuple[datetime, float]]


def measured_days(service_pk: int, now: datetime) -> list[Measured]:
    """Return the checks of a service that measure something; three queries.

    Today is left out: half a day is no day. Each check has its service with
    severities loaded.
    """
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    checks = (
        Check.objects.filter(service=service_pk, is_enabled=True)
        .exclude(last_value=None)
        .select_related("service")
        .prefetch_related("service__severities")
        .order_by("name", "pk")
    )
    found = {check.pk: Measured(check, []) for check in checks}
    rows = CheckDay.objects.filter(
        check_ref__in=found, on__gte=(today - DAYS * _DAY).date(), on__lt=today.date()
    ).order_by("on")
    for pk, on, hours in rows.values_list("check_ref_id", "on", "hours"):
        for day in merge(unpack(on, hours), _DAY):
            if day.value is not None:
                found[pk].days.append((day.starts_at, day.value.mean))
    return list(found.values())
