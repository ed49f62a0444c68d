"""What a check saw long ago: rollups, and single results since the last of them."""

from datetime import UTC, date, datetime, time, timedelta

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


def unpack(on: date, hours: bytes, fives: bytes | None = None) -> list[Bucket]:
    """Return the steps of a UTC day, five minutes where they are given."""
    day = datetime.combine(on, time(), UTC)
    if fives is None:
        return unpack_day(bytes(hours), day, HOUR)
    return unpack_day(bytes(fives), day, FIVE_MINUTES)
