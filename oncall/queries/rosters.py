"""What the editor of rotations shows: rotations, their history, absences in the way."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from oncall.domain.plan import members_from
from oncall.domain.revision import Edit, held_before, in_force, living, why_not_undone
from oncall.domain.schedule import PersonId
from oncall.domain.wording import (
    Names,
    is_over,
    say_cadence,
    say_changes,
    say_order,
    say_rotation,
)
from oncall.models import (
    Absence,
    Holiday,
    HolidayCalendar,
    Rotation,
    RotationVersion,
    Schedule,
)
from oncall.queries.loading import read_version
from oncall.queries.naming import name_people


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the history. ``state``: now, planned, over or undone."""

    pk: int
    rotation_id: int
    rotation_name: str
    starts_at: datetime
    saved_at: datetime
    by: str
    words: list[str]
    state: str
    undone_by: str
    is_undo: bool
    can_be_undone: bool


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A rotation with its sentence as it holds at a moment, and its versions."""

    pk: int
    name: str
    roles: list[str]
    priority: int
    cadence: str
    sentence: str
    order: str
    is_over: bool
    starts_at: datetime | None
    versions: list[VersionRow] = field(default_factory=list)

    @property
    def planned(self) -> list[VersionRow]:
        """The versions that will take over, the next first."""
        return [each for each in reversed(self.versions) if each.state == "planned"]


def roster_rows(schedule: Schedule, now: datetime) -> list[RosterRow]:
    """Return the schedule's rotations with their histories: a few queries for all."""
    rotations = Rotation.objects.filter(schedule=schedule).prefetch_related(
        "versions__members", "versions__windows", "versions__created_by"
    )
    names = _names_in(rotations)
    return [_roster_row(each, schedule, names, now) for each in rotations]


def find_present(
    rotation: Rotation, now: datetime
) -> tuple[RotationVersion | None, int | None]:
    """Return the version that holds, or else the first to come, and the newest's key.

    Members and windows are prefetched. None and None without versions.
    """
    rows = list(rotation.versions.prefetch_related("members", "windows"))
    if not rows:
        return None, None
    return _shown(rows, now), max(each.pk for each in rows)


def find_rotation(pk: int) -> Rotation:
    """Return a rotation with its schedule."""
    return Rotation.objects.select_related("schedule__team").get(pk=pk)


def find_rotation_in(pk: int, team_ids: Iterable[int]) -> Rotation | None:
    """Return a rotation of one of the teams."""
    rows = Rotation.objects.filter(pk=pk, schedule__team__in=list(team_ids))
    return rows.select_related("schedule__team").first()


def find_version_in(pk: int, team_ids: Iterable[int]) -> RotationVersion | None:
    """Return a version of a rotation of one of the teams."""
    rows = RotationVersion.objects.filter(
        pk=pk, rotation__schedule__team__in=list(team_ids)
    )
    return rows.select_related("rotation__schedule__team").first()


def find_version(pk: int, schedule: Schedule) -> RotationVersion | None:
    """Return a version of one of the schedule's rotations."""
    rows = RotationVersion.objects.filter(pk=pk, rotation__schedule=schedule)
    return rows.select_related("rotation__schedule__team").first()


def holidays_of(row: Schedule) -> frozenset[date]:
    """Return the holidays of the calendar that counts for a schedule."""
    calendar = row.calendar_id or row.team.calendar_id
    return frozenset(
        Holiday.objects.filter(calendar=calendar).values_list("on", flat=True)
    )


def list_calendars() -> QuerySet[HolidayCalendar]:
    """Return the calendars of holidays."""
    return HolidayCalendar.objects.order_by("name")


def absences_within(
    people: Collection[int], start: datetime, end: datetime
) -> list[Absence]:
    """Return the absences of the people that touch start <= t < end, soonest first."""
    return list(
        Absence.objects.filter(
            user__in=people,
            cancelled_at=None,
            starts_at__lt=end,
            ends_at__gt=start,
        ).select_related("user")
    )


def _names_in(rotations: Iterable[Rotation]) -> dict[PersonId, str]:
    return name_people(
        member.user_id
        for rotation in rotations
        for version in rotation.versions.all()
        for member in version.members.all()
    )


def _roster_row(
    rotation: Rotation, schedule: Schedule, names: dict[PersonId, str], now: datetime
) -> RosterRow:
    rows = list(rotation.versions.all())
    history = _history(rotation, rows, names, now)
    if not rows:
        return RosterRow(
            pk=rotation.pk,
            name=rotation.name,
            roles=rotation.roles,
            priority=rotation.priority,
            cadence="",
            sentence="Nobody takes turns yet.",
            order="",
            is_over=True,
            starts_at=None,
        )
    row = _shown(rows, now)
    version = read_version(row, len(rotation.roles))
    zone = ZoneInfo(schedule.time_zone)
    members = members_from(version, max(now, row.effective_from), zone)
    roles = tuple(rotation.roles[: version.concurrency])
    return RosterRow(
        pk=rotation.pk,
        name=rotation.name,
        roles=list(roles),
        priority=rotation.priority,
        cadence=say_cadence(version),
        sentence=say_rotation(version, roles, schedule.time_zone),
        order=say_order(members, _namer(names)),
        is_over=is_over(version),
        starts_at=row.effective_from if row.effective_from > now else None,
        versions=history,
    )


def _shown(rows: list[RotationVersion], now: datetime) -> RotationVersion:
    begun = [each for each in rows if each.effective_from <= now]
    return (begun or rows[:1])[-1]


def _history(
    rotation: Rotation,
    rows: list[RotationVersion],
    names: dict[PersonId, str],
    now: datetime,
) -> list[VersionRow]:
    edits = [Edit(row.pk, row.effective_from, row.undoes_id) for row in rows]
    values = {row.pk: read_version(row, len(rotation.roles)) for row in rows}
    undone = {row.undoes_id: row for row in rows if row.undoes_id}
    alive = living(edits)
    current = in_force(alive, now)
    found = []
    for row, edit in zip(rows, edits, strict=True):
        earlier = held_before(edits, edit)
        undo = undone.get(row.pk)
        found.append(
            VersionRow(
                pk=row.pk,
                rotation_id=rotation.pk,
                rotation_name=rotation.name,
                starts_at=row.effective_from,
                saved_at=row.created_at,
                by=str(row.created_by or ""),
                words=say_changes(
                    values[earlier.key] if earlier else None,
                    values[row.pk],
                    _namer(names),
                ),
                state=_state_of(
                    edit,
                    current,
                    now,
                    is_undone=undo is not None and undo.pk not in undone,
                    is_alive=edit in alive,
                ),
                undone_by=str((undo and undo.created_by) or ""),
                is_undo=row.undoes_id is not None,
                can_be_undone=not why_not_undone(
                    edits, edit, made_at=row.created_at, now=now
                ),
            )
        )
    return sorted(found, key=lambda row: (row.starts_at, row.pk), reverse=True)


def _state_of(
    edit: Edit,
    current: Edit | None,
    now: datetime,
    *,
    is_undone: bool,
    is_alive: bool,
) -> str:
    if is_undone:
        return "undone"
    if edit.effective_from > now and is_alive:
        return "planned"
    return "now" if edit == current else "over"


def _namer(names: dict[PersonId, str]) -> Names:
    def name(person: PersonId) -> str:
        return names.get(person, "somebody")

    return name
