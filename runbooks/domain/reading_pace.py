"""When a runbook is read from its address again."""

from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
EVERY: Final = {"hourly": HOUR, "daily": DAY, "weekly": timedelta(days=7)}
_FIRST_RETRY: Final = timedelta(minutes=30)
_MOST_DOUBLED: Final = 10


def plan_next_read(interval: str, failures: int, *, now: datetime) -> datetime | None:
    """Return when to read next after so many failures in a row; None for "off".

    A failure is tried again half an hour later, then after twice as long each time,
    until that is a day or the interval, whichever is longer.
    """
    if interval not in EVERY:
        return None
    if not failures:
        return now + EVERY[interval]
    longest = max(EVERY[interval], DAY)
    return now + min(_FIRST_RETRY * (1 << min(failures - 1, _MOST_DOUBLED)), longest)
