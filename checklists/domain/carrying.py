"""What new runs take over from the unfinished one before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from checklists.domain.run_state import RunMark, RunOutcome


class CarryOver(StrEnum):
    """What a new run does about the one before it when that was not finished."""

    NONE = "none"
    LINK = "link"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Left:
    """An item that is open: its row in a version, and the run that first left it."""

    item: int
    since: int


@dataclass(frozen=True, slots=True)
class Before:
    """The run before the first new one; ``open_items`` by the key of the item."""

    run: int
    is_unfinished: bool
    open_items: Mapping[UUID, Left] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one new run takes over: from which run, and the open items of it."""

    run: int
    origin: int
    items: Mapping[UUID, Left]


def is_unfinished(mark: RunMark, outcome: RunOutcome | None) -> bool:
    """Say whether a run left something to its successor.

    Whoever handed it in has finished it, and what a person skipped or struck is
    nobody's any more.
    """
    return mark is RunMark.OPEN or outcome is RunOutcome.MISSED


def plan_carrying(
    before: Before | None,
    runs: Sequence[int],
    items: Mapping[UUID, int],
    *,
    policy: CarryOver,
) -> list[Carried]:
    """Return what each of the new runs, in order of opening, takes over.

    ``items`` are those that every new run has anyway. None of the new ones can be
    finished yet, so that after downtime each of them follows the one before, and an
    item keeps the run that first left it open.
    """
    if policy is CarryOver.NONE:
        return []
    plans = []
    origin = before.run if before and before.is_unfinished else None
    left = dict(before.open_items) if before and origin is not None else {}
    for run in runs:
        if origin is not None:
            taken = left if policy is CarryOver.COPY else {}
            plans.append(Carried(run, origin, dict(taken)))
        left = _still_open(run, left, items)
        origin = run
    return plans


def _still_open(
    run: int, left: Mapping[UUID, Left], items: Mapping[UUID, int]
) -> dict[UUID, Left]:
    own = {
        key: Left(item, left[key].since if key in left else run)
        for key, item in items.items()
    }
    return {**left, **own}


def group_by_origin(items: Mapping[UUID, Left]) -> dict[int, list[UUID]]:
    """Return the keys of open items by the run that first left them."""
    found: dict[int, list[UUID]] = {}
    for key, left in items.items():
        found.setdefault(left.since, []).append(key)
    return found


def foreign_items(items: Mapping[UUID, Left], own: Iterable[UUID]) -> list[Left]:
    """Return what the new run would not have of its own."""
    mine = set(own)
    return [left for key, left in items.items() if key not in mine]
