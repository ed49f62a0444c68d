"""A schedule as values: rotations, their versions, overrides and holidays.

Nothing here keeps a position or knows the present. Who is on call at an instant is a
function of these values alone (`oncall.domain.rotation`). People are any hashable
identifiers that are neither None (an empty slot) nor a tuple (a group).
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.pace import (
    ActiveWindow,
    Count,
    Pace,
    Unit,
    WeekHours,
    find_pace,
)
from oncall.domain.places import fill_places, plan_places
from oncall.domain.walltime import (
    DAY,
    WALL_EPOCH,
    WallClock,
    to_micros,
    wall_clock,
    wall_micros,
)

PersonId = Hashable
Member = PersonId | tuple[PersonId, ...] | None

_NEVER = 10**20
NOBODY: frozenset[PersonId] = frozenset()


class ScheduleError(ValueError):
    """A schedule that cannot work: the field at fault and what to do about it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class HolidayPolicy(StrEnum):
    """What a rotation does on the schedule's holidays."""

    IGNORE = "ignore"
    SKIP = "skip"
    ONLY = "only"


class SourceKind(StrEnum):
    """Where an answer comes from."""

    ROTATION = "rotation"
    OVERRIDE = "override"


class Source(NamedTuple):
    """The rotation or override, by its key, that puts a person on call."""

    kind: SourceKind
    key: Hashable


class OnCall(NamedTuple):
    """One person on call in one role, and why."""

    role: str
    user: PersonId
    source: Source


class Segment(NamedTuple):
    """A stretch start <= t < end of one role: a person, or nobody (`user` None)."""

    start: datetime
    end: datetime
    role: str
    user: PersonId | None
    source: Source | None


Duty = Mapping[str, Sequence[OnCall]]
_NO_DUTY: Duty = {}


@dataclass(frozen=True)
class RotationVersion:
    """How a rotation runs from `effective_from` on, until the next version's moment.

    `anchor` is a naive time on the schedule's wall clock that begins turn 0; each turn
    lasts `every` units. A member is a person, None (an empty slot) or a tuple (a group
    that serves together). In turn k member k modulo their number holds position 0,
    the next ones of the order hold the positions up to `concurrency`.
    No windows means always active. `zone` and `holidays` are those of the schedule;
    they are set only where the schedule has others now than it had then.
    """

    effective_from: datetime
    anchor: datetime
    unit: Unit
    members: tuple[Member, ...]
    every: int = 1
    concurrency: int = 1
    count: Count = Count.CALENDAR
    holiday_policy: HolidayPolicy = HolidayPolicy.IGNORE
    windows: tuple[ActiveWindow, ...] = ()
    absence_policy: AbsencePolicy = AbsencePolicy.WARN
    zone: tzinfo | None = None
    holidays: frozenset[date] | None = None

    @cached_property
    def clock(self) -> WallClock | None:
        """The wall clock of its own zone, if it has one."""
        return None if self.zone is None else wall_clock(self.zone)

    @cached_property
    def holiday_numbers(self) -> frozenset[int] | None:
        """Its own holidays, if it has any of its own, as days since 1970."""
        return None if self.holidays is None else number_days(self.holidays)

    @cached_property
    def hours(self) -> WeekHours:
        """The weekly hours in which this version puts anybody on call."""
        return WeekHours(self.windows)

    @cached_property
    def pace(self) -> Pace:
        """The arithmetic of this version's turns."""
        counts_active = self.count is Count.ACTIVE and bool(self.windows)
        hours = self.hours if counts_active else None
        return find_pace(wall_micros(self.anchor), self.unit, self.every, hours)

    @cached_property
    def is_always_active(self) -> bool:
        """Whether there is no hour of no day in which this version puts nobody."""
        return not self.windows and self.holiday_policy is HolidayPolicy.IGNORE

    @cached_property
    def heeds_absences(self) -> bool:
        """Whether absences change who serves."""
        return self.absence_policy is not AbsencePolicy.WARN

    def slot(
        self, turn: int, away: frozenset[PersonId] = NOBODY
    ) -> tuple[tuple[int, PersonId], ...]:
        """Return a turn's pairs (position, person), without the empty slots.

        Nobody holds two positions. While people are `away`, the version's absence
        policy leaves them, leaves their place empty, or lets the next one stand in.
        """
        places = plan_places(self.members, turn, self.concurrency)
        filled = fill_places(places, away, self.absence_policy, self.members, turn)
        return tuple(
            (position, person)
            for position, people in enumerate(filled)
            for person in people
        )

    def is_active(self, reach: int, holidays: frozenset[int]) -> bool:
        """Say whether windows and holidays let this version act at a wall reading."""
        if self.holiday_policy is not HolidayPolicy.IGNORE:
            on_holiday = reach // DAY in holidays
            if on_holiday is not (self.holiday_policy is HolidayPolicy.ONLY):
                return False
        return self.hours.is_open(reach)


@dataclass(frozen=True)
class Rotation:
    """A line of turns that fills one role, or several from one list of members.

    Position j of a version fills `roles[j]`; positions beyond the last role fill the
    last one. Of the rotations that have somebody for a role at an instant, those with
    the highest `priority` fill it.
    """

    key: Hashable
    versions: tuple[RotationVersion, ...]
    roles: tuple[str, ...] = ("primary",)
    priority: int = 0

    @cached_property
    def source(self) -> Source:
        """What this rotation's answers say about where they come from."""
        return Source(SourceKind.ROTATION, self.key)

    @cached_property
    def eras(self) -> tuple[tuple[int, int, RotationVersion], ...]:
        """The versions in order, each with its first and its end microsecond.

        Of two versions from the same moment, the later in `versions` holds.
        """
        ordered = sorted(self.versions, key=lambda version: version.effective_from)
        starts = [to_micros(version.effective_from) for version in ordered]
        return tuple(zip(starts, [*starts[1:], _NEVER], ordered, strict=True))

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(start for start, _, _ in self.eras)

    @cached_property
    def _duties(self) -> dict[tuple[int, int], Duty]:
        return {}

    def people_at(
        self, at: int, reach: int, away: frozenset[PersonId] = NOBODY
    ) -> tuple[PersonId, ...]:
        """Return whose turn it is at an instant with that reach, active or not.

        In order of position.
        """
        row = bisect_right(self._starts, at) - 1
        if row < 0:
            return ()
        version = self.eras[row][2]
        if version.clock is not None:
            reach = version.clock.reach(at)
        slot = version.slot(version.pace.turn_at(reach), away)
        return tuple(person for _, person in slot)

    def duty_at(
        self,
        at: int,
        reach: int,
        holidays: frozenset[int],
        away: frozenset[PersonId] = NOBODY,
    ) -> Duty:
        """Return by role whom this rotation puts on call at an instant.

        `reach` is that of the instant, `away` are the people absent then.
        """
        row = bisect_right(self._starts, at) - 1
        if row < 0:
            return _NO_DUTY
        version = self.eras[row][2]
        if version.clock is not None:
            reach = version.clock.reach(at)
        if version.holiday_numbers is not None:
            holidays = version.holiday_numbers
        if not (version.is_always_active or version.is_active(reach, holidays)):
            return _NO_DUTY
        turn = version.pace.turn_at(reach) % len(version.members)
        if away and version.heeds_absences:
            return self._line_up(version.slot(turn, away))
        found = self._duties.get((row, turn))
        if found is None:
            found = self._duties[row, turn] = self._line_up(version.slot(turn))
        return found

    def _line_up(self, slot: tuple[tuple[int, PersonId], ...]) -> Duty:
        duty: dict[str, list[OnCall]] = {}
        for position, person in slot:
            role = self.roles[min(position, len(self.roles) - 1)]
            duty.setdefault(role, []).append(OnCall(role, person, self.source))
        return duty


@dataclass(frozen=True)
class Override:
    """A correction over start <= t < end; the one created last has the last word.

    `remove_user` and `add_user` replace one by the other, each alone only removes or
    only adds. `role` None looks in every role; adding needs a role. With `takes_role`
    the person added holds the role alone, whoever held it and even if nobody did.
    Cancelled, it ends at `cancelled_at`: what was before stays as it was.
    """

    key: Hashable
    start: datetime
    end: datetime
    created_at: datetime
    remove_user: PersonId | None = None
    add_user: PersonId | None = None
    role: str | None = None
    takes_role: bool = False
    cancelled_at: datetime | None = None

    @cached_property
    def source(self) -> Source:
        """What this override's answers say about where they come from."""
        return Source(SourceKind.OVERRIDE, self.key)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The microseconds start, end in which it acts; empty when end <= start."""
        end = to_micros(self.end)
        if self.cancelled_at is not None:
            end = min(end, to_micros(self.cancelled_at))
        return to_micros(self.start), end


@dataclass(frozen=True)
class Schedule:
    """Who is on call for one team or service, on one zone's wall clock.

    `holidays` are dates in that zone. `required_roles` are the roles whose gaps are
    spelled out; when empty, every role that a rotation fills.
    """

    zone: tzinfo
    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...] = ()
    holidays: frozenset[date] = frozenset()
    required_roles: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()

    @cached_property
    def clock(self) -> WallClock:
        """The zone's wall clock."""
        return wall_clock(self.zone)

    @cached_property
    def holiday_numbers(self) -> frozenset[int]:
        """The holidays as days since 1970."""
        return number_days(self.holidays)

    @cached_property
    def layers(self) -> tuple[Rotation, ...]:
        """The rotations, highest priority first, equals as they were given."""
        return tuple(sorted(self.rotations, key=lambda rotation: -rotation.priority))

    @cached_property
    def expected_roles(self) -> tuple[str, ...]:
        """The roles whose gaps are spelled out, in order."""
        if self.required_roles:
            return self.required_roles
        found = (role for rotation in self.rotations for role in rotation.roles)
        return tuple(dict.fromkeys(found))

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Every role that anybody can hold: expected ones, other ones, of overrides."""
        found = dict.fromkeys(self.expected_roles)
        for rotation in self.layers:
            found |= dict.fromkeys(rotation.roles)
        for override in self.overrides_as_created:
            if override.role is not None:
                found[override.role] = None
        return tuple(found)

    @cached_property
    def layers_by_role(self) -> dict[str, tuple[Rotation, ...]]:
        """The layers that fill each role."""
        return {
            role: tuple(each for each in self.layers if role in each.roles)
            for role in self.roles
        }

    @cached_property
    def overrides_as_created(self) -> tuple[Override, ...]:
        """The overrides, oldest first, equals as they were given."""
        return tuple(sorted(self.overrides, key=lambda each: each.created_at))

    @cached_property
    def heeded_absences(self) -> tuple[Absence, ...]:
        """The absences, when there is a version that heeds them."""
        versions = (each for one in self.rotations for each in one.versions)
        return self.absences if any(each.heeds_absences for each in versions) else ()

    def away_at(self, at: int) -> frozenset[PersonId]:
        """Return who is away at an instant, as far as it matters here."""
        if not self.heeded_absences:
            return NOBODY
        return frozenset(
            absence.person
            for absence in self.heeded_absences
            if absence.span[0] <= at < absence.span[1]
        )


def number_days(days: Iterable[date]) -> frozenset[int]:
    """Return dates as days since 1970."""
    first = WALL_EPOCH.date()
    return frozenset((day - first).days for day in days)


def require_moment(at: datetime, field: str) -> datetime:
    """Return `at` in UTC; raise ScheduleError when it has no zone."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None or at.utcoffset() is None:
        raise ScheduleError(field, "has no time zone. Give an aware UTC moment.")
    return at.astimezone(UTC)
