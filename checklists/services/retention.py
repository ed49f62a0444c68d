"""Forgetting what nobody asks for any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from checklists.models import CheckDay, CheckResult, HeartbeatPing

DELETE_BATCH = 2_000
# So that one sweep ends in time; the next one goes on.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is forgotten after ``age``; ``find`` says of what."""

    words: str
    age: timedelta
    find: Callable[[datetime], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many of a kind would go now: all from before a moment."""

    words: str
    age: timedelta
    before: datetime
    count: int


def kept_kinds() -> tuple[Kept, ...]:
    """Return what is kept for how long, by the settings."""
    return (
        Kept("single results", settings.KEEP_RESULTS, _find_results),
        Kept("days of five-minute steps", settings.KEEP_FIVE_MINUTES, _find_fives),
        Kept("days of hours", settings.KEEP_HOURS, _find_days),
        Kept("reports of jobs", settings.KEEP_PINGS, _find_pings),
    )


def purge_results(*, now: datetime) -> int:
    """Forget what is past its time; returns how many rows that was.

    Single results go when they are summed up as well, steps of five minutes after
    30 days, hours after two years, reports of jobs after 90 days, each by its own
    setting. What ticked an item is kept in the item as text. Works in batches,
    each a transaction of its own, so that nobody waits for it.
    """
    return sum(_purge(kind, now) for kind in kept_kinds())


def preview_purge(now: datetime) -> list[Expiring]:
    """Say what a purge would forget now, kind by kind."""
    expiring = []
    for kind in kept_kinds():
        before = now - kind.age
        count = kind.find(before).count()
        expiring.append(Expiring(kind.words, kind.age, before, count))
    return expiring


def _purge(kind: Kept, now: datetime) -> int:
    found = kind.find(now - kind.age)
    handled = 0
    while handled < MOST_ROWS:
        keys = list(found.values_list("pk", flat=True)[:DELETE_BATCH])
        if not keys:
            break
        batch = found.model._default_manager.filter(pk__in=keys)
        if kind.find is _find_fives:
            batch.update(fives=None)
        else:
            batch.delete()
        handled += len(keys)
    return handled


def _find_results(before: datetime) -> QuerySet[CheckResult]:
    # Whatever happens to the sweep that sums up, nothing goes before it came by.
    return CheckResult.objects.filter(
        observed_at__lt=before, scheduled_for__lt=F("check_ref__rolled_until")
    )


def _find_fives(before: datetime) -> QuerySet[CheckDay]:
    return CheckDay.objects.filter(on__lt=before.date(), fives__isnull=False)


def _find_days(before: datetime) -> QuerySet[CheckDay]:
    return CheckDay.objects.filter(on__lt=before.date())


def _find_pings(before: datetime) -> QuerySet[HeartbeatPing]:
    return HeartbeatPing.objects.filter(at__lt=before)
