"""Schedules from their rows to the values that the domain thinks in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db.models import Q, Value

from oncall.domain import schedule as domain
from oncall.domain.absence import Absence as Leave
from oncall.domain.absence import AbsencePolicy
from oncall.domain.former import Former, keep_past
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.revision import Edit, living
from oncall.models import (
    Absence,
    Holiday,
    Override,
    RotationMember,
    RotationVersion,
    Schedule,
)
from oncall.models import ActiveWindow as Window

# A position in the order, and who stands there.
Place = tuple[int, int | None]

_NO, _YES = Value(0), Value(1)


def load_schedule(schedule_pk: int) -> domain.Schedule:
    """Return one schedule as the domain knows it. Raises KeyError for no such row."""
    return load_schedules([schedule_pk])[schedule_pk]


def load_schedules(
    pks: Iterable[int], *, since: datetime | None = None
) -> dict[int, domain.Schedule]:
    """Return schedules by primary key with at most six queries, however many.

    With ``since`` without the overrides and absences that ended by then: enough to
    look ahead.
    """
    wanted = list(pks)
    if not wanted:
        return {}
    rows = list(Schedule.objects.filter(pk__in=wanted).select_related("team"))
    rotations = _rotations_of(rows)
    overrides = _overrides_of(rows, since)
    holidays = _holidays_of(rows)
    absences = _absences_of(rotations, since)
    return {
        row.pk: domain.Schedule(
            zone=ZoneInfo(row.time_zone),
            rotations=keep_past(rotations[row.pk], _former_of(row, holidays)),
            overrides=tuple(overrides[row.pk]),
            holidays=frozenset(holidays[_calendar_of(row)]),
            required_roles=tuple(row.required_roles),
            absences=tuple(absences[row.pk]),
        )
        for row in rows
    }


def read_version(row: RotationVersion, roles: int) -> domain.RotationVersion:
    """Return one version as a value, of a rotation with so many roles.

    Its members and windows must be prefetched.
    """
    places = [(each.position, each.user_id) for each in row.members.all()]
    windows = [
        ActiveWindow(each.weekday, each.start_minute, each.end_minute)
        for each in row.windows.all()
    ]
    return _version_of(row, roles, places, windows)


def read_override(row: Override) -> domain.Override:
    """Return one override as a value."""
    return domain.Override(
        key=row.pk,
        start=row.starts_at,
        end=row.ends_at,
        created_at=row.created_at,
        remove_user=row.remove_user_id,
        add_user=row.add_user_id,
        role=row.role or None,
        takes_role=row.takes_role,
        cancelled_at=row.cancelled_at,
    )


def read_absence(row: Absence) -> Leave:
    """Return one absence as a value."""
    return Leave(
        person=row.user_id,
        start=row.starts_at,
        end=row.ends_at,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
    )


def _version_of(
    row: RotationVersion,
    roles: int,
    places: Iterable[Place],
    windows: Iterable[ActiveWindow],
) -> domain.RotationVersion:
    return domain.RotationVersion(
        effective_from=row.effective_from,
        anchor=datetime.fromisoformat(row.anchor),
        unit=Unit(row.unit),
        # Without members, as the admin can leave one, nobody is on call.
        members=tuple(_members_of(places)) or (None,),
        every=row.every,
        concurrency=row.concurrency or roles,
        count=Count(row.count),
        holiday_policy=domain.HolidayPolicy(row.holiday_policy),
        absence_policy=AbsencePolicy(row.absence_policy),
        windows=tuple(windows),
    )


def _rotations_of(rows: list[Schedule]) -> dict[int, list[domain.Rotation]]:
    versions = list(
        RotationVersion.objects.filter(rotation__schedule__in=rows)
        .select_related("rotation")
        .order_by("rotation__schedule", "-rotation__priority", "rotation", "pk")
    )
    places, windows = _parts_of(rows)
    found = defaultdict(list)
    for rotation, group in groupby(versions, key=lambda each: each.rotation):
        by_key = {each.pk: each for each in group}
        edits = [
            Edit(each.pk, each.effective_from, each.undoes_id)
            for each in by_key.values()
        ]
        valid = tuple(
            _version_of(
                by_key[each.key],
                len(rotation.roles),
                places[each.key],
                windows[each.key],
            )
            for each in living(edits)
        )
        if valid:
            found[rotation.schedule_id].append(
                domain.Rotation(
                    rotation.pk, valid, tuple(rotation.roles), rotation.priority
                )
            )
    return found


def _parts_of(
    rows: list[Schedule],
) -> tuple[dict[int, list[Place]], dict[int, list[ActiveWindow]]]:
    """Return members and windows by version; one question asks for both."""
    places: dict[int, list[Place]] = defaultdict(list)
    windows: dict[int, list[ActiveWindow]] = defaultdict(list)
    wanted = Q(version__rotation__schedule__in=rows)
    members = RotationMember.objects.filter(wanted).order_by()
    hours = Window.objects.filter(wanted).order_by()
    both = (
        members.annotate(is_window=_NO)
        .values_list("version", "is_window", "position", "pk", "user")
        .union(
            hours.annotate(is_window=_YES).values_list(
                "version", "is_window", "weekday", "start_minute", "end_minute"
            ),
            all=True,
        )
    )
    for version, is_window, *rest in both.order_by(
        "version", "is_window", "position", "pk"
    ):
        if is_window:
            windows[version].append(ActiveWindow(*rest))
        else:
            position, _, user = rest
            places[version].append((position, user))
    return places, windows


def _overrides_of(
    rows: list[Schedule], since: datetime | None
) -> dict[int, list[domain.Override]]:
    found = defaultdict(list)
    wanted = Q(schedule__in=rows)
    if since is not None:
        wanted &= Q(ends_at__gt=since)
    for row in Override.objects.filter(wanted):
        found[row.schedule_id].append(read_override(row))
    return found


def _absences_of(
    rotations: dict[int, list[domain.Rotation]], since: datetime | None
) -> dict[int, list[Leave]]:
    people = {
        pk: {person for each in found for person in _people_heeded(each)}
        for pk, found in rotations.items()
    }
    found: dict[int, list[Leave]] = defaultdict(list)
    heeded = set[domain.PersonId]().union(*people.values()) - {None}
    if not heeded:
        return found
    wanted = Q(user__in=heeded)
    if since is not None:
        wanted &= Q(ends_at__gt=since)
    for row in Absence.objects.filter(wanted).order_by("pk"):
        for pk, members in people.items():
            if row.user_id in members:
                found[pk].append(read_absence(row))
    return found


def _people_heeded(rotation: domain.Rotation) -> Iterator[domain.PersonId]:
    """Yield the members whose absences change who serves."""
    for version in rotation.versions:
        if version.heeds_absences:
            for member in version.members:
                yield from member if isinstance(member, tuple) else (member,)


def _holidays_of(rows: list[Schedule]) -> dict[int | None, list[date]]:
    found: dict[int | None, list[date]] = defaultdict(list)
    calendars = {_calendar_of(row) for row in rows}
    for row in rows:
        calendars |= {each["calendar"] for each in row.former_settings}
    for calendar, on in Holiday.objects.filter(
        calendar__in=calendars - {None}
    ).values_list("calendar_id", "on"):
        found[calendar].append(on)
    return found


def _former_of(row: Schedule, holidays: dict[int | None, list[date]]) -> list[Former]:
    return [
        Former(
            datetime.fromisoformat(each["until"]),
            ZoneInfo(each["time_zone"]),
            frozenset(holidays[each["calendar"]]),
        )
        for each in row.former_settings
    ]


def _calendar_of(row: Schedule) -> int | None:
    return row.calendar_id or row.team.calendar_id


def _members_of(
    places: Iterable[Place],
) -> Iterator[domain.Member]:
    for _, group in groupby(places, key=itemgetter(0)):
        people = [person for _, person in group if person is not None]
        if len(people) > 1:
            yield tuple(people)
        else:
            yield people[0] if people else None
