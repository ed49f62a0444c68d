"""A run as rows and as the domain sees it: read under lock, written back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from checklists.domain import item_state as items_domain
from checklists.domain import run_state
from checklists.domain.cadence import TICK
from checklists.domain.evidence import Witness, combine
from checklists.domain.item_state import Bounds, Item, ItemSpec, ItemState, Mode
from checklists.domain.reconcile import Evidence, read_evidence
from checklists.domain.run_moment import Moment
from checklists.domain.run_state import RunOutcome, RunState, RunTimes, Signoff
from checklists.domain.show_if import Condition, condition_of
from checklists.domain.state_json import state_from_json
from checklists.models import Check, ChecklistItem, CheckResult, Run, RunItem
from checklists.services.events import NewEvent, append_events
from checklists.services.run_hooks import tell_webhooks
from checklists.services.timetables import is_floating, plan_next
from oncall.models import User
from oncall.services.pulse import touch_runs

_MODES = {
    ChecklistItem.Mode.MANUAL: Mode.MANUAL,
    ChecklistItem.Mode.ASSISTED: Mode.ASSISTED,
    ChecklistItem.Mode.AUTO: Mode.AUTO,
}


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """Rows and domain of one run, locked by the caller's transaction.

    Keys of items are the primary keys of their rows, as text.
    """

    row: Run
    rows: Mapping[str, RunItem]
    state: run_state.Run
    evidence: Mapping[str, Evidence]


def lock_run(run_pk: int) -> LoadedRun:
    """Read a run for a change; call it inside a transaction."""
    return _lock(pk=run_pk)


def lock_run_of(item_pk: int) -> LoadedRun:
    """Read the run of an item as lock_run does."""
    return _lock(items=item_pk)


def _lock(**which: int) -> LoadedRun:
    row = (
        Run.objects.select_for_update(of=("self",))
        .select_related("cadence", "checklist")
        .get(**which)
    )
    rows = list(
        row.items.select_related("item__show_if_check")
        .prefetch_related("item__checks__depends_on")
        .order_by("item__position")
    )
    witnesses = {str(item.pk): witness_of(item) for item in rows}
    items = tuple(
        _read_item(item, witnesses[str(item.pk)], condition)
        for item, condition in zip(rows, _conditions(rows), strict=True)
    )
    return LoadedRun(
        row=row,
        rows={str(item.pk): item for item in rows},
        state=run_state.Run(_read_run(row), items),
        evidence={key: w.evidence for key, w in witnesses.items() if w is not None},
    )


def witness_of(item: RunItem) -> Witness | None:
    """Return what the checks of an item say together; None without checks."""
    witnesses = [_witness(check) for check in item.item.checks.all()]
    return combine(witnesses) if witnesses else None


def _witness(check: Check) -> Witness:
    state, _ = state_from_json(check.state)
    parents = check.depends_on.all()
    is_idle = check.last_value == 0 and bool(check.spec.get("auto_when_zero"))
    evidence = read_evidence(
        state,
        parents_ok=all(parent.status != Check.Status.FAIL for parent in parents),
        nothing_to_do=is_idle,
    )
    return Witness(evidence, check.freshness)


def _read_run(row: Run) -> RunState:
    sign_off = row.cadence.sign_off if row.cadence else Signoff.NONE
    return RunState(
        times=RunTimes(row.opens_at, row.due_at, row.grace_until, row.closes_at),
        signoff=Signoff(sign_off),
        mark=run_state.RunMark(row.state),
        outcome=run_state.RunOutcome(row.outcome) if row.outcome else None,
        missed_at=row.missed_at,
        first_completed_at=row.first_completed_at,
        completed_by=_person(row.completed_by_id),
        signed_by=_person(row.signed_by_id),
        closed_at=row.closed_at,
        reason=row.reason,
    )


def _conditions(rows: Iterable[RunItem]) -> list[Condition | None]:
    """Say for each item, in order, when it is asked for."""
    keys: dict[str, str] = {}
    found = []
    for row in rows:
        said, check = row.item.show_if, row.item.show_if_check
        key = keys.get(said.get("item", ""))
        status = check.status if check else None
        found.append(condition_of(said, key=key, status=status))
        keys.setdefault(row.item.text, str(row.pk))
    return found


def _read_item(
    row: RunItem, witness: Witness | None, condition: Condition | None
) -> Item:
    freshness = witness.freshness if witness else ItemSpec().freshness
    return Item(
        str(row.pk),
        spec_of(row.item, freshness),
        read_item_state(row),
        condition,
        row.is_hidden,
    )


def spec_of(plan: ChecklistItem, freshness: timedelta) -> ItemSpec:
    """Return what a checklist says about an item; its checks say how fresh."""
    return ItemSpec(
        kind=items_domain.Kind(plan.kind),
        required=plan.is_required,
        critical=plan.is_critical,
        na_allowed=plan.allows_na,
        mode=_MODES[ChecklistItem.Mode(plan.mode)],
        freshness=freshness,
        lookback=freshness,
        bounds=Bounds(**plan.bounds),
        choices=tuple(plan.options),
    )


def read_item_state(row: RunItem) -> ItemState:
    """Return the state of an item's row."""
    return ItemState(
        mark=items_domain.ItemMark(row.state),
        source=items_domain.Source(row.source) if row.source else None,
        attention=items_domain.Attention(row.attention),
        hold=row.is_held,
        marked_by=_person(row.done_by_id),
        marked_at=row.done_at,
        evidence_at=row.evidence_at,
        value=row.value or None,
        note=row.note,
        reason=row.reason,
        failing_episode=row.failing_episode,
        episode=row.episode,
        overridden_by=_person(row.overridden_by_id),
    )


def save_run(
    loaded: LoadedRun,
    after: run_state.Run,
    *,
    verb: str,
    by: User | None,
    now: datetime,
    reason: str = "",
) -> list[RunItem]:
    """Write what changed, with one event for the run and each changed item.

    Returns the item rows whose state changed. Nothing changed writes nothing.
    """
    changed = _save_items(loaded, after.items)
    turned = _save_hidden(loaded, after.items)
    events = [
        NewEvent(
            verb=verb,
            item=row,
            by=by,
            before=_story(before),
            after=_story(read_item_state(row)),
            reason=reason,
        )
        for row, before in changed
    ]
    events += [
        NewEvent(verb="hidden" if row.is_hidden else "shown", item=row)
        for row in turned
    ]
    moved = _save_state(loaded.row, loaded.state.state, after.state, now)
    if moved:
        events.append(
            NewEvent(
                verb=verb if not changed else f"run_{after.state.mark.value}",
                by=by,
                before={"state": loaded.state.state.mark.value},
                after=moved,
                reason=reason,
            )
        )
    if events:
        append_events(loaded.row, events, now=now)
        touch_runs(loaded.row.team_id)
        _tell(loaded.row, loaded.state.state, after.state, now)
    return [row for row, _ in changed]


def _tell(row: Run, before: RunState, after: RunState, now: datetime) -> None:
    """Tell webhooks of what the run has become."""
    if after.missed_at and not before.missed_at:
        tell_webhooks(Moment.MISSED, [row], now=now)
    if after.outcome is RunOutcome.COMPLETED and before.outcome is None:
        tell_webhooks(Moment.COMPLETED, [row], now=now)


def _save_items(
    loaded: LoadedRun, items: Iterable[Item]
) -> list[tuple[RunItem, ItemState]]:
    changed = []
    for item in items:
        row = loaded.rows[item.key]
        before = loaded.state.find_item(item.key).state
        if item.state == before:
            continue
        _write_item(row, item.state)
        changed.append((row, before))
    return changed


def _save_hidden(loaded: LoadedRun, items: Iterable[Item]) -> list[RunItem]:
    """Hide and show; ``version`` stays, or whoever answers would be too late."""
    turned = []
    for item in items:
        row = loaded.rows[item.key]
        if item.is_hidden == row.is_hidden:
            continue
        row.is_hidden = item.is_hidden
        row.save(update_fields=["is_hidden"])
        turned.append(row)
    return turned


def _write_item(row: RunItem, state: ItemState) -> None:
    row.state = state.mark.value
    row.source = state.source.value if state.source else ""
    row.attention = state.attention.value
    row.is_held = state.hold
    row.done_by_id = _pk(state.marked_by)
    row.done_at = state.marked_at
    row.evidence_at = state.evidence_at
    row.value = _text(state.value)
    row.note = state.note
    row.reason = state.reason
    row.failing_episode = state.failing_episode
    row.episode = state.episode
    row.overridden_by_id = _pk(state.overridden_by)
    row.version += 1
    _write_evidence(row)
    row.save()


def _write_evidence(row: RunItem) -> None:
    """Keep in words what the checks said: results are purged, the run stays."""
    checks = list(row.item.checks.all())
    if not checks or row.state == RunItem.State.OPEN:
        row.evidence, row.evidence_result = "", None
        return
    said = dict.fromkeys(check.last_summary for check in checks)
    words = "; ".join(filter(None, said))
    row.evidence = words[:250]
    row.evidence_result = (
        CheckResult.objects.filter(check_ref=checks[0])
        .order_by("-scheduled_for")
        .first()
    )


def _save_state(
    row: Run, before: RunState, after: RunState, now: datetime
) -> dict[str, Any]:
    next_event_at = _next_event(after, now)
    if after == before and next_event_at == row.next_event_at:
        return {}
    row.state = after.mark.value
    row.outcome = after.outcome.value if after.outcome else ""
    row.missed_at = after.missed_at
    row.first_completed_at = after.first_completed_at
    row.completed_by_id = _pk(after.completed_by)
    row.signed_by_id = _pk(after.signed_by)
    row.closed_at = after.closed_at
    row.reason = after.reason
    row.next_event_at = next_event_at
    if after.missed_at and not row.cause:
        row.cause = Run.Cause.PEOPLE
    if after.closed_at:
        row.next_reminder_at = None
    row.save()
    if after.closed_at and row.cadence and is_floating(row.cadence):
        plan_next(row.cadence)
    return {} if after == before else {"state": row.state, "outcome": row.outcome}


def _next_event(state: RunState, now: datetime) -> datetime | None:
    """Return when time itself changes the run next.

    At due a complete run is handed in, just after the grace an incomplete one is
    stamped as missed, and at last it closes.
    """
    if state.closed_at is not None:
        return None
    times = state.times
    moments = (times.due_at, times.grace_until + TICK)
    return next((at for at in moments if at > now), times.closes_at)


def _story(state: ItemState) -> dict[str, Any]:
    return {
        "state": state.mark.value,
        "source": state.source.value if state.source else "",
        "attention": state.attention.value,
        "held": state.hold,
        "value": _text(state.value),
        "note": state.note,
    }


def _text(value: float | str | None) -> str:
    return f"{value:.15g}" if isinstance(value, float) else value or ""


def _person(pk: int | None) -> str | None:
    return None if pk is None else str(pk)


def _pk(person: str | None) -> int | None:
    return int(person) if person else None
