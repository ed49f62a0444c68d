"""The sweep that sums up what checks saw before single results are forgotten."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from checklists.domain.packing import pack_day, unpack_day
from checklists.domain.rollup import (
    FIVE_MINUTES,
    HOUR,
    Bucket,
    Look,
    roll_up,
    start_of_step,
)
from checklists.models import Check, CheckDay, CheckResult
from checklists.queries.check_past import read_looks
from oncall.services.sweeps import sweep_each

# An hour is summed up when so much has passed since its end: its last looks are
# recorded by then.
SETTLED = timedelta(minutes=10)
_DAY = timedelta(days=1)


def roll_up_results(*, now: datetime) -> int:
    """Sum up each whole hour of each check, once; returns how many checks moved on.

    A check goes on from ``rolled_until``, a UTC day in one transaction. Doing an
    hour again gives the same, as long as its single results are there; those are
    only forgotten after this (see retention).
    """
    closed = start_of_step(now - SETTLED, HOUR)
    due = Check.objects.filter(Q(rolled_until=None) | Q(rolled_until__lt=closed))
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    return sweep_each(keys, lambda pk: _roll_check(pk, closed), what="check")


def _roll_check(check_pk: int, closed: datetime) -> int:
    while True:
        with transaction.atomic():
            until = _roll_some(check_pk, closed)
        if until is None or until == closed:
            return int(until is not None)


def _roll_some(check_pk: int, closed: datetime) -> datetime | None:
    """Sum up to the end of one day; returns how far, None when another sweep was."""
    check = Check.objects.filter(pk=check_pk)
    since = check.values_list("rolled_until", flat=True).get()
    if since is not None and since >= closed:
        return None
    start = _first_hour(check_pk, since, closed)
    day = start.replace(hour=0)
    end = min(closed, day + _DAY)
    if not check.filter(rolled_until=since).update(rolled_until=end):
        return None
    looks = read_looks(check_pk, start, end)
    if looks:
        _write_day(check_pk, day, start, looks)
    return end


def _first_hour(check_pk: int, since: datetime | None, closed: datetime) -> datetime:
    """Return the first hour with something to sum up; ``closed`` when there is none."""
    slots = CheckResult.objects.filter(check_ref=check_pk, scheduled_for__lt=closed)
    if since is not None:
        slots = slots.filter(scheduled_for__gte=since)
    first = slots.order_by("scheduled_for").values_list("scheduled_for", flat=True)
    found = first.first()
    return closed if found is None else start_of_step(found.astimezone(UTC), HOUR)


def _write_day(
    check_pk: int, day: datetime, start: datetime, looks: list[Look]
) -> None:
    row = CheckDay.objects.filter(check_ref=check_pk, on=day.date()).first()
    row = row or CheckDay(check_ref_id=check_pk, on=day.date())
    hours, fives = roll_up(looks, HOUR), roll_up(looks, FIVE_MINUTES)
    row.hours = pack_day(_join(row.hours, day, HOUR, start, hours), day, HOUR)
    row.fives = pack_day(
        _join(row.fives or b"", day, FIVE_MINUTES, start, fives),
        day,
        FIVE_MINUTES,
        width=4,
    )
    row.save()


def _join(
    raw: bytes | memoryview,
    day: datetime,
    step: timedelta,
    start: datetime,
    new: list[Bucket],
) -> list[Bucket]:
    """Return what was before ``start``, and what is new."""
    kept = [b for b in unpack_day(bytes(raw), day, step) if b.starts_at < start]
    return kept + new
