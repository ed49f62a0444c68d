"""When a notification that could not be sent is tried again."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = tuple(timedelta(seconds=s) for s in (0, 2, 5, 10, 20, 30, 60))
STEADY = timedelta(seconds=60)
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
MOST_ATTEMPTS = len(DELAYS) + (GIVE_UP_AFTER - sum(DELAYS, timedelta())) // STEADY


def next_try(
    attempts: int,
    now: datetime,
    jitter: float,
    *,
    retry_after: timedelta | None = None,
    since: datetime | None = None,
) -> datetime | None:
    """Return when to try again after `attempts` attempts, or None to give up.

    The first try is at once, then 2, 5, 10, 20, 30, 60 seconds apart and each minute
    from there, each wait stretched by `jitter` (-1 to 1, of 20 %). A receiver's
    `retry_after` lengthens a wait, to a minute at most. A day ends it: counted in
    attempts, and by the clock from `since` when that is given.
    Raises ValueError for negative attempts or jitter beyond -1 to 1.
    """
    if attempts < 0:
        raise ValueError("attempts must be 0 or more.")
    if not -1 <= jitter <= 1:
        raise ValueError("jitter must lie between -1 and 1.")
    if attempts >= MOST_ATTEMPTS:
        return None
    delay = DELAYS[attempts] if attempts < len(DELAYS) else STEADY
    wait = delay * (1 + JITTER * jitter)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
    again = now + wait
    if since is not None and again - since > GIVE_UP_AFTER:
        return None
    return again


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
