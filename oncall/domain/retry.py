"""When a notification that could not be sent is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = tuple(timedelta(seconds=s) for s in (0, 2, 5, 10, 20, 30, 60))
STEADY = timedelta(seconds=60)
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
MOST_ATTEMPTS = len(DELAYS) + (GIVE_UP_AFTER - sum(DELAYS, timedelta())) // STEADY


@dataclass(frozen=True, slots=True)
class Pace:
    """How persistently one kind of address is tried.

    `delays` are the waits before each attempt, `most` attempts end it; those beyond
    the delays are `STEADY` apart.
    """

    delays: tuple[timedelta, ...]
    most: int


# Mail servers and telephones come back; they are asked for a day.
PATIENT = Pace(DELAYS, MOST_ATTEMPTS)
# A webhook gets three retries; what it did not take is shown to people then.
BRISK = Pace(tuple(timedelta(seconds=s) for s in (0, 1, 4, 16)), 4)
# So many failures of one way, or so long a wait for the second try, and a page goes
# the next way at once.
TRIES_BEFORE_NEXT = 2
LONGEST_ON_ONE_WAY = timedelta(seconds=30)


def next_try(
    attempts: int,
    now: datetime,
    jitter: float,
    *,
    retry_after: timedelta | None = None,
    since: datetime | None = None,
    pace: Pace = PATIENT,
) -> datetime | None:
    """Return when to try again after `attempts` attempts, or None to give up.

    With the patient pace the first try is at once, then 2, 5, 10, 20, 30, 60 seconds
    apart and each minute from there; each wait is stretched by `jitter` (-1 to 1, of
    20 %). A receiver's `retry_after` lengthens a wait, to a minute at most. A day ends
    it: counted in attempts, and by the clock from `since` when that is given.
    Raises ValueError for negative attempts or jitter beyond -1 to 1.
    """
    if attempts < 0:
        raise ValueError("attempts must be 0 or more.")
    if not -1 <= jitter <= 1:
        raise ValueError("jitter must lie between -1 and 1.")
    if attempts >= pace.most:
        return None
    delay = pace.delays[attempts] if attempts < len(pace.delays) else STEADY
    wait = delay * (1 + JITTER * jitter)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
    again = now + wait
    if since is not None and again - since > GIVE_UP_AFTER:
        return None
    return again


def goes_next_way(failures: int, *, wait: timedelta | None) -> bool:
    """Say whether a page should take its next way now, after so many failures.

    `wait` is how long this way waits for its next try, None when it gave up. The
    answer is yes at the second failure, and at the first when the wait is long.
    """
    if failures >= TRIES_BEFORE_NEXT:
        return failures == TRIES_BEFORE_NEXT or wait is None
    return wait is None or wait > LONGEST_ON_ONE_WAY


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or an HTTP date; None if it says nothing."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), GIVE_UP_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return min(max(until - now, timedelta()), GIVE_UP_AFTER)
