"""The machine of a run: from open to closed, and what may happen on the way.

Acts on items go through ``act_on_item``, which keeps closed and waiting runs as
they are. Every function gives new values or raises Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from checklists.domain.item_state import (
    Act,
    Attention,
    Item,
    ItemMark,
    ItemState,
    Source,
    acknowledge_contradiction,
)
from checklists.domain.reconcile import Evidence, is_fresh, mark_stale, reconcile
from checklists.domain.refusal import Refused
from checklists.domain.visibility import look_at, settle_hidden


class RunMark(StrEnum):
    """Where a run stands."""

    OPEN = "open"
    AWAITING_SIGNOFF = "awaiting_signoff"
    CLOSED = "closed"


class RunOutcome(StrEnum):
    """How a closed run ended. VOID: it should not have existed."""

    COMPLETED = "completed"
    MISSED = "missed"
    SKIPPED = "skipped"
    VOID = "void"


class Signoff(StrEnum):
    """Who signs: nobody, anybody, or somebody who completed nothing in it."""

    NONE = "none"
    ONE = "one"
    TWO = "two"


class RunWord(StrEnum):
    """How people speak of a run; derived, never stored."""

    UPCOMING = "upcoming"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    AWAITING_SIGNOFF = "awaiting_signoff"
    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    SKIPPED = "skipped"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class RunTimes:
    """The moments of a run's slot, in order."""

    opens_at: datetime
    due_at: datetime
    grace_until: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class RunState:
    """What has become of a run.

    ``missed_at`` is the end of the grace once that passed on an open run; it is
    never erased, so a late completion stays visible. ``completed_by`` is who
    handed it in.
    """

    times: RunTimes
    signoff: Signoff = Signoff.NONE
    mark: RunMark = RunMark.OPEN
    outcome: RunOutcome | None = None
    missed_at: datetime | None = None
    first_completed_at: datetime | None = None
    completed_by: str | None = None
    signed_by: str | None = None
    closed_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run with its items in order."""

    state: RunState
    items: tuple[Item, ...]

    def find_item(self, key: str) -> Item:
        """The item with this key; raises KeyError."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)

    def put(self, key: str, state: ItemState) -> Run:
        """The run with one item in another state."""
        items = tuple(
            item.put(state) if item.key == key else item for item in self.items
        )
        return replace(self, items=items)


ItemAct: TypeAlias = Callable[[Item, Act], ItemState]
EvidenceByKey: TypeAlias = Mapping[str, Evidence]


def stamp_missed(state: RunState, *, now: datetime) -> RunState:
    """Note once that the grace passed while the run was open."""
    is_past = now > state.times.grace_until
    if state.mark is not RunMark.OPEN or state.missed_at is not None or not is_past:
        return state
    return replace(state, missed_at=state.times.grace_until)


def act_on_item(run: Run, key: str, perform: ItemAct, act: Act) -> Run:
    """Let a person do something to an item, when the run allows it.

    A contradiction may also be acknowledged while the run waits for sign-off.
    """
    _require_not_closed(run.state, now=act.at)
    is_waiting = run.state.mark is RunMark.AWAITING_SIGNOFF
    if is_waiting and perform is not acknowledge_contradiction:
        raise Refused(
            "awaiting_signoff",
            "The run waits for sign-off: reject it first to change an item.",
        )
    item = run.find_item(key)
    if item.is_hidden:
        raise Refused("hidden", "The item is not asked for now: look at the run again.")
    items = settle_hidden(run.put(key, perform(item, act)).items)
    return replace(run, items=items, state=stamp_missed(run.state, now=act.at))


def reconcile_run(run: Run, evidence: EvidenceByKey, *, now: datetime) -> Run:
    """Bring every automated item up to date, and what is asked for; idempotent.

    A run that waits for sign-off is open again when an item lost its tick, or when
    a required one is asked for that was not.
    """
    if run.state.mark is RunMark.CLOSED or now >= run.state.times.closes_at:
        return run
    opens_at = run.state.times.opens_at
    seen: dict[str, Item] = {}
    for each in run.items:
        item = look_at(each, seen)
        if item.key in evidence and not item.is_hidden:
            found = evidence[item.key]
            item = item.put(reconcile(item, found, opens_at=opens_at, now=now))
        seen[item.key] = item
    return _reopen_if_lost(run, replace(run, items=tuple(seen.values())), now=now)


def _reopen_if_lost(before: Run, after: Run, *, now: datetime) -> Run:
    state = after.state
    is_lost = any(
        (old.state.is_answered and not new.state.is_answered)
        or (old.is_hidden and new.is_gap)
        for old, new in zip(before.items, after.items, strict=True)
    )
    if is_lost and state.mark is RunMark.AWAITING_SIGNOFF:
        state = replace(state, mark=RunMark.OPEN)
    return replace(after, state=stamp_missed(state, now=now))


def submit(run: Run, evidence: EvidenceByKey, act: Act) -> Run:
    """Hand in a run whose required items are answered.

    The checks have their say first, so that nothing closes over a failure. The
    run closes, or waits for sign-off where that is asked for: by the cadence,
    or because somebody overrode a critical item.
    """
    _require_not_closed(run.state, now=act.at)
    if run.state.mark is not RunMark.OPEN:
        raise Refused("awaiting_signoff", "The run waits for sign-off already.")
    run = reconcile_run(run, evidence, now=act.at)
    _require_complete(run.items)
    state = stamp_missed(run.state, now=act.at)
    state = replace(
        state,
        first_completed_at=state.first_completed_at or act.at,
        completed_by=act.by,
    )
    if state.signoff is Signoff.NONE and not _critical_overriders(run.items):
        return replace(run, state=_close(state, RunOutcome.COMPLETED, act))
    return replace(run, state=replace(state, mark=RunMark.AWAITING_SIGNOFF))


def _require_complete(items: Iterable[Item]) -> None:
    left = [item for item in items if item.is_gap]
    if left:
        raise Refused(
            "items_open",
            f"{len(left)} required items are open: answer them first."
            if len(left) > 1
            else "1 required item is open: answer it first.",
        )
    _require_uncontradicted(items)


def _require_uncontradicted(items: Iterable[Item]) -> None:
    if any(
        item.state.attention is Attention.CONTRADICTED and not item.is_hidden
        for item in items
    ):
        raise Refused(
            "contradicted",
            "A check contradicts an item: acknowledge it with a reason first.",
        )


def _critical_overriders(items: Iterable[Item]) -> set[str | None]:
    return {
        person
        for item in items
        if item.spec.critical and item.state.overridden_by is not None
        for person in (item.state.overridden_by, item.state.marked_by)
    }


def sign_off(run: Run, evidence: EvidenceByKey, act: Act) -> Run:
    """Close a run that waits, after looking at every automatic tick once more.

    An automatic tick whose check does not pass freshly is taken back, and the
    run comes back open instead of closed: look at ``state.mark``.
    """
    _require_not_closed(run.state, now=act.at)
    if run.state.mark is not RunMark.AWAITING_SIGNOFF:
        raise Refused("not_submitted", "Hand the run in first.")
    _require_signer(run, act.by)
    current = reconcile_run(run, evidence, now=act.at)
    items = tuple(
        _recheck(item, evidence.get(item.key), current.state.times.opens_at, act.at)
        for item in current.items
    )
    current = _reopen_if_lost(run, replace(current, items=items), now=act.at)
    if current.state.mark is RunMark.OPEN:
        return current
    _require_uncontradicted(current.items)
    signed = replace(current.state, signed_by=act.by)
    return replace(current, state=_close(signed, RunOutcome.COMPLETED, act))


def _require_signer(run: Run, signer: str) -> None:
    barred = _critical_overriders(run.items)
    if run.state.signoff is Signoff.TWO:
        barred |= {run.state.completed_by}
        barred |= {
            item.state.marked_by
            for item in run.items
            if item.state.source is Source.HUMAN
        }
    if signer in barred:
        raise Refused(
            "same_person",
            "You answered items of this run: somebody else has to sign it off.",
        )


def _recheck(
    item: Item, evidence: Evidence | None, opens_at: datetime, now: datetime
) -> Item:
    if not item.state.is_auto or item.is_hidden:
        return item
    if (
        evidence is not None
        and not evidence.in_maintenance
        and is_fresh(item, evidence, opens_at=opens_at, now=now)
    ):
        return item
    return item.put(mark_stale(ItemState(note=item.state.note)))


def reject(run: Run, act: Act) -> Run:
    """Give a run that waits for sign-off back to those who work on it."""
    _require_not_closed(run.state, now=act.at)
    if run.state.mark is not RunMark.AWAITING_SIGNOFF:
        raise Refused("not_submitted", "The run does not wait for sign-off.")
    _require_run_reason(act)
    state = replace(run.state, mark=RunMark.OPEN, reason=act.reason.strip())
    return replace(run, state=stamp_missed(state, now=act.at))


def skip(run: Run, act: Act) -> Run:
    """Leave a run out, with a reason, for instance on a holiday added late."""
    return _end(run, act, RunOutcome.SKIPPED)


def void(run: Run, act: Act) -> Run:
    """Strike a run that should not have existed, with a reason."""
    return _end(run, act, RunOutcome.VOID)


def _end(run: Run, act: Act, outcome: RunOutcome) -> Run:
    _require_not_closed(run.state, now=act.at)
    _require_run_reason(act)
    state = replace(stamp_missed(run.state, now=act.at), reason=act.reason.strip())
    return replace(run, state=_close(state, outcome, act))


def close_by_time(state: RunState, *, now: datetime) -> RunState:
    """Close a run as missed once its closing time came; else unchanged."""
    if state.mark is RunMark.CLOSED or now < state.times.closes_at:
        return state
    return replace(
        state,
        mark=RunMark.CLOSED,
        outcome=RunOutcome.MISSED,
        missed_at=state.missed_at or state.times.grace_until,
        closed_at=state.times.closes_at,
    )


def _close(state: RunState, outcome: RunOutcome, act: Act) -> RunState:
    return replace(state, mark=RunMark.CLOSED, outcome=outcome, closed_at=act.at)


def _require_not_closed(state: RunState, *, now: datetime) -> None:
    if state.mark is RunMark.CLOSED or now >= state.times.closes_at:
        raise Refused("closed", "The run is closed: it cannot be changed any more.")


def _require_run_reason(act: Act) -> None:
    if not act.reason.strip():
        raise Refused("reason_required", "Give a reason.")


_ENDINGS = {
    RunOutcome.MISSED: RunWord.MISSED,
    RunOutcome.SKIPPED: RunWord.SKIPPED,
    RunOutcome.VOID: RunWord.VOID,
}


def derive_word(state: RunState, *, answered: int, now: datetime) -> RunWord:
    """How people speak of the run now; ``answered`` counts its answered items."""
    if state.outcome is not None:
        finished = RunWord.LATE if state.missed_at else RunWord.ON_TIME
        return _ENDINGS.get(state.outcome, finished)
    if state.mark is RunMark.AWAITING_SIGNOFF:
        return RunWord.AWAITING_SIGNOFF
    if now >= state.times.closes_at:
        return RunWord.MISSED
    if now > state.times.due_at:
        return RunWord.OVERDUE
    if answered:
        return RunWord.IN_PROGRESS
    return RunWord.NOT_STARTED if now >= state.times.opens_at else RunWord.UPCOMING


def count_answered(items: Iterable[Item]) -> int:
    """How many items that are asked for need nothing more."""
    shown = (item for item in items if not item.is_hidden)
    return sum(item.state.mark is not ItemMark.OPEN for item in shown)
