"""What the portal does about one handoff, and when.

The steps of a handoff are: remind both people before its moment, ask for acceptance
at the moment, and tell the managers when nobody accepted in time. Each happens once;
after a silence only the latest that is due.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.domain.changeover import Changeover
from oncall.domain.schedule import PersonId

# How far ahead a rotation's next handoff is drafted, for notes to be collected in.
AHEAD = timedelta(days=7)
# How long after its moment a handoff is still drafted, and a step still taken.
LATE = timedelta(hours=12)
STALE = timedelta(days=1)
REMIND_BEFORE = timedelta(hours=16)
# From when it can be accepted: earlier the brief would be that of another day.
ACCEPT_FROM = timedelta(hours=2)
ACCEPT_WITHIN = timedelta(minutes=30)
# A handoff that goes further than this is another one.
MOST_MOVED = timedelta(days=3)


class Step(StrEnum):
    """What is done about a handoff, in order."""

    REMIND = "remind"
    ASK = "ask"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one handoff has come; the moments of what has not happened are None."""

    at: datetime
    created_at: datetime
    reminded_at: datetime | None = None
    asked_at: datetime | None = None
    escalated_at: datetime | None = None
    accepted_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.accepted_at is not None or self.cancelled_at is not None


def next_step(handoff: Progress, now: datetime) -> tuple[Step | None, datetime | None]:
    """Return the step to take now, if any, and when to look again.

    Of several steps that are due only the last is taken: the ones before it are
    past. A step that is a day late is not taken any more.
    """
    if handoff.is_over:
        return None, None
    done = _steps_done(handoff)
    due, later = None, None
    for step, at in _moments(handoff):
        if at > now:
            later = at
            break
        due = step if now - at < STALE else None
        if step in done:
            due = None
    return due, later


def take_step(handoff: Progress, step: Step, now: datetime) -> Progress:
    """Return the handoff after a step."""
    if step is Step.REMIND:
        return replace(handoff, reminded_at=now)
    if step is Step.ASK:
        return replace(handoff, asked_at=now)
    return replace(handoff, escalated_at=now)


def next_look(handoff: Progress, now: datetime) -> datetime | None:
    """Return when a step has to be taken: `now` when one is due already."""
    due, later = next_step(handoff, now)
    return now if due is not None else later


def _moments(handoff: Progress) -> tuple[tuple[Step, datetime], ...]:
    # Drafted after its moment, people get the same time from when they are asked.
    asked_from = max(handoff.at, handoff.created_at)
    return (
        (Step.REMIND, handoff.at - REMIND_BEFORE),
        (Step.ASK, asked_from),
        (Step.ESCALATE, asked_from + ACCEPT_WITHIN),
    )


def _steps_done(handoff: Progress) -> set[Step]:
    done = {
        Step.REMIND: handoff.reminded_at,
        Step.ASK: handoff.asked_at,
        Step.ESCALATE: handoff.escalated_at,
    }
    return {step for step, at in done.items() if at is not None}


@dataclass(frozen=True, slots=True)
class Draft:
    """A handoff of one rotation as it is kept."""

    key: int
    at: datetime
    outgoing: PersonId | None
    incoming: PersonId | None
    created_at: datetime
    is_cancelled: bool = False
    is_accepted: bool = False

    def agrees(self, change: Changeover) -> bool:
        """Say whether it is between the same two people at the same moment."""
        return (self.at, self.outgoing, self.incoming) == (
            change.at,
            change.outgoing,
            change.incoming,
        )


@dataclass(frozen=True, slots=True)
class Begin:
    """Draft a new handoff."""

    change: Changeover


@dataclass(frozen=True, slots=True)
class Follow:
    """Let a kept handoff be this one: it moves, changes its people, or comes back."""

    key: int
    change: Changeover


@dataclass(frozen=True, slots=True)
class Drop:
    """Cancel a kept handoff."""

    key: int


Amendment = Begin | Follow | Drop


def amend(
    kept: Sequence[Draft], changes: Iterable[Changeover], now: datetime
) -> list[Amendment]:
    """Decide what becomes of one rotation's kept handoffs; `changes` are by moment.

    The next changeover is drafted when it is less than `AHEAD` away, and the last
    one when it was less than `LATE` ago. What lies ahead follows the schedule: it
    changes its people, moves, or is cancelled. What is past or accepted stays.
    """
    within = [each for each in changes if now - LATE < each.at < now + AHEAD]
    ahead = [each for each in kept if each.at > now and not each.is_accepted]
    by_moment = {each.at: each for each in within}
    known = {each.at for each in kept}
    found: list[Amendment] = []
    adrift = []
    for draft in ahead:
        change = by_moment.get(draft.at)
        if change is None:
            adrift += [] if draft.is_cancelled else [draft]
        elif draft.is_cancelled or not draft.agrees(change):
            found.append(Follow(draft.key, change))
    missing = [each for each in _wanted(within, now) if each.at not in known]
    for draft in adrift:
        goal = next((each for each in missing if _may_move(draft, each)), None)
        found.append(Drop(draft.key) if goal is None else Follow(draft.key, goal))
        missing = [each for each in missing if each != goal]
    return found + [Begin(each) for each in missing]


def _wanted(within: Sequence[Changeover], now: datetime) -> list[Changeover]:
    """Return the last changeover before now and the next one after it."""
    return [
        *[each for each in within if each.at <= now][-1:],
        *[each for each in within if each.at > now][:1],
    ]


def _may_move(draft: Draft, goal: Changeover) -> bool:
    """Say whether a draft can become this one: not one from before it was known."""
    return goal.at > draft.created_at and abs(goal.at - draft.at) <= MOST_MOVED
