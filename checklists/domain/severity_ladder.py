"""From what a check saw to how bad it is: the rungs of a severity ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Rung:
    """One severity in the service's own word; level 1 is the worst, 5 the least.

    The rung is reached once its condition held for ``hold_for`` without a break.
    """

    label: str
    level: int
    hold_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class LadderState:
    """Since when each rung holds, in the order of the rungs, and the open level."""

    held_since: tuple[datetime | None, ...] = ()
    level: int | None = None


class Step(StrEnum):
    """What happens to the alert of the check."""

    NONE = "none"
    RAISE = "raise"
    WORSEN = "worsen"
    EASE = "ease"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Move:
    """A step with the rung that it leads to, None for NONE and RESOLVE."""

    step: Step
    rung: Rung | None = None


_STAY = Move(Step.NONE)


def climb(
    state: LadderState,
    rungs: Sequence[Rung],
    held: Sequence[bool | None],
    *,
    now: datetime,
) -> tuple[LadderState, Move]:
    """Move to the worst rung that holds.

    ``held`` is what each rung's condition says now, in the same order; None is
    unknown. Unknown never raises, eases or resolves: a rung whose condition is
    unknown keeps the time it has held, but is not newly reached, and nothing
    better than the open level is believed while a worse rung is unknown.
    """
    earlier = state.held_since
    if len(earlier) != len(rungs):
        earlier = (None,) * len(rungs)
    since = tuple(
        _since(before, holds, now) for before, holds in zip(earlier, held, strict=True)
    )
    reached = [
        rung
        for rung, holds, start in zip(rungs, held, since, strict=True)
        if holds and start is not None and now - start >= rung.hold_for
    ]
    worst = min(reached, key=lambda rung: rung.level, default=None)
    move = _choose(state.level, worst, rungs, held)
    level = state.level
    if move.step is Step.RESOLVE:
        level = None
    elif move.rung is not None:
        level = move.rung.level
    return LadderState(since, level), move


def _since(
    before: datetime | None,
    holds: bool | None,  # noqa: FBT001 -- a three-valued outcome
    now: datetime,
) -> datetime | None:
    if holds is None:
        return before
    return (before or now) if holds else None


def _choose(
    level: int | None,
    worst: Rung | None,
    rungs: Sequence[Rung],
    held: Sequence[bool | None],
) -> Move:
    if worst is not None and (level is None or worst.level < level):
        return Move(Step.WORSEN if level is not None else Step.RAISE, worst)
    if level is None or (worst is not None and worst.level == level):
        return _STAY
    # The alert may ease only when the open level and all above it are surely
    # left; a rung that holds but not yet long enough is not left either.
    is_left = all(
        holds is False
        for rung, holds in zip(rungs, held, strict=True)
        if rung.level <= level
    )
    if not is_left:
        return _STAY
    if worst is not None:
        return Move(Step.EASE, worst)
    return Move(Step.RESOLVE) if all(holds is False for holds in held) else _STAY
