"""A schedule as entries of a calendar that others keep a copy of.

A copy is told of changes by a number that grows and of removals by an entry that says
so. Both are found without keeping anything: the schedule is rebuilt as it was known at
each edit of the last days, and what an edit touched is compared with what was before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from oncall.domain import coverage
from oncall.domain.absence import Absence
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Override, PersonId, Schedule
from oncall.domain.swap import Held, held_shifts

MEMORY = timedelta(days=30)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_Name = tuple[str, PersonId, datetime]
_Row = TypeVar("_Row", Override, Absence)


class Entry(NamedTuple):
    """One shift in a calendar.

    `sequence` counts its changes within the memory, `changed_at` is the last of
    them, or None. One that is gone stays a while with `is_cancelled`.
    """

    role: str
    user: PersonId
    start: datetime
    end: datetime
    sequence: int = 0
    changed_at: datetime | None = None
    is_cancelled: bool = False


class Edit(NamedTuple):
    """What was changed at a moment: the stretch start <= t < end of a schedule."""

    at: datetime
    start: datetime
    end: datetime


class Known(NamedTuple):
    """A schedule, and when each version of each rotation was written (by its key)."""

    schedule: Schedule
    versions_at: Mapping[Hashable, Sequence[datetime]]

    def edits(self) -> list[Edit]:
        """Return every edit ever, in no order."""
        plan = self.schedule
        found = [
            Edit(at, version.effective_from, _FOR_EVER)
            for rotation in plan.rotations
            for version, at in zip(
                rotation.versions, self.versions_at[rotation.key], strict=True
            )
        ]
        rows: list[Override | Absence] = [*plan.overrides, *plan.absences]
        for each in rows:
            found.append(Edit(each.created_at, each.start, each.end))
            if each.cancelled_at is not None:
                begin = max(each.start, each.cancelled_at)
                found.append(Edit(each.cancelled_at, begin, each.end))
        return found

    def as_known_at(self, at: datetime) -> Schedule:
        """Return the schedule as anybody could know it at `at`."""
        plan = self.schedule
        rotations = []
        for each in plan.rotations:
            pairs = zip(each.versions, self.versions_at[each.key], strict=True)
            versions = tuple(version for version, since in pairs if since <= at)
            if versions:
                rotations.append(replace(each, versions=versions))
        return replace(
            plan,
            rotations=tuple(rotations),
            overrides=_known(plan.overrides, at),
            absences=_known(plan.absences, at),
        )


def _known(rows: Iterable[_Row], at: datetime) -> tuple[_Row, ...]:
    return tuple(
        replace(each, cancelled_at=None)
        if each.cancelled_at is not None and each.cancelled_at > at
        else each
        for each in rows
        if each.created_at <= at
    )


def read_entries(
    known: Known, start: datetime, end: datetime, *, now: datetime
) -> list[Entry]:
    """Return the shifts that touch start <= t < end, and those that are gone lately.

    Sorted by start, role and person as a text. A shift at an edge is whole.
    """
    edits: dict[datetime, list[Edit]] = defaultdict(list)
    for edit in known.edits():
        touches = edit.start < end and edit.end > start and edit.end > edit.start
        if now - MEMORY < edit.at <= now and touches:
            edits[edit.at].append(edit)
    log = _Log()
    first = known.as_known_at(min(edits, default=now) - _MICROSECOND)
    held = held_shifts(timeline(first if edits else known.schedule, start, end))
    for at in sorted(edits):
        plan = known.as_known_at(at)
        before = held
        for edit in edits[at]:
            begin, stop = max(edit.start, start), min(edit.end, end)
            held = _splice(held, held_shifts(timeline(plan, begin, stop)), begin, stop)
        log.compare(before, held, at)
    found = [*(log.entry(each) for each in held), *log.gone(held)]
    found = [_widen(known.schedule, each, start, end) for each in found]
    return sorted(found, key=lambda each: (each.start, each.role, str(each.user)))


class _Log:
    """How often each shift changed, and what became of those that are gone."""

    def __init__(self) -> None:
        self._changes: dict[_Name, tuple[int, datetime]] = {}
        self._last_seen: dict[_Name, Held] = {}

    def compare(self, before: list[Held], after: list[Held], at: datetime) -> None:
        old = {_name(each): each for each in before}
        new = {_name(each): each for each in after}
        for name in old.keys() | new.keys():
            was, will = old.get(name), new.get(name)
            if was == will:
                continue
            if was is not None:
                self._last_seen[name] = was
            # A shift that nobody had seen yet begins with 0.
            if was is not None or name in self._changes:
                self._changes[name] = self._changes.get(name, (0, at))[0] + 1, at
            else:
                self._changes[name] = 0, at

    def entry(self, held: Held, *, is_cancelled: bool = False) -> Entry:
        sequence, at = self._changes.get(_name(held), (0, None))
        return Entry(*held, sequence, at, is_cancelled)

    def gone(self, held: list[Held]) -> list[Entry]:
        left = self._last_seen.keys() - {_name(each) for each in held}
        return [self.entry(self._last_seen[name], is_cancelled=True) for name in left]


def _name(held: Held) -> _Name:
    return held.role, held.user, held.start


def _splice(
    held: list[Held], new: list[Held], start: datetime, end: datetime
) -> list[Held]:
    """Put `new` in the place of what was within start <= t < end."""
    parts = list(new)
    for each in held:
        if each.start < start:
            parts.append(each._replace(end=min(each.end, start)))
        if each.end > end:
            parts.append(each._replace(start=max(each.start, end)))
    parts.sort(key=lambda each: each.start)
    found: list[Held] = []
    last: dict[tuple[str, PersonId], int] = {}
    for part in parts:
        line = part.role, part.user
        place = last.get(line)
        if place is not None and found[place].end == part.start:
            found[place] = found[place]._replace(end=part.end)
        else:
            last[line] = len(found)
            found.append(part)
    return found


def _widen(plan: Schedule, entry: Entry, start: datetime, end: datetime) -> Entry:
    """Give a shift at an edge of the window its real start or end.

    One without a start in sight begins with the year before, so that its name stays.
    """
    if entry.is_cancelled:
        return entry
    if entry.start == start:
        shift = coverage.shift_of(plan, entry.user, start, role=entry.role)
        since = shift.start if shift else None
        entry = entry._replace(
            start=since or datetime(start.year - 1, 1, 1, tzinfo=UTC)
        )
    if entry.end == end:
        last = end - _MICROSECOND
        shift = coverage.shift_of(plan, entry.user, last, role=entry.role)
        entry = entry._replace(end=(shift.end if shift else None) or end)
    return entry


def uid_of(schedule_key: Hashable, entry: Entry) -> str:
    """Return what names a shift in every calendar, the same as long as it is the same."""
    begin = entry.start.astimezone(UTC).isoformat()
    plain = f"{schedule_key}|{entry.role}|{entry.user}|{begin}"
    return hashlib.sha256(plain.encode()).hexdigest()[:32]
