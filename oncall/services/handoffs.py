"""Drafting handoffs ahead of their moment, and taking their steps."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from oncall.domain.changeover import Changeover, find_changeovers
from oncall.domain.handoff_steps import (
    AHEAD,
    LATE,
    Amendment,
    Begin,
    Draft,
    Follow,
    Progress,
    amend,
    next_look,
    next_step,
    take_step,
)
from oncall.models import Handoff, Schedule
from oncall.queries.loading import load_schedules
from oncall.services.handoff_news import tell_cancelled, tell_step
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each

# So that one sweep ends in time; what is left stays due.
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class _Act:
    schedule: Schedule
    rotation_id: int
    amendment: Amendment


def advance_handoffs(*, now: datetime) -> int:
    """Bring the drafts in line with the schedules, then take every step that is due.

    Safe to run many at once: a draft is unique by rotation and moment, and each
    change of one is a compare and swap in the transaction that queues its messages.
    Returns the number of drafts changed and steps taken.
    """
    acts = list(_find_acts(now))
    amended = sweep_each(
        range(len(acts)), lambda number: _apply(acts[number], now), what="draft"
    )
    due = Handoff.objects.filter(next_step_at__lte=now).order_by("next_step_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:MOST_STEPS])
    return amended + sweep_each(keys, partial(_advance, now=now), what="handoff")


def _find_acts(now: datetime) -> Iterator[_Act]:
    rows = {row.pk: row for row in Schedule.objects.filter(is_active=True)}
    plans = load_schedules(rows, since=now - LATE - AHEAD)
    kept = _read_drafts(now)
    for pk, plan in plans.items():
        changes = find_changeovers(plan, now - LATE, now + AHEAD)
        for rotation in plan.rotations:
            own = [change for change in changes if change.rotation == rotation.key]
            for amendment in amend(kept[rotation.key], own, now):
                yield _Act(rows[pk], rotation.key, amendment)  # type: ignore[arg-type]  # ours are integers


def _read_drafts(now: datetime) -> dict[Any, list[Draft]]:
    found: dict[Any, list[Draft]] = defaultdict(list)
    for row in Handoff.objects.filter(at__gt=now - LATE).order_by("at"):
        found[row.rotation_id].append(
            Draft(
                key=row.pk,
                at=row.at,
                outgoing=row.outgoing_id,
                incoming=row.incoming_id,
                created_at=row.created_at,
                is_cancelled=row.cancelled_at is not None,
                is_accepted=row.accepted_at is not None,
            )
        )
    return found


def _apply(act: _Act, now: datetime) -> int:
    amendment = act.amendment
    with transaction.atomic():
        touch_team(act.schedule.team_id)
        if isinstance(amendment, Begin):
            return _draft(act, amendment.change, now)
        if isinstance(amendment, Follow):
            return _change(amendment.key, amendment.change, now)
        return _cancel(amendment.key, now)


def _draft(act: _Act, change: Changeover, now: datetime) -> int:
    row = Handoff(
        schedule=act.schedule,
        rotation_id=act.rotation_id,
        created_at=now,
        **_columns(change, Progress(change.at, now), now),
    )
    # Another sweep may have drafted it: the unique key decides.
    Handoff.objects.bulk_create([row], ignore_conflicts=True)
    return 1


def _change(key: int, change: Changeover, now: datetime) -> int:
    """Move a draft, change its people, or take it up again; its notes stay."""
    row = Handoff.objects.get(pk=key)
    # Its steps begin again: who was told the same already is not told twice.
    fresh = Progress(change.at, row.created_at)
    return Handoff.objects.filter(
        pk=key, at=row.at, cancelled_at=row.cancelled_at, accepted_at=None
    ).update(
        cancelled_at=None,
        reminded_at=None,
        asked_at=None,
        escalated_at=None,
        **_columns(change, fresh, now),
    )


def _columns(change: Changeover, progress: Progress, now: datetime) -> dict[str, Any]:
    return {
        "at": change.at,
        "outgoing_id": change.outgoing,
        "incoming_id": change.incoming,
        "next_step_at": next_look(progress, now),
    }


def _cancel(key: int, now: datetime) -> int:
    won = Handoff.objects.filter(pk=key, cancelled_at=None, accepted_at=None).update(
        cancelled_at=now, next_step_at=None
    )
    if won:
        tell_cancelled(Handoff.objects.get(pk=key), now=now)
    return won


def _advance(key: int, now: datetime) -> int:
    with transaction.atomic():
        rows = Handoff.objects.select_related("schedule", "outgoing", "incoming")
        row = rows.get(pk=key)
        progress = progress_of(row)
        step, _ = next_step(progress, now)
        after = progress if step is None else take_step(progress, step, now)
        won = Handoff.objects.filter(
            pk=key, at=row.at, next_step_at=row.next_step_at, accepted_at=None
        ).update(
            reminded_at=after.reminded_at,
            asked_at=after.asked_at,
            escalated_at=after.escalated_at,
            next_step_at=next_look(after, now),
        )
        if not won or step is None:
            return 0
        tell_step(row, step, now=now)
        touch_team(row.schedule.team_id)
    return 1


def progress_of(row: Handoff) -> Progress:
    """Return a row as the domain reads it."""
    return Progress(
        at=row.at,
        created_at=row.created_at,
        reminded_at=row.reminded_at,
        asked_at=row.asked_at,
        escalated_at=row.escalated_at,
        accepted_at=row.accepted_at,
        cancelled_at=row.cancelled_at,
    )
