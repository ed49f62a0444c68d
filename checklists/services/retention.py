"""Forgetting what nobody asks for any more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from checklists.models import CheckResult, HeartbeatPing
from checklists.queries.history import RAW_KEPT

HOURLY_KEPT = timedelta(days=30)
PINGS_KEPT = timedelta(days=90)
# So far back thinning looks: a portal that was down for less catches up, and
# what it finds no more goes with HOURLY_KEPT.
LOOK_BACK = timedelta(days=7)
DELETE_BATCH = 2_000
# So that one sweep ends in time; the next one goes on.
MOST_RESULTS = 200_000


def purge_results(*, now: datetime) -> int:
    """Delete results and pings that are past their time; returns how many.

    All results of the last 48 hours stay. Of older ones the first of each hour
    stays for 30 days, so that conditions still know a baseline of four weeks.
    Heartbeat pings stay for 90 days. What ticked an item is kept in the item as
    text. Deletes in batches, each a transaction of its own.
    """
    expired = CheckResult.objects.filter(observed_at__lt=now - HOURLY_KEPT)
    results = list(expired.values_list("pk", flat=True)[:MOST_RESULTS])
    results += _find_surplus(now)
    pings = HeartbeatPing.objects.filter(at__lt=now - PINGS_KEPT)
    old_pings = list(pings.values_list("pk", flat=True)[:MOST_RESULTS])
    for keys in _batches(results):
        CheckResult.objects.filter(pk__in=keys).delete()
    for keys in _batches(old_pings):
        HeartbeatPing.objects.filter(pk__in=keys).delete()
    return len(results) + len(old_pings)


def _find_surplus(now: datetime) -> list[int]:
    """Return results beyond 48 hours that are not the first of their hour."""
    until = now - RAW_KEPT
    rows = CheckResult.objects.filter(
        observed_at__gte=until - LOOK_BACK, observed_at__lt=until
    ).order_by("observed_at", "pk")
    hours_seen: set[tuple[int, datetime]] = set()
    surplus = []
    for pk, check_pk, at in rows.values_list(
        "pk", "check_ref_id", "observed_at"
    ).iterator(chunk_size=DELETE_BATCH):
        hour = (check_pk, at.replace(minute=0, second=0, microsecond=0))
        if hour in hours_seen:
            surplus.append(pk)
        hours_seen.add(hour)
        if len(surplus) == MOST_RESULTS:
            break
    return surplus


def _batches(keys: Sequence[int]) -> list[Sequence[int]]:
    return [
        keys[start : start + DELETE_BATCH]
        for start in range(0, len(keys), DELETE_BATCH)
    ]
