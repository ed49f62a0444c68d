"""Shifts that change hands: whether they still can, and what becomes of the schedule.

A swap moves stretches between two people. It never makes or loses an hour: whoever
gives must hold the whole stretch, and whoever receives must not be on call then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from oncall.domain.rotation import timeline
from oncall.domain.schedule import Override, PersonId, Schedule, Segment


class Leg(NamedTuple):
    """A stretch start <= t < end of a role that one person gives to the other.

    The requester gives it to the taker, or with `is_return` the taker in return.
    """

    role: str
    start: datetime
    end: datetime
    is_return: bool = False


class Parties(NamedTuple):
    """The two people of a swap."""

    requester: PersonId
    taker: PersonId

    def giver(self, leg: Leg) -> PersonId:
        """Return who holds the leg before."""
        return self.taker if leg.is_return else self.requester

    def receiver(self, leg: Leg) -> PersonId:
        """Return who holds the leg after."""
        return self.requester if leg.is_return else self.taker


class Break(NamedTuple):
    """Where a stretch is not held by who should: from when, and who holds it then."""

    leg: Leg
    at: datetime
    holders: tuple[PersonId, ...]


class Doubling(NamedTuple):
    """Where a person would be on call twice at once."""

    user: PersonId
    at: datetime
    roles: tuple[str, str]


class Held(NamedTuple):
    """One unbroken time of one person in one role."""

    role: str
    user: PersonId
    start: datetime
    end: datetime


def held_shifts(segments: Iterable[Segment]) -> list[Held]:
    """Return a timeline's shifts, whatever the reasons within one; gaps are left out.

    Sorted by start, then as the timeline is.
    """
    found: list[Held] = []
    last: dict[tuple[str, PersonId], int] = {}
    for part in segments:
        if part.user is None:
            continue
        line = part.role, part.user
        place = last.get(line)
        if place is not None and found[place].end == part.start:
            found[place] = found[place]._replace(end=part.end)
            continue
        last[line] = len(found)
        found.append(Held(part.role, part.user, part.start, part.end))
    return found


def find_overlap(legs: Sequence[Leg]) -> tuple[Leg, Leg] | None:
    """Return two legs that would move the same time of the same role, if any."""
    ordered = sorted(legs, key=lambda leg: (leg.role, leg.start))
    for one, other in pairwise(ordered):
        if one.role == other.role and other.start < one.end:
            return one, other
    return None


def find_break(schedule: Schedule, leg: Leg, user: PersonId) -> Break | None:
    """Return where within the leg `user` is not on call in its role, or None."""
    reached = leg.start
    parts = [p for p in timeline(schedule, leg.start, leg.end) if p.role == leg.role]
    for part in parts:
        if part.user == user and part.start == reached:
            reached = part.end
    if reached >= leg.end:
        return None
    holders = tuple(
        part.user
        for part in parts
        if part.user is not None and part.start <= reached < part.end
    )
    return Break(leg, reached, holders)


def find_doubling(
    before: Schedule, after: Schedule, legs: Iterable[Leg], parties: Parties
) -> Doubling | None:
    """Return where a swap would put its receiver on call twice at once, or None.

    Also where they hold the very role already, in a group: then the hours would not
    add up.
    """
    for leg in legs:
        user = parties.receiver(leg)
        for part in timeline(before, leg.start, leg.end):
            if part.user == user and part.role == leg.role:
                return Doubling(user, part.start, (leg.role, leg.role))
        # Afterwards they hold the whole leg, so any other role is one too many.
        for part in timeline(after, leg.start, leg.end):
            if part.user == user and part.role != leg.role:
                return Doubling(user, part.start, (leg.role, part.role))
    return None


def swap_overrides(
    legs: Iterable[Leg], parties: Parties, *, at: datetime
) -> tuple[Override, ...]:
    """Return the overrides, made at `at`, that carry a swap out; keyed ("swap", n)."""
    return tuple(
        Override(
            key=("swap", number),
            start=leg.start,
            end=leg.end,
            created_at=at,
            remove_user=parties.giver(leg),
            add_user=parties.receiver(leg),
            role=leg.role,
        )
        for number, leg in enumerate(legs)
    )


def received(legs: Iterable[Leg], parties: Parties, user: PersonId) -> list[Leg]:
    """Return the legs that a person holds after a swap."""
    return [leg for leg in legs if parties.receiver(leg) == user]


def apply_swap(
    schedule: Schedule, legs: Iterable[Leg], parties: Parties, *, at: datetime
) -> Schedule:
    """Return the schedule after a swap that is taken at `at`."""
    made = swap_overrides(legs, parties, at=at)
    return replace(schedule, overrides=(*schedule.overrides, *made))


def total_of(legs: Iterable[Leg], *, is_return: bool) -> timedelta:
    """Return how long the legs of one direction are together."""
    lengths = (leg.end - leg.start for leg in legs if leg.is_return is is_return)
    return sum(lengths, timedelta())


def span_of(legs: Iterable[Leg]) -> tuple[datetime, datetime]:
    """Return the first start and the last end; `legs` are not empty."""
    known = list(legs)
    return min(leg.start for leg in known), max(leg.end for leg in known)
