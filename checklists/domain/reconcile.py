"""What a check does to the items that it watches.

Items read only the confirmed state of their check, so results may arrive late,
twice or out of order without changing an item. Reconciling is idempotent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checklists.domain.item_state import (
    Attention,
    Item,
    ItemMark,
    ItemState,
    Mode,
    Source,
)
from checklists.domain.observation import Outcome
from checklists.domain.verdict import CheckState, Status

_QUICK = timedelta(minutes=15)
# A request's `now` is older than what a check saw while the request waited for the
# run, and the clocks of two machines differ a little.
_AHEAD = timedelta(seconds=30)
_FIXED = {
    "tls": timedelta(hours=24),
    "file": timedelta(hours=26),
    "folder": timedelta(hours=26),
    "object": timedelta(hours=26),
    "heartbeat": timedelta(hours=26),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The confirmed state of a check, as far as items may know it.

    ``parents_ok`` is False while a check that this one depends on fails;
    ``nothing_to_do`` says that an assisted item has nothing to look at, so that
    its check may tick it.
    """

    status: Status
    last_outcome: Outcome | None = None
    last_ok_at: datetime | None = None
    last_fail_at: datetime | None = None
    consecutive_pass: int = 0
    episode: int = 0
    in_maintenance: bool = False
    parents_ok: bool = True
    nothing_to_do: bool = False


def read_evidence(
    state: CheckState, *, parents_ok: bool = True, nothing_to_do: bool = False
) -> Evidence:
    """What items may know of a check."""
    return Evidence(
        status=state.status,
        last_outcome=state.last_outcome,
        last_ok_at=state.last_ok_at,
        last_fail_at=state.last_fail_at,
        consecutive_pass=state.consecutive_pass,
        episode=state.episode,
        in_maintenance=state.in_maintenance,
        parents_ok=parents_ok,
        nothing_to_do=nothing_to_do,
    )


def default_freshness(kind: str, interval: timedelta, period: timedelta) -> timedelta:
    """How old a passing result may be when it ticks, for a kind of check.

    ``period`` is the length of the run's period, which reports may use whole.
    """
    if kind == "report":
        return period
    return _FIXED.get(kind) or min(2 * interval, _QUICK)


def reconcile(
    item: Item, evidence: Evidence, *, opens_at: datetime, now: datetime
) -> ItemState:
    """The state of an item once its check has had its say.

    The one way in which a check touches an item of an open run: it ticks, marks
    failing or stale, takes back its own tick, or contradicts a person's.
    """
    state = item.state
    if item.spec.mode is Mode.MANUAL or evidence.in_maintenance:
        return state
    if state.mark is ItemMark.NA:
        return state
    if state.mark is ItemMark.OPEN:
        return _reconcile_open(item, evidence, opens_at=opens_at, now=now)
    if evidence.status is not Status.FAIL:
        return state
    return regress(state, evidence) if state.is_auto else contradict(state, evidence)


def _reconcile_open(
    item: Item, evidence: Evidence, *, opens_at: datetime, now: datetime
) -> ItemState:
    state = item.state
    if evidence.status is Status.FAIL:
        return auto_fail(state, evidence)
    if not is_fresh(item, evidence, opens_at=opens_at, now=now):
        return mark_stale(state)
    if may_tick(item, evidence):
        return auto_tick(state, evidence, now=now)
    return replace(state, attention=Attention.NONE, failing_episode=None)


def is_fresh(
    item: Item, evidence: Evidence, *, opens_at: datetime, now: datetime
) -> bool:
    """True for a confirmed pass, seen in the window and recently enough.

    The last look must have passed too: a failure that waits for confirmation is
    no ground to tick, nor is a look that saw nothing.
    """
    seen_at = evidence.last_ok_at
    if seen_at is None or evidence.status is not Status.PASS:
        return False
    if evidence.last_outcome is not Outcome.PASS:
        return False
    is_recent = -_AHEAD <= now - seen_at <= item.spec.freshness
    return is_recent and seen_at >= opens_at - item.spec.lookback


def may_tick(item: Item, evidence: Evidence) -> bool:
    """True when a fresh pass may tick this item without a person."""
    ticks_itself = item.spec.mode is Mode.AUTO or evidence.nothing_to_do
    is_steady = evidence.consecutive_pass >= item.spec.min_consecutive
    return ticks_itself and is_steady and evidence.parents_ok and not item.state.hold


def auto_tick(state: ItemState, evidence: Evidence, *, now: datetime) -> ItemState:
    """Done by the check, on the result that was observed at ``evidence_at``."""
    return replace(
        state,
        mark=ItemMark.DONE,
        source=Source.AUTO,
        attention=Attention.NONE,
        marked_by=None,
        marked_at=now,
        evidence_at=evidence.last_ok_at,
        failing_episode=None,
    )


def auto_fail(state: ItemState, evidence: Evidence) -> ItemState:
    """Open and failing; the episode lets each failure be reminded of once."""
    return replace(state, attention=Attention.FAILING, failing_episode=evidence.episode)


def mark_stale(state: ItemState) -> ItemState:
    """Open, with nothing to judge it by."""
    return replace(state, attention=Attention.STALE, failing_episode=None)


def regress(state: ItemState, evidence: Evidence) -> ItemState:
    """Take back an automatic tick when a failure was observed after it."""
    ticked_on, failed_at = state.evidence_at, evidence.last_fail_at
    if ticked_on is not None and failed_at is not None and failed_at <= ticked_on:
        return state
    return ItemState(
        attention=Attention.FAILING,
        note=state.note,
        failing_episode=evidence.episode,
    )


def contradict(state: ItemState, evidence: Evidence) -> ItemState:
    """A person's tick stays, marked, until somebody accounts for the failure."""
    if evidence.episode == state.episode:
        return state
    return replace(
        state, attention=Attention.CONTRADICTED, failing_episode=evidence.episode
    )
