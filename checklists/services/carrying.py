"""Letting new runs take over what the one before them left undone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from checklists.domain.carrying import (
    Before,
    Carried,
    CarryOver,
    Left,
    foreign_items,
    group_by_origin,
    is_unfinished,
    plan_carrying,
)
from checklists.domain.run_state import RunMark, RunOutcome
from checklists.models import Cadence, ChecklistItem, ChecklistVersion, Run, RunItem
from checklists.services.events import NewEvent, append_events

_AD_HOC = "adhoc-"


def carry_over(
    cadence: Cadence, runs: Sequence[Run], version: ChecklistVersion, *, now: datetime
) -> None:
    """Link new runs of a cadence to the unfinished one before each, as it asks.

    Call it inside the transaction that created them, in order of opening. Where open
    items are taken along, those that a run has anyway are marked with the run that
    first left them open, and the others come as they were.
    """
    policy = CarryOver(cadence.carry_over)
    if policy is CarryOver.NONE or not runs:
        return
    own = dict(version.items.values_list("key", "pk"))
    before = _run_before(cadence, runs)
    plans = plan_carrying(before, [run.pk for run in runs], own, policy=policy)
    by_pk = {run.pk: run for run in runs}
    for plan in plans:
        by_pk[plan.run].carried_from_id = plan.origin
    Run.objects.bulk_update(runs, ["carried_from"])
    for plan in plans:
        run = by_pk[plan.run]
        # Whatever closed while the portal was down is nobody's to work on; the last
        # one is what the next run looks at.
        if run.state != Run.State.CLOSED or run is runs[-1]:
            _take(run, plan, own, now)


def _run_before(cadence: Cadence, runs: Sequence[Run]) -> Before | None:
    earlier = (
        Run.objects.filter(cadence=cadence, opens_at__lte=runs[0].opens_at)
        .exclude(pk__in=[run.pk for run in runs])
        .exclude(period_key__startswith=_AD_HOC)
        .exclude(outcome=Run.Outcome.VOID)
    )
    run = earlier.order_by("-opens_at", "-period_start_on", "-pk").first()
    if run is None:
        return None
    outcome = RunOutcome(run.outcome) if run.outcome else None
    is_left = is_unfinished(RunMark(run.state), outcome)
    return Before(run.pk, is_left, _left_by(run) if is_left else {})


def _left_by(run: Run) -> dict[UUID, Left]:
    # What was not asked for is not left undone.
    rows = RunItem.objects.filter(run=run, state=RunItem.State.OPEN, is_hidden=False)
    return {
        key: Left(item, since or run.pk)
        for key, item, since in rows.order_by("item__position", "pk").values_list(
            "item__key", "item_id", "carried_from_id"
        )
    }


def _take(run: Run, plan: Carried, own: dict[UUID, int], now: datetime) -> None:
    for since, keys in group_by_origin(plan.items).items():
        marked = RunItem.objects.filter(run=run, item__key__in=keys)
        marked.update(carried_from=since)
    others = foreign_items(plan.items, own)
    RunItem.objects.bulk_create(
        RunItem(run=run, item_id=each.item, carried_from_id=each.since)
        for each in others
    )
    texts = ChecklistItem.objects.in_bulk([each.item for each in plan.items.values()])
    told = {
        "from": Run.objects.values_list("period_key", flat=True).get(pk=plan.origin),
        "items": [texts[each.item].text for each in plan.items.values()],
    }
    append_events(run, [NewEvent(verb="carried", after=told)], now=now)
