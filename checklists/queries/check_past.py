"""What a check saw long ago: rollups, and single results since the last of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from django.db.models import Q

from checklists.domain.observation import Outcome
from checklists.domain.packing import unpack_day
from checklists.domain.rollup import (
    FIVE_MINUTES,
    HOUR,
    Bucket,
    Look,
    merge,
    roll_up,
    start_of_step,
)
from checklists.models import Check, CheckDay, CheckResult
from incidents.models import Incident, MaintenanceWindow


def read_looks(check_pk: int, start: datetime, end: datetime) -> list[Look]:
    """Return the single results whose slots lie in [start, end), in order."""
    rows = CheckResult.objects.filter(
        check_ref=check_pk, scheduled_for__gte=start, scheduled_for__lt=end
    ).order_by("scheduled_for")
    return [
        Look(at.astimezone(UTC), Outcome(outcome), value, latency, is_quiet)
        for at, outcome, value, latency, is_quiet in rows.values_list(
            "scheduled_for", "outcome", "value", "latency_ms", "in_maintenance"
        )
    ]


def read_buckets(
    check_pk: int, start: datetime, end: datetime, step: timedelta
) -> list[Bucket]:
    """Return what a check saw in steps that begin in [start, end); three queries.

    ``step`` is five minutes, an hour, or whole hours. Where five minutes are not
    kept any more, hours stand for them.
    """
    first = start_of_step(start, step)
    rolled = Check.objects.filter(pk=check_pk).values_list("rolled_until", flat=True)
    until = rolled.first()
    found = [] if until is None else _read_days(check_pk, first, until, step)
    raw = read_looks(check_pk, max(first, until) if until else first, end)
    found += roll_up(raw, FIVE_MINUTES if step < HOUR else HOUR)
    inside = (bucket for bucket in found if first <= bucket.starts_at < end)
    return merge(inside, step)


def _read_days(
    check_pk: int, start: datetime, end: datetime, step: timedelta
) -> list[Bucket]:
    days = CheckDay.objects.filter(
        check_ref=check_pk, on__gte=start.date(), on__lte=end.date()
    ).order_by("on")
    columns = ("on", "hours", *(["fives"] if step < HOUR else []))
    return [
        bucket
        for on, *packed in days.values_list(*columns)
        for bucket in unpack(on, *packed)
    ]


def unpack(
    on: date, hours: bytes | memoryview, fives: bytes | memoryview | None = None
) -> list[Bucket]:
    """Return the steps of a UTC day, five minutes where they are given."""
    day = datetime.combine(on, time(), UTC)
    if fives is None:
        return unpack_day(bytes(hours), day, HOUR)
    return unpack_day(bytes(fives), day, FIVE_MINUTES)


class Trouble(NamedTuple):
    """An incident or planned work of a service, as charts shade it."""

    kind: Literal["incident", "planned"]
    starts_at: datetime
    ends_at: datetime
    words: str


def troubles_of(service_pk: int, start: datetime, end: datetime) -> list[Trouble]:
    """Return what was the matter with a service in [start, end); two queries."""
    incidents = Incident.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gt=start),
        services=service_pk,
        kind=Incident.Kind.REAL,
        started_at__lt=end,
    ).exclude(status__in=(Incident.Status.CANCELLED, Incident.Status.MERGED))
    windows = MaintenanceWindow.objects.filter(
        service=service_pk, starts_at__lt=end, ends_at__gt=start
    )
    return [
        *(
            Trouble("planned", begins, ends, reason)
            for begins, ends, reason in windows.order_by("starts_at").values_list(
                "starts_at", "ends_at", "reason"
            )
        ),
        *(
            Trouble("incident", begins, ends or end, f"{ref} {title}")
            for ref, title, begins, ends in incidents.order_by(
                "started_at"
            ).values_list("ref", "title", "started_at", "resolved_at")
        ),
    ]
