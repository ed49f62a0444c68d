"""Schedules of other systems: from a file to a new schedule, all of it or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.domain import schedule as domain
from oncall.domain import validation
from oncall.domain.importing import READERS, ImportFault, read_export
from oncall.domain.importing.plan import (
    ROLE,
    ImportedPerson,
    ImportedSchedule,
    ImportedShift,
    People,
    to_schedule,
)
from oncall.domain.rotation import timeline
from oncall.domain.schedule import ScheduleError
from oncall.domain.swap import Held, held_shifts
from oncall.models import (
    ActiveWindow,
    Membership,
    Override,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
    Team,
    User,
)
from oncall.services.audit import record_change
from oncall.services.edits import check_slug
from oncall.services.pulse import touch_team
from oncall.services.schedules import save_schedule
from opsportal.kit.calendars import read_events
from opsportal.kit.errors import PortalError

MOST_BYTES = 2_000_000
MOST_PARTS = 500
AHEAD = timedelta(weeks=4)
CALENDAR_AHEAD = timedelta(days=366)
ICAL = "ical"
KINDS = (*READERS, ICAL)


@dataclass(frozen=True, slots=True)
class ImportForm:
    """What becomes of a plan: ``chosen`` gives a user id, or None, to each key."""

    name: str
    slug: str
    chosen: Mapping[str, int | None]


def read_import(
    kind: str, content: bytes, *, zone: str, now: datetime
) -> list[ImportedSchedule]:
    """Return the schedules in a file. Writes nothing.

    ``zone`` is the clock of calendars, which name none. Raises PortalError at the
    field ``content``, with the place in the file.
    """
    if len(content) > MOST_BYTES:
        raise PortalError("The file is larger than 2 MB.", field="content")
    try:
        if kind == ICAL:
            found = [_read_calendar(content, zone, now)]
        else:
            found = read_export(kind, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PortalError("The file is no UTF-8 text.", field="content") from None
    except ImportFault as fault:
        raise PortalError(f"{fault.path} {fault.message}", field="content") from None
    except PortalError as error:
        raise PortalError(error.message, code=error.code, field="content") from None
    if any(len(p.rotations) + len(p.shifts) > MOST_PARTS for p in found):
        raise PortalError(
            "The schedule has more than 500 rotations and shifts.", field="content"
        )
    return found


def guess_people(plan: ImportedSchedule, members: list[User]) -> dict[str, int | None]:
    """Return who each person of the file is here: by email, else by the whole name."""
    by_email = {user.email.lower(): user.pk for user in members}
    by_name = {user.display_name.lower(): user.pk for user in members}
    return {
        person.key: by_email.get(person.email.lower())
        or by_name.get(person.name.lower())
        for person in plan.people
    }


def preview_import(
    plan: ImportedSchedule, chosen: Mapping[str, int | None], *, now: datetime
) -> list[Held]:
    """Return the shifts of the next four weeks as they would be.

    Raises PortalError for a plan that cannot work.
    """
    schedule = _require_sound(plan, chosen, now)
    return held_shifts(timeline(schedule, now, now + AHEAD))


def apply_import(
    team: Team, plan: ImportedSchedule, form: ImportForm, *, by: User, now: datetime
) -> Schedule:
    """Make a new schedule of a plan; nothing that exists is changed.

    Raises PortalError with the field at fault.
    """
    values = _require_sound(plan, form.chosen, now)
    _require_members(team, form.chosen)
    row = Schedule(
        team=team,
        slug=form.slug,
        name=form.name,
        time_zone=plan.time_zone,
        required_roles=[ROLE],
    )
    with transaction.atomic():
        touch_team(team.pk)
        check_slug(form.slug)
        save_schedule(row)
        for imported, rotation in zip(plan.rotations, values.rotations, strict=True):
            _save_rotation(row, imported.name, rotation, by=by, now=now)
        _save_overrides(row, values, by=by, now=now)
        record_change(
            "schedule.import",
            row,
            by=by,
            now=now,
            team_id=team.pk,
            after={
                "name": form.name,
                "rotations": len(plan.rotations),
                "shifts": len(values.overrides),
            },
        )
    return row


def _require_sound(
    plan: ImportedSchedule, chosen: Mapping[str, int | None], now: datetime
) -> domain.Schedule:
    schedule = to_schedule(plan, ZoneInfo(plan.time_zone), chosen, now=now)
    try:
        validation.validate(schedule)
    except ScheduleError as error:
        raise PortalError(
            f"The schedule in the file cannot work: {error}", field="content"
        ) from None
    return schedule


def _require_members(team: Team, chosen: Mapping[str, int | None]) -> None:
    wanted = {each for each in chosen.values() if each is not None}
    found = Membership.objects.filter(
        team=team, user__in=wanted, user__is_active=True
    ).count()
    if found < len(wanted):
        raise PortalError("Choose active members of the team.", field="people")


def _save_rotation(
    schedule: Schedule, name: str, rotation: domain.Rotation, *, by: User, now: datetime
) -> None:
    (version,) = rotation.versions
    made = Rotation.objects.create(
        schedule=schedule,
        name=name[:120],
        roles=list(rotation.roles),
        priority=rotation.priority,
    )
    row = RotationVersion.objects.create(
        rotation=made,
        effective_from=version.effective_from,
        anchor=version.anchor.isoformat(timespec="minutes"),
        unit=version.unit.value,
        every=version.every,
        created_by=by,
        created_at=now,
    )
    RotationMember.objects.bulk_create(
        RotationMember(version=row, position=position, user_id=user_id)
        for position, member in enumerate(version.members)
        for user_id in (member if isinstance(member, tuple) else (member,))
    )
    ActiveWindow.objects.bulk_create(
        ActiveWindow(
            version=row,
            weekday=window.weekday,
            start_minute=window.start_minute,
            end_minute=window.end_minute,
        )
        for window in version.windows
    )


def _save_overrides(
    schedule: Schedule, values: domain.Schedule, *, by: User, now: datetime
) -> None:
    Override.objects.bulk_create(
        Override(
            schedule=schedule,
            starts_at=each.start,
            ends_at=each.end,
            role=ROLE,
            add_user_id=each.add_user,  # type: ignore[misc]  # ours are integers
            reason="Imported",
            created_by=by,
            created_at=now,
        )
        for each in values.overrides
    )


def _read_calendar(content: bytes, zone: str, now: datetime) -> ImportedSchedule:
    """Return a calendar as shifts; who serves is its attendee, else its title."""
    events = read_events(content, now, now + CALENDAR_AHEAD, zone=ZoneInfo(zone))
    if not events:
        raise PortalError("The calendar has no event in the year ahead.")
    people = People()
    shifts = [
        ImportedShift(
            people.add(
                event.emails[0] if event.emails else event.summary,
                event.summary,
                event.emails[0] if event.emails else "",
            ),
            event.starts_at,
            event.ends_at,
        )
        for event in events
    ]
    known: tuple[ImportedPerson, ...] = people.list()
    return replace(
        ImportedSchedule("Imported calendar", zone, known),
        shifts=tuple(shifts),
        notes=("Each event becomes a fixed shift; repetitions end after a year.",),
    )
