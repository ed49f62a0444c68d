"""What a ladder would do with an imagined alert: the moves of the engine, foretold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from oncall.domain.escalation import begin, next_move
from oncall.domain.ladder import Act, Alert, Move, Policy

# Twenty repeats of twenty steps, passed over and told, stay below this.
MOST_MOVES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An alert from its opening on; moments that are None never come."""

    opened_at: datetime
    level: int
    labels: Mapping[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None


class Event(NamedTuple):
    """One move, taken at a moment."""

    at: datetime
    move: Move


# At a moment, from when each target of a step leads to somebody.
FindPeopleAt = Callable[[datetime, int], Sequence[datetime | None]]


def simulate(
    policy: Policy,
    story: Story,
    find_people: FindPeopleAt,
    *,
    within: timedelta = timedelta(days=7),
    turn: int = 0,
) -> list[Event]:
    """Return every move but waiting, in order, each at the moment it is due.

    Ends with an END when the alert is resolved `within` that time.
    """
    alert = Alert(opened_at=story.opened_at, level=story.level, labels=story.labels)
    state, now = begin(alert, turn=turn), story.opened_at
    end = story.opened_at + within
    events: list[Event] = []
    ack_at = story.acknowledged_at
    while len(events) < MOST_MOVES:
        seen = _as_known(story, now, ack_at)
        found = partial(find_people, now)
        move = next_move(policy, state, seen, now, found)
        state = move.state
        if move.act is Act.WAIT:
            later = (move.at, ack_at, story.resolved_at)
            ahead = [at for at in later if at is not None and at > now]
            if not ahead or min(ahead) > end:
                break
            now = min(ahead)
            continue
        events.append(Event(now, move))
        if move.act in {Act.END, Act.HOLD}:
            break
        if move.act is Act.EXPIRE:
            ack_at = None
    return events


def _as_known(story: Story, now: datetime, ack_at: datetime | None) -> Alert:
    """The alert as it stands at `now`: nothing that is still to come."""

    def passed(at: datetime | None) -> datetime | None:
        return at if at is not None and at <= now else None

    return Alert(
        opened_at=story.opened_at,
        level=story.level,
        labels=story.labels,
        acknowledged_at=passed(ack_at),
        resolved_at=passed(story.resolved_at),
    )
