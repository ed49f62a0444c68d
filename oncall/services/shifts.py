"""Keeping the record of who really was on call in step with the schedules."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from oncall.domain.rotation import users_at
from oncall.domain.schedule import OnCall, PersonId
from oncall.models import Schedule, ShiftRecord
from oncall.queries.loading import load_schedules

_Key = tuple[str, PersonId]


def record_shifts(*, now: datetime) -> int:
    """Open and close shift records so that the open ones are who is on call now.

    Returns the number of records opened or closed. Nothing changes when nothing
    changed, and running twice at once opens no record twice.
    """
    pks = Schedule.objects.filter(is_active=True).values_list("pk", flat=True)
    plans = load_schedules(pks, since=now)
    open_rows: dict[int, dict[_Key, ShiftRecord]] = defaultdict(dict)
    for row in ShiftRecord.objects.filter(ends_at=None):
        open_rows[row.schedule_id][row.role, row.user_id] = row
    handled = 0
    for pk in {*plans, *open_rows}:
        lines = users_at(plans[pk], now) if pk in plans else ()
        held = {(line.role, line.user): line for line in lines}
        handled += _step(pk, held, open_rows[pk], now)
    return handled


def _step(
    schedule_pk: int,
    held: dict[_Key, OnCall],
    recorded: dict[_Key, ShiftRecord],
    now: datetime,
) -> int:
    over = [row.pk for key, row in recorded.items() if key not in held]
    begun = [line for key, line in held.items() if key not in recorded]
    if not over and not begun:
        return 0
    with transaction.atomic():
        closed = ShiftRecord.objects.filter(pk__in=over, ends_at=None).update(
            ends_at=now
        )
        ShiftRecord.objects.bulk_create(
            [
                ShiftRecord(
                    schedule_id=schedule_pk,
                    role=line.role,
                    user_id=line.user,  # type: ignore[misc]  # ours are integers
                    starts_at=now,
                    cause=f"{line.source.kind}:{line.source.key}",
                )
                for line in begun
            ],
            # Another sweep may have opened it: the unique index decides.
            ignore_conflicts=True,
        )
    return closed + len(begun)
