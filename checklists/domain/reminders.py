"""Which reminder of a run is due, and when to look again.

After downtime only the highest rung goes out; the ones below it are counted as
suppressed and never come back. A rung whose moment lies before the opening
goes out at the opening. Nothing goes out once the run closes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from checklists.domain.cadence import to_utc
from checklists.domain.reminder_ladder import (
    Ladder,
    LadderError,
    Rung,
    read_offset,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A local window without reminders; an end before the start is next day's.

    Both ends are wall times of ``zone``; the end itself is no longer quiet.
    Raises LadderError when the window is empty.
    """

    start: time
    end: time
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Refuse a window of no length, which might mean never or always."""
        if self.start == self.end:
            raise LadderError("quiet_hours", "start and end must differ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """What the ladder needs of one run (aware UTC).

    ``sent`` holds the keys of the rungs that went out. Only rungs above the
    highest of them can still be due, also after an edit of the ladder.
    """

    ladder: Ladder
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    sent: Collection[str] = frozenset()
    quiet: QuietHours | None = None


class RungDue(NamedTuple):
    """The rung to send now, if any, and how many below it are suppressed."""

    rung: Rung | None
    suppressed_count: int


def quiet_until(quiet: QuietHours | None, at: datetime) -> datetime | None:
    """Return the end (UTC) of the quiet window that holds ``at``, or None.

    Windows are compared as instants, so the end is always after ``at``, also in
    the hour that autumn repeats.
    """
    if quiet is None:
        return None
    today = at.astimezone(quiet.zone).date()
    extra = _DAY if quiet.end < quiet.start else timedelta()
    until = at
    # Two days back: where a zone skips a day, its nights reach that far. One
    # ahead: a clock change can make one window end inside the next.
    for day in (today + count * _DAY for count in (-2, -1, 0, 1)):
        start = to_utc(day, quiet.start, quiet.zone)
        end = to_utc(day + extra, quiet.end, quiet.zone)
        if start <= until < end:
            until = end
    return until if until > at else None


def due_rung(reminding: Reminding, now: datetime) -> RungDue:
    """Return the highest rung due at ``now`` that may go out at this hour.

    A rung held back by quiet hours waits for their end, unless a higher one
    goes out first.
    """
    if now >= reminding.closes_at:
        return RungDue(None, 0)
    waiting = _waiting_rungs(reminding)
    is_quiet = quiet_until(reminding.quiet, now) is not None
    for index in range(len(waiting) - 1, -1, -1):
        rung = waiting[index]
        if _moment_of(reminding, rung) > now:
            continue
        if rung.ignores_quiet_hours or not is_quiet:
            return RungDue(rung, index)
    return RungDue(None, 0)


def next_reminder_at(reminding: Reminding, now: datetime) -> datetime | None:
    """Return when ``due_rung`` next gives a rung, ``now`` at the earliest.

    None when the ladder is done or the run closes before. Holds until the run,
    its ladder or what was sent changes, so a column can keep it.
    """
    moments = []
    for rung in _waiting_rungs(reminding):
        moment = max(_moment_of(reminding, rung), now)
        if not rung.ignores_quiet_hours:
            moment = quiet_until(reminding.quiet, moment) or moment
        moments.append(moment)
    first = min(moments, default=None)
    return first if first is not None and first < reminding.closes_at else None


def _waiting_rungs(reminding: Reminding) -> list[Rung]:
    """Return the rungs above the highest sent one, lowest first."""
    highest = max((read_offset("sent", key) for key in reminding.sent), default=None)
    return sorted(
        (rung for rung in reminding.ladder if highest is None or rung.offset > highest),
        key=lambda rung: rung.offset,
    )


def _moment_of(reminding: Reminding, rung: Rung) -> datetime:
    return max(reminding.due_at + rung.offset, reminding.opens_at)


# Several reminders to one person in one sweep become one message.


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder to one person about one run."""

    recipient_id: int
    run_id: int
    due_at: datetime
    rung: Rung
    suppressed_count: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """The reminders of one sweep to one person: one line a run, soonest first."""

    recipient_id: int
    lines: tuple[Reminder, ...]


def group_digests(reminders: Iterable[Reminder]) -> list[Digest]:
    """Group the reminders of one sweep by person, in order of the person's id.

    Who is reminded twice of one run (as assignee and as manager) gets the
    higher rung only.
    """
    best: dict[tuple[int, int], Reminder] = {}
    for reminder in reminders:
        key = (reminder.recipient_id, reminder.run_id)
        known = best.get(key)
        if known is None or reminder.rung.offset > known.rung.offset:
            best[key] = reminder
    lines: dict[int, list[Reminder]] = {}
    for reminder in best.values():
        lines.setdefault(reminder.recipient_id, []).append(reminder)
    return [
        Digest(person, tuple(sorted(lines[person], key=_line_order)))
        for person in sorted(lines)
    ]


def _line_order(reminder: Reminder) -> tuple[datetime, int]:
    return reminder.due_at.astimezone(UTC), reminder.run_id
