"""Which alert a check should have now, beside the one that it has.

It is asked at every look and compares what is with what should be, so a change
that was kept quiet (a failing parent, maintenance) is told as soon as it may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checklists.domain.verdict import CheckState, Status, is_down


class AlertStep(StrEnum):
    """What happens to the alert of the check. REPEAT: it goes on as it is."""

    LEAVE = "leave"
    REPEAT = "repeat"
    FIRE = "fire"
    FLAP = "flap"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest alert of a check; ``ended_by_hand_at`` when a person resolved it."""

    level: int
    is_open: bool
    ended_by_hand_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How bad the check says that it is; levels are 1 (critical) to 5 (info).

    ``default_level`` is that of a failure without a rung. ``ladder_level`` is the
    rung that was reached, None for none, ``ladder_since`` the moment from which
    any rung has held. ``has_new_words``: flapping began or ended just now, so that
    what an open alert says is no longer true.
    """

    default_level: int
    has_ladder: bool = False
    ladder_level: int | None = None
    ladder_since: datetime | None = None
    raises_alert: bool = True
    has_new_words: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A step with the level that it leads to; None where the step needs none."""

    step: AlertStep
    level: int | None = None


_LEAVE = Choice(AlertStep.LEAVE)
_RESOLVE = Choice(AlertStep.RESOLVE)


def choose_alert(
    state: CheckState,
    wanted: Wanted,
    parents: Iterable[CheckState],
    standing: Standing | None,
) -> Choice:
    """Decide what to do about the alert of a check after a look.

    Nothing is decided in maintenance, on what is unknown or not yet confirmed,
    or, for something new, under a parent that is down. While it flaps there is
    one alert. What a person resolved by hand stays so until the check recovers
    or gets worse.
    """
    if not wanted.raises_alert:
        return _RESOLVE if _is_open(standing) else _LEAVE
    if state.is_flapping and not state.in_maintenance:
        return _choose_flapping(state, wanted, parents, standing)
    if not _is_settled(state):
        return _LEAVE
    return _choose_settled(state, wanted, parents, standing)


def _choose_settled(
    state: CheckState,
    wanted: Wanted,
    parents: Iterable[CheckState],
    standing: Standing | None,
) -> Choice:
    level = find_level(state, wanted)
    if level is None:
        return _RESOLVE if _is_open(standing) else _LEAVE
    if standing is not None and standing.is_open:
        is_same = standing.level == level and not wanted.has_new_words
        return Choice(AlertStep.REPEAT if is_same else AlertStep.FIRE, level)
    failed_at = state.failed_at or state.since
    began_at = wanted.ladder_since if _is_ladders(state, wanted) else failed_at
    if _is_handled(standing, began_at, level) or _is_below(parents):
        return _LEAVE
    return Choice(AlertStep.FIRE, level)


def _is_settled(state: CheckState) -> bool:
    """Whether the last look says what is confirmed, and says anything at all."""
    if state.in_maintenance or state.status is Status.UNKNOWN:
        return False
    if state.last_outcome is None:
        return False
    return state.last_outcome.value == state.status.value


def find_level(state: CheckState, wanted: Wanted) -> int | None:
    """Return how bad a confirmed state is; None when there is nothing to alert.

    The number to pass and the numbers to be paged for differ on purpose: a check
    with a ladder alerts by its rungs, and otherwise only when there was nothing
    to judge, as when the connection is refused.
    """
    if _is_ladders(state, wanted):
        return wanted.ladder_level
    if state.status is not Status.FAIL:
        return None
    return min(wanted.default_level, wanted.ladder_level or wanted.default_level)


def _is_ladders(state: CheckState, wanted: Wanted) -> bool:
    """Whether the rungs alone say how bad it is: there was something to judge."""
    is_blind = state.status is Status.FAIL and state.last_code != ""
    return wanted.has_ladder and not is_blind


def _choose_flapping(
    state: CheckState,
    wanted: Wanted,
    parents: Iterable[CheckState],
    standing: Standing | None,
) -> Choice:
    if standing is not None and standing.is_open:
        return (
            Choice(AlertStep.FLAP, standing.level) if wanted.has_new_words else _LEAVE
        )
    began_at = state.flapping_since or min(state.changes_at, default=None)
    if _is_handled(standing, began_at, wanted.default_level):
        return _LEAVE
    if _is_below(parents):
        return _LEAVE
    return Choice(AlertStep.FLAP, wanted.default_level)


def _is_below(parents: Iterable[CheckState]) -> bool:
    return any(is_down(parent) for parent in parents)


def _is_open(standing: Standing | None) -> bool:
    return standing is not None and standing.is_open


def _is_handled(
    standing: Standing | None, began_at: datetime | None, level: int
) -> bool:
    """Whether a person ended the alert of this very trouble, at this level."""
    if standing is None or standing.ended_by_hand_at is None or began_at is None:
        return False
    return standing.ended_by_hand_at >= began_at and standing.level <= level
