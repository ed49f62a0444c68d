"""What keeps one series from telling again and again: cooldowns and flapping."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_CHANGES: Final = 6
SPAN: Final = timedelta(minutes=30)
STABLE_AFTER: Final = timedelta(minutes=10)
DIGEST_EVERY: Final = timedelta(minutes=30)
LONGEST_COOLDOWN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What is known of a series that may have to stay quiet.

    ``told_at``, ``told_pk`` and ``told_level`` are of the alert of the series that
    told last, and the worst level that it told; None where none did lately.
    """

    series_pk: int
    cooldown: timedelta | None = None
    flapping_at: datetime | None = None
    told_at: datetime | None = None
    told_pk: int | None = None
    told_level: int | None = None

    def lets_through(self, pk: int, level: int) -> bool:
        """Say whether an alert tells all the same: it told before, or is worse."""
        if pk == self.told_pk:
            return True
        return self.told_level is not None and level < self.told_level

    def cools_until(self, now: datetime) -> datetime | None:
        """Return when the series may tell again, None when it may now."""
        if self.told_at is None or not self.cooldown:
            return None
        until = self.told_at + self.cooldown
        return until if now < until else None


def remember_changes(
    changes: Sequence[datetime], *more: datetime
) -> tuple[datetime, ...]:
    """Return the last changes of a series, as many as decide, the oldest first."""
    return tuple(sorted((*changes, *more))[-MOST_CHANGES:])


def is_flapping(changes: Sequence[datetime], now: datetime) -> bool:
    """Say whether six changes or more, opened or resolved, lie in the last 30 min."""
    return sum(now - SPAN < at <= now for at in changes) >= MOST_CHANGES


def stable_at(changes: Sequence[datetime]) -> datetime:
    """Return when a series is stable unless it changes again; it has changed once."""
    return max(changes) + STABLE_AFTER
