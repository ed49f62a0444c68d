"""The next version of a rotation, and which earlier one an undo brings back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from oncall.domain.pace import Unit
from oncall.domain.schedule import (
    Member,
    RotationVersion,
    ScheduleError,
    require_moment,
)
from oncall.domain.walltime import from_wall_micros, to_micros, wall_clock

UNDO_FOR = timedelta(days=30)


class Edit(NamedTuple):
    """A version in the history of its rotation; later edits have greater keys."""

    key: int
    effective_from: datetime
    undoes: int | None = None


def change_members(
    version: RotationVersion,
    members: tuple[Member, ...],
    *,
    effective_from: datetime,
    zone: tzinfo,
) -> RotationVersion:
    """Return the version with new members that takes over at `effective_from`.

    Anchor and cadence stay, and so does the member whose turn it is: the new list is
    turned until that member stands at the same turn, the order within it kept. If
    that member leaves, the next of the old order who stays takes the turn.
    Raises ScheduleError when `members` is empty or the moment is naive.
    """
    if not members:
        raise ScheduleError("members", "are empty. Add a person or an empty slot.")
    moment = require_moment(effective_from, "effective_from")
    turn = turn_at(version, moment, zone)
    coming = turn_members(version.members, turn)
    holder = next((member for member in coming if member in members), members[0])
    shift = members.index(holder) - turn
    return replace(version, effective_from=moment, members=turn_members(members, shift))


def turn_at(version: RotationVersion, at: datetime, zone: tzinfo) -> int:
    """Return the number of the version's turn at a moment."""
    reach = wall_clock(zone).reach(to_micros(require_moment(at, "at")))
    return version.pace.turn_at(reach)


def turn_members(members: tuple[Member, ...], by: int) -> tuple[Member, ...]:
    """Return the members in their order, beginning `by` places later."""
    place = by % len(members)
    return members[place:] + members[:place]


def end_rotation(at: datetime, zone: tzinfo) -> RotationVersion:
    """Return the version by which a rotation puts nobody on call from `at` on."""
    reach = wall_clock(zone).reach(to_micros(require_moment(at, "at")))
    anchor = from_wall_micros(reach).replace(second=0, microsecond=0)
    return RotationVersion(at, anchor, Unit.WEEK, (None,))


def living(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits without those that were taken back before they began.

    Such an edit never held, and neither does its undo: what is edited in between
    must go on past their moment.
    """
    by_key = {each.key: each for each in edits}
    gone: set[int] = set()
    for each in sorted(by_key.values(), key=lambda each: -each.key):
        if each.key in gone or each.undoes is None:
            continue
        if by_key[each.undoes].effective_from == each.effective_from:
            gone |= {each.key, each.undoes}
    return [each for key, each in by_key.items() if key not in gone]


def in_force(edits: Iterable[Edit], at: datetime) -> Edit | None:
    """Return the edit that holds at a moment: the last to begin, then the last made."""
    begun = (each for each in edits if each.effective_from <= at)
    return max(begun, key=lambda each: (each.effective_from, each.key), default=None)


def held_before(edits: Iterable[Edit], edit: Edit) -> Edit | None:
    """Return what held, when `edit` was made, at the moment at which it begins."""
    earlier = [each for each in edits if each.key < edit.key]
    return in_force(living(earlier), edit.effective_from)


def is_on_top(edits: list[Edit], edit: Edit, at: datetime) -> bool:
    """Say whether `edit` is what holds at a moment, undone edits taken away."""
    by_key = {each.key: each for each in edits}
    current = in_force({*living(edits), edit}, at)
    while current is not None and current.key != edit.key:
        if current.undoes is None:
            return False
        current = held_before(edits, by_key[current.undoes])
    return current is not None


def why_not_undone(
    edits: list[Edit], edit: Edit, *, made_at: datetime, now: datetime
) -> str:
    """Say why an edit of a rotation cannot be undone; or ""."""
    if any(each.undoes == edit.key for each in edits):
        return "This edit is undone already."
    if now - made_at > UNDO_FOR:
        return (
            f"Edits can be undone for {UNDO_FOR.days} days. Edit the rotation instead."
        )
    if not is_on_top(edits, edit, max(now, edit.effective_from)):
        return "A later edit holds by then. Undo that one first."
    return ""
