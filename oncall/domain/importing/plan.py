"""What every importer gives: a schedule in our words, and what it could not carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from oncall.domain.pace import ActiveWindow, Unit
from oncall.domain.schedule import (
    Member,
    Override,
    PersonId,
    Rotation,
    RotationVersion,
    Schedule,
)

ROLE = "primary"
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """Somebody in the file; `key` is what the file calls them."""

    key: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class ImportedRotation:
    """A line of turns; `members` hold the keys of people, () is an empty slot."""

    name: str
    anchor: datetime
    unit: Unit
    every: int
    members: tuple[tuple[str, ...], ...]
    windows: tuple[ActiveWindow, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ImportedShift:
    """A shift outside of any turns, start <= t < end."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ImportedSchedule:
    """A schedule of another system; `notes` say what is not carried over."""

    name: str
    time_zone: str
    people: tuple[ImportedPerson, ...]
    rotations: tuple[ImportedRotation, ...] = ()
    shifts: tuple[ImportedShift, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class People:
    """Those whom a file names, each once, in the order in which they appear."""

    found: dict[str, ImportedPerson] = field(default_factory=dict)

    def add(self, key: str, name: str = "", email: str = "") -> str:
        """Note a person and return their key."""
        known = self.found.get(key)
        if known is None or (email and not known.email):
            self.found[key] = ImportedPerson(key, name or key, email)
        return key

    def list(self) -> tuple[ImportedPerson, ...]:
        """Return everybody."""
        return tuple(self.found.values())


def split_turn(length: timedelta) -> tuple[Unit, int] | None:
    """Return a length as units of turns: whole weeks, days or hours; else None."""
    units = (
        (Unit.WEEK, timedelta(weeks=1)),
        (Unit.DAY, timedelta(days=1)),
        (Unit.HOUR, timedelta(hours=1)),
    )
    for unit, size in units:
        if length and not length % size:
            return unit, length // size
    return None


def windows_from(
    weekdays: Iterable[int], start_minute: int, minutes: int
) -> tuple[ActiveWindow, ...]:
    """Return windows of a length on weekdays (Monday 0), cut into a day at most each.

    A window of the portal ends on the day after it begins, at the latest.
    """
    found = []
    for weekday in weekdays:
        begin, left, day = start_minute, minutes, weekday
        while left > 0:
            piece = min(left, _DAY)
            found.append(ActiveWindow(day % 7, begin, begin + piece))
            left -= piece
            day, begin = day + (begin + piece) // _DAY, (begin + piece) % _DAY
    return tuple(found)


def to_schedule(
    plan: ImportedSchedule,
    zone: tzinfo,
    chosen: Mapping[str, PersonId | None],
    *,
    now: datetime,
) -> Schedule:
    """Return the schedule as it would be from `now` on.

    `chosen` says who each key is here; nobody leaves an empty slot. What is over by
    `now` is left out, as is a shift of nobody.
    """
    rotations = tuple(
        Rotation(
            key=number,
            versions=(_version(each, chosen, now),),
            roles=(ROLE,),
            priority=each.priority,
        )
        for number, each in enumerate(plan.rotations)
    )
    overrides = tuple(
        Override(
            key=("import", number),
            start=max(each.start, now),
            end=each.end,
            created_at=now,
            add_user=chosen.get(each.person),
            role=ROLE,
        )
        for number, each in enumerate(plan.shifts)
        if each.end > now and chosen.get(each.person) is not None
    )
    return Schedule(zone, rotations, overrides, required_roles=(ROLE,))


def _version(
    rotation: ImportedRotation, chosen: Mapping[str, PersonId | None], now: datetime
) -> RotationVersion:
    return RotationVersion(
        effective_from=now,
        anchor=rotation.anchor,
        unit=rotation.unit,
        every=rotation.every,
        members=tuple(_member(keys, chosen) for keys in rotation.members),
        windows=rotation.windows,
    )


def _member(keys: tuple[str, ...], chosen: Mapping[str, PersonId | None]) -> Member:
    people = [chosen.get(key) for key in keys]
    here = tuple(dict.fromkeys(each for each in people if each is not None))
    if len(here) > 1:
        return here
    return here[0] if here else None
