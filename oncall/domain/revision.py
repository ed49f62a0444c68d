"""The next version of a rotation that leaves the present one in peace."""

from dataclasses import replace
from datetime import datetime, tzinfo

from oncall.domain.schedule import (
    Member,
    RotationVersion,
    ScheduleError,
    require_moment,
)
from oncall.domain.walltime import to_micros, wall_clock


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
    turn = version.pace.turn_at(wall_clock(zone).reach(to_micros(moment)))
    old = version.members
    coming = (old[(turn + ahead) % len(old)] for ahead in range(len(old)))
    holder = next((member for member in coming if member in members), members[0])
    shift = members.index(holder) - turn
    turned = tuple(
        members[(place + shift) % len(members)] for place in range(len(members))
    )
    return replace(version, effective_from=moment, members=turned)
