"""How long an alert lasts before it tells, and its end before it is believed."""

from datetime import datetime, timedelta
from typing import Final

LONGEST_HOLD: Final = timedelta(days=1)


def find_held_at(
    began_at: datetime, hold_for: timedelta | None, now: datetime
) -> datetime | None:
    """Return when an alert that began then has lasted long enough to tell.

    None when it has already, or when nothing is asked of it.
    """
    held_at = began_at + (hold_for or timedelta())
    return held_at if held_at > now else None


def find_clears_at(
    clear_for: timedelta | None, held_at: datetime | None, now: datetime
) -> datetime | None:
    """Return until when an end that is said now has to stay; None: it counts at once.

    What did not last long enough to tell ends at once: one good reading is enough.
    """
    if not clear_for or (held_at is not None and now <= held_at):
        return None
    return now + clear_for
