"""Forgetting what nobody asks for any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet

from checklists.models import (
    Attachment,
    CheckDay,
    CheckResult,
    HeartbeatPing,
    Run,
    RunEvent,
)
from opsportal.kit.append_only import lifted
from opsportal.kit.retention import Expiring

DELETE_BATCH = 2_000
# So that one sweep ends in time; the next one goes on.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is forgotten after ``age``; ``find`` says of what.

    ``setting`` is the variable of the environment that says ``age``; ``forget`` lets
    the rows of one batch go.
    """

    words: str
    setting: str
    age: timedelta
    find: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[QuerySet[Any]], None]
    # How many rows of others go with one of these.
    weight: int = 1


def kept_kinds() -> tuple[Kept, ...]:
    """Return what is kept for how long, by the settings."""
    return (
        Kept(
            "single results",
            "OPSPORTAL_KEEP_RESULTS_HOURS",
            settings.KEEP_RESULTS,
            _find_results,
            _delete,
        ),
        Kept(
            "days of five-minute steps",
            "OPSPORTAL_KEEP_FIVE_MINUTES_DAYS",
            settings.KEEP_FIVE_MINUTES,
            _find_fives,
            _empty_fives,
        ),
        Kept(
            "days of hours",
            "OPSPORTAL_KEEP_HOURS_DAYS",
            settings.KEEP_HOURS,
            _find_days,
            _delete,
        ),
        Kept(
            "reports of jobs",
            "OPSPORTAL_KEEP_PINGS_DAYS",
            settings.KEEP_PINGS,
            _find_pings,
            _delete,
        ),
        Kept(
            "closed runs",
            "OPSPORTAL_KEEP_RUNS_DAYS",
            settings.KEEP_RUNS,
            _find_runs,
            _delete_runs,
            weight=20,
        ),
    )


def purge_results(*, now: datetime) -> int:
    """Forget what is past its time; returns how many rows that was.

    Single results go when they are summed up as well, steps of five minutes after
    30 days, hours after two years, reports of jobs after 90 days, closed runs with
    their items, story and files after two years, each by its own setting. What ticked
    an item is kept in the item as text. Works in batches, each a transaction of its
    own, so that nobody waits for it.
    """
    return sum(_purge(kind, now) for kind in kept_kinds())


def preview_purge(now: datetime) -> list[Expiring]:
    """Say what a purge would forget now, kind by kind."""
    expiring = []
    for kind in kept_kinds():
        before = now - kind.age
        count = kind.find(before).count()
        expiring.append(Expiring(kind.words, kind.setting, kind.age, before, count))
    return expiring


def _purge(kind: Kept, now: datetime) -> int:
    found = kind.find(now - kind.age)
    handled = 0
    while handled < MOST_ROWS:
        keys = list(
            found.values_list("pk", flat=True)[: max(DELETE_BATCH // kind.weight, 1)]
        )
        if not keys:
            break
        kind.forget(found.model._default_manager.filter(pk__in=keys))
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


def _find_runs(before: datetime) -> QuerySet[Run]:
    # By both moments: what was completed late is told of in the period it was due in.
    return Run.objects.filter(
        state=Run.State.CLOSED, closed_at__lt=before, due_at__lt=before
    )


def _delete(rows: QuerySet[Any]) -> None:
    rows.delete()


def _empty_fives(rows: QuerySet[CheckDay]) -> None:
    rows.update(fives=None)


def _delete_runs(runs: QuerySet[Run]) -> None:
    """Delete runs with all that hangs on them, then the files that nobody names."""
    files = Attachment.objects.filter(run_item__run__in=runs)
    paths = set(files.values_list("file", flat=True))
    with lifted(), transaction.atomic():
        files.delete()
        RunEvent.objects.filter(run__in=runs).delete()
        runs.delete()
    # The same file may hang on a younger run.
    named = Attachment.objects.filter(file__in=paths).values_list("file", flat=True)
    for path in paths - set(named):
        default_storage.delete(path)
