"""The state of a check: what is confirmed, since when, and when to look again.

Readings are folded in the order of their slots. Nothing here depends on when a
reading arrived, so the same readings give the same state in any order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from checklists.domain.observation import Failure, Outcome

NO_DATA = "no_data"
RUNNER_OFFLINE = "runner_offline"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Status(StrEnum):
    """What is confirmed about a check. PENDING: nothing was, yet."""

    PENDING = "pending"
    PASS = "pass"  # noqa: S105 -- a word of the check language
    FAIL = "fail"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """What a reading changed, for those who have to be told."""

    FAILED = "failed"
    RECOVERED = "recovered"
    PASSED_FIRST = "passed_first"
    BECAME_UNKNOWN = "became_unknown"
    FLAPPING_STARTED = "flapping_started"
    FLAPPING_ENDED = "flapping_ended"


@dataclass(frozen=True, slots=True)
class CheckRule:
    """How many readings confirm a change, and how often to look.

    ``fail_within``: when set, ``fail_after`` failures among that many readings
    confirm a failure, in a row or not. ``unknown_after`` readings without a
    judgement make the check unknown.
    """

    interval: timedelta = timedelta(minutes=1)
    fail_after: int = 2
    recover_after: int = 2
    unknown_after: int = 2
    fail_within: int | None = None
    retry_interval: timedelta = timedelta(seconds=10)
    nodata: Outcome = Outcome.UNKNOWN
    needs_network: bool = True
    flap_changes: int = 6
    flap_window: timedelta = timedelta(hours=1)
    flap_quiet: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        """Refuse a rule that could never confirm anything."""
        counts = (self.fail_after, self.recover_after, self.unknown_after)
        if min(counts) < 1 or (self.fail_within or 99) < self.fail_after:
            raise ValueError("A check needs at least one reading to change its state.")
        if min(self.interval, self.retry_interval) <= timedelta(0):
            raise ValueError("A check needs an interval above zero.")


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """One judged observation. ``scheduled_for`` is its slot and its identity."""

    scheduled_for: datetime
    observed_at: datetime
    outcome: Outcome
    code: str = ""
    in_maintenance: bool = False


class CheckState(NamedTuple):
    """What is known about a check after its readings.

    ``decided`` is the last status that was pass or fail; ``episode`` counts the
    confirmed failures, so that each is reported once, and ``failed_at`` is when the
    last one was, also while nothing is seen in between; ``changes_at`` are the
    moments of the latest swings between pass and fail.
    """

    status: Status = Status.PENDING
    since: datetime | None = None
    decided: Status | None = None
    last_slot: datetime | None = None
    last_outcome: Outcome | None = None
    last_code: str = ""
    last_ok_at: datetime | None = None
    last_fail_at: datetime | None = None
    consecutive_pass: int = 0
    consecutive_fail: int = 0
    consecutive_unknown: int = 0
    recent: tuple[Outcome, ...] = ()
    episode: int = 0
    changes_at: tuple[datetime, ...] = ()
    is_flapping: bool = False
    in_maintenance: bool = False
    failed_at: datetime | None = None
    flapping_since: datetime | None = None


def outcome_of(
    outcome: Outcome,
    rule: CheckRule,
    *,
    failure: Failure | None = None,
    is_offline: bool = False,
) -> tuple[Outcome, str]:
    """The outcome of one look and its code.

    ``outcome`` is what the condition says, when there was no ``failure``.
    ``is_offline``: every canary failed, so what the network says means nothing.
    """
    if is_offline and rule.needs_network:
        return Outcome.UNKNOWN, RUNNER_OFFLINE
    if failure is None:
        return outcome, ""
    if failure.code == NO_DATA:
        return rule.nodata, NO_DATA
    return failure.outcome, failure.code


def apply_readings(
    state: CheckState, rule: CheckRule, readings: Iterable[Reading]
) -> tuple[CheckState, tuple[Change, ...]]:
    """Fold readings in slot order, each slot once, late slots left out."""
    changes: list[Change] = []
    for reading in sorted(readings):
        state, changed = judge(state, rule, reading)
        changes.extend(changed)
    return state, tuple(changes)


def judge(
    state: CheckState, rule: CheckRule, reading: Reading
) -> tuple[CheckState, tuple[Change, ...]]:
    """The state after one reading, and what changed.

    A slot that is not newer than the last one changes nothing. In maintenance
    only the bookkeeping moves: no streak, no status, no evidence.
    """
    if state.last_slot is not None and reading.scheduled_for <= state.last_slot:
        return state, ()
    if reading.in_maintenance:
        kept = state._replace(
            last_slot=reading.scheduled_for,
            last_code=reading.code,
            in_maintenance=True,
        )
        return kept, ()
    state = _count(state, rule, reading)
    status = _confirm(state, rule, reading.outcome)
    after, changes = _move(state, status, reading.observed_at)
    after, flapping = _watch_flapping(after, rule, reading.observed_at)
    return after, changes + flapping


def _count(state: CheckState, rule: CheckRule, reading: Reading) -> CheckState:
    at = reading.observed_at
    if reading.outcome is Outcome.UNKNOWN:
        # A failure streak outlives a look that saw nothing, a pass streak does
        # not: no recovery is confirmed across a gap.
        return state._replace(
            last_slot=reading.scheduled_for,
            last_code=reading.code,
            in_maintenance=False,
            last_outcome=Outcome.UNKNOWN,
            consecutive_pass=0,
            consecutive_unknown=state.consecutive_unknown + 1,
        )
    is_pass = reading.outcome is Outcome.PASS
    kept = (rule.fail_within or 1) - 1
    earlier = state.recent[-kept:] if kept else ()
    return state._replace(
        last_slot=reading.scheduled_for,
        last_code=reading.code,
        in_maintenance=False,
        last_outcome=reading.outcome,
        last_ok_at=at if is_pass else state.last_ok_at,
        last_fail_at=state.last_fail_at if is_pass else at,
        consecutive_pass=state.consecutive_pass + 1 if is_pass else 0,
        consecutive_fail=0 if is_pass else state.consecutive_fail + 1,
        consecutive_unknown=0,
        recent=(*earlier, reading.outcome),
    )


def _confirm(state: CheckState, rule: CheckRule, outcome: Outcome) -> Status:
    if outcome is Outcome.UNKNOWN:
        is_blind = state.consecutive_unknown >= rule.unknown_after
        return Status.UNKNOWN if is_blind else state.status
    has_failed = _failures(state, rule) >= rule.fail_after
    if outcome is Outcome.FAIL:
        return Status.FAIL if has_failed else _settle(state)
    needed = rule.recover_after if state.decided is Status.FAIL else 1
    is_back = state.consecutive_pass >= needed
    if is_back and not (has_failed and rule.fail_within):
        return Status.PASS
    return _settle(state)


def _failures(state: CheckState, rule: CheckRule) -> int:
    if rule.fail_within is None:
        return state.consecutive_fail
    return state.recent.count(Outcome.FAIL)


def _settle(state: CheckState) -> Status:
    """What stands while a change is unconfirmed: we see again, so not unknown."""
    if state.status is Status.UNKNOWN and state.decided is Status.FAIL:
        return Status.FAIL
    return state.status


def _move(
    state: CheckState, status: Status, at: datetime
) -> tuple[CheckState, tuple[Change, ...]]:
    if status is state.status:
        return state, ()
    before = state.decided
    if status is Status.UNKNOWN:
        return state._replace(status=status, since=at), (Change.BECAME_UNKNOWN,)
    if status is before:
        return state._replace(status=status, since=at), ()
    has_failed = status is Status.FAIL
    moved = state._replace(
        status=status,
        since=at,
        decided=status,
        changes_at=state.changes_at if before is None else (*state.changes_at, at),
        episode=state.episode + has_failed,
        failed_at=at if has_failed else state.failed_at,
    )
    if has_failed:
        return moved, (Change.FAILED,)
    return moved, (Change.PASSED_FIRST if before is None else Change.RECOVERED,)


def _watch_flapping(
    state: CheckState, rule: CheckRule, at: datetime
) -> tuple[CheckState, tuple[Change, ...]]:
    if not (state.changes_at or state.is_flapping):
        return state, ()
    swings = tuple(
        swing for swing in state.changes_at if swing > at - rule.flap_window
    )[-rule.flap_changes :]
    last = max(state.changes_at, default=None)
    is_quiet = last is None or at - last >= rule.flap_quiet
    if state.is_flapping:
        is_flapping = not is_quiet
    else:
        is_flapping = len(swings) >= rule.flap_changes and not is_quiet
    if is_flapping is not state.is_flapping:
        changed = state._replace(
            changes_at=swings,
            is_flapping=is_flapping,
            flapping_since=at if is_flapping else None,
        )
        started = Change.FLAPPING_STARTED
        return changed, (started if is_flapping else Change.FLAPPING_ENDED,)
    if swings == state.changes_at:
        return state, ()
    return state._replace(changes_at=swings), ()


def may_alert(state: CheckState, parents: Iterable[CheckState]) -> bool:
    """Whether a change of this check is told to people.

    Maintenance and flapping keep it quiet (the start of flapping is told once,
    by its own change), and so does a parent that fails or is about to be
    confirmed as failing. The state itself stays truthful.
    """
    if state.in_maintenance or state.is_flapping:
        return False
    return not any(map(is_down, parents))


def is_down(state: CheckState) -> bool:
    """True for a confirmed failure and for one that waits for confirmation."""
    return state.status is Status.FAIL or state.consecutive_fail > 0


def find_phase(check_id: object, interval: timedelta) -> timedelta:
    """The part of the interval at which a check runs, the same on every machine."""
    seed = zlib.crc32(str(check_id).encode()) * 1_000_003
    return seed % (interval // _MICROSECOND) * _MICROSECOND


def find_next_due(
    state: CheckState, rule: CheckRule, check_id: object, *, now: datetime
) -> datetime:
    """When to look next: the next slot after ``now``, or a retry before it.

    Slots are multiples of the interval plus the check's phase, so that nothing
    drifts, no herd forms and nothing is made up for after downtime.
    """
    phase = find_phase(check_id, rule.interval)
    passed = (now - _EPOCH - phase) // rule.interval
    regular = _EPOCH + phase + (passed + 1) * rule.interval
    if not is_unconfirmed(state, rule):
        return regular
    return min(regular, now + rule.retry_interval)


def is_unconfirmed(state: CheckState, rule: CheckRule) -> bool:
    """True while one more look soon would confirm a failure or a recovery."""
    if state.in_maintenance or state.last_outcome is Outcome.UNKNOWN:
        return False
    if rule.fail_within is not None:
        # Looks within a window are counted slot by slot; retries would fill it.
        return False
    if state.status is Status.FAIL:
        return 0 < state.consecutive_pass < rule.recover_after
    return state.consecutive_fail > 0
