"""When an endpoint may be sent to: not too often, and not while it is down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
# Consecutive failures after which nothing but one try at a time goes there.
FAILURES_TO_PAUSE = 5
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may leave now; with none, `free_at` is when the next may."""

    free: int
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What an endpoint's answers say: consecutive failures, and when to try again."""

    failures: int
    retry_at: datetime | None = None

    @property
    def is_down(self) -> bool:
        """Whether it has failed so often that one message must go ahead."""
        return self.failures >= FAILURES_TO_PAUSE


def allowance(sends: Sequence[datetime], now: datetime, *, most: int) -> Allowance:
    """Return what may be sent now so that never more than `most` arrive in a minute.

    `sends` are the latest moments at which earlier messages can have arrived. Of the
    minute's messages some half may leave in one burst; the others keep a distance,
    so that what comes later in the minute does not wait for its end.
    """
    recent = sorted(each for each in sends if each + WINDOW > now)
    burst = max(1, most * 7 // 12)
    used = len(recent)
    if used < burst:
        return Allowance(burst - used, now)
    free_at = recent[-1] + WINDOW / (most - burst + 1)
    if used >= most:
        return Allowance(0, max(free_at, recent[-most] + WINDOW))
    return Allowance(int(free_at <= now), max(free_at, now))


def fail(health: Health, now: datetime, *, retry_after: timedelta | None) -> Health:
    """Return the health after a message that was not taken.

    The fifth failure on end pauses the endpoint for ten seconds; each try that
    fails then doubles the pause, to a minute at most. What the endpoint itself asked
    for as `retry_after` is a pause too, to a minute at most.
    """
    failures = health.failures + 1
    pause = min(retry_after or timedelta(), LONGEST_PAUSE)
    if failures >= FAILURES_TO_PAUSE:
        doubled = FIRST_PAUSE * 2 ** min(failures - FAILURES_TO_PAUSE, 8)
        pause = max(pause, min(doubled, LONGEST_PAUSE))
    return Health(failures, now + pause if pause else None)


def split_parcels(count: int, free: int) -> tuple[int, int]:
    """Return how many of `count` messages leave alone, and how many as one batch.

    Nothing is dropped when fewer than `count` may leave: the rest go together in the
    last of them.
    """
    if count <= free:
        return count, 0
    alone = max(free - 1, 0)
    return alone, count - alone if free else 0
