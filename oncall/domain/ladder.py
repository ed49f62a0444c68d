"""An escalation policy, the alert that climbs it and how far it is, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.domain.schedule import PersonId
from oncall.domain.step_window import StepWindow


class Condition(StrEnum):
    """What must still hold when a step's moment comes."""

    UNACKNOWLEDGED = "unacknowledged"
    UNRESOLVED = "unresolved"


class Strategy(StrEnum):
    """Whether a step tells all of its targets or one in turn."""

    ALL = "all"
    ROUND_ROBIN = "round_robin"


class AckMode(StrEnum):
    """Whose acknowledgement counts: anybody's, or that of everybody told."""

    ANY = "any"
    EACH = "each"


class Act(StrEnum):
    """What a move does."""

    TELL = "tell"
    PASS = "pass"  # noqa: S105 -- to pass over
    LAST_RESORT = "last_resort"
    REPEAT = "repeat"
    EXPIRE = "expire"
    HOLD = "hold"
    WAIT = "wait"
    END = "end"


class Reason(StrEnum):
    """Why a step does not tell at its moment."""

    LEVEL = "level"
    LABEL = "label"
    ACKNOWLEDGED = "acknowledged"
    WINDOW = "window"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung. Without `delay` only people, or an empty step before it, reach it.

    It serves levels `max_level` (graver) to `min_level`; `requires` is a label that
    the alert must carry as true; `targets` is how many there are.
    """

    delay: timedelta | None
    name: str = ""
    condition: Condition = Condition.UNACKNOWLEDGED
    min_level: int = 5
    max_level: int = 1
    requires: str = ""
    strategy: Strategy = Strategy.ALL
    ack_mode: AckMode = AckMode.ANY
    skip_if_empty: bool = True
    window: StepWindow | None = None
    targets: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Steps in order; then so many repeats from the step at `repeat_from` on."""

    steps: tuple[Step, ...]
    repeats: int = 0
    repeat_after: timedelta | None = None
    repeat_from: int = 0
    ack_expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What the ladder asks of an alert or incident at a moment.

    `acknowledged_by` is who acknowledged, None for everybody who has to.
    """

    opened_at: datetime
    level: int
    labels: Mapping[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: frozenset[PersonId] | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a ladder is. Steps are named by their places, from 0.

    `told` are done in this loop, `passed` were not told at their moment. Delays count
    from `begun_at`; those of unacknowledged steps from `restarted_at` once an
    acknowledgement came to an end. `slip` is by how much an outage moved what
    follows. `forced` is due at once, `by_hand` whatever was acknowledged. `turn`
    counts round-robin steps. `awaited` must all acknowledge.
    """

    begun_at: datetime
    loop: int = 0
    repeats: int = 0
    restarted_at: datetime | None = None
    told: frozenset[int] = frozenset()
    passed: frozenset[int] = frozenset()
    slip: timedelta = timedelta()
    last_at: datetime | None = None
    forced: int | None = None
    by_hand: bool = False
    needs_last_resort: bool = False
    turn: int = 0
    awaited: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """The next thing to do, and the state that it leaves.

    `at` is when it was due; of a WAIT when to look again, None for not until
    something changes. `targets` are the places of those to tell. `opens_at` is when
    a closed window opens.
    """

    act: Act
    state: State
    at: datetime | None = None
    step: int | None = None
    targets: tuple[int, ...] = ()
    reason: Reason | None = None
    opens_at: datetime | None = None


# From which moment each target of a step (by place) leads to somebody who may be
# told: now or earlier for at once, None for never.
FindPeople = Callable[[int], Sequence[datetime | None]]
