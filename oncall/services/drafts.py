"""A rotation and a schedule's settings as they are entered, checked field by field."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from oncall.domain import schedule as domain
from oncall.domain import validation
from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.plan import RotationPlan, members_from, plan_version
from oncall.domain.schedule import HolidayPolicy, Member, ScheduleError
from oncall.models import Rotation
from oncall.queries.loading import read_version
from oncall.queries.rosters import find_present
from oncall.services.faults import require_members, to_refusal
from opsportal.kit.errors import PortalError

_NINE = time(9)
_MOST_ROLES, _LONGEST_ROLE, _LONGEST_NAME = 6, 32, 120
_MOST_PLACES, _MOST_WINDOWS, _LAST_MINUTE = 50, 70, 2_880


@dataclass(frozen=True, slots=True)
class RotationDraft:
    """A rotation as it is entered; left as it is, people take weeks in turn.

    ``people`` are user ids in order, None for a turn that nobody takes, a tuple for
    people who serve together; ``roles`` are filled at once from the same list;
    ``weekday`` counts from Monday = 0 and ``month_day`` from 1; ``effective_from``
    None means now; ``based_on`` is the newest version that the editor saw. See
    ``RotationPlan`` for the rest.
    """

    people: tuple[Member, ...]
    roles: tuple[str, ...]
    at: time
    weekday: int = 0
    month_day: int = 1
    counted_from: date | None = None
    name: str = "Weekly"
    priority: int = 0
    unit: Unit = Unit.WEEK
    every: int = 1
    count: Count = Count.CALENDAR
    windows: tuple[ActiveWindow, ...] = ()
    holiday_policy: HolidayPolicy = HolidayPolicy.IGNORE
    absence_policy: AbsencePolicy = AbsencePolicy.WARN
    effective_from: datetime | None = None
    keeps_current: bool = True
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """What a schedule is besides its rotations.

    Without ``calendar_id`` the team's calendar of holidays counts; without
    ``required_roles`` every role that a rotation fills is required.
    """

    name: str
    time_zone: str
    calendar_id: int | None = None
    required_roles: tuple[str, ...] = ()


def read_draft(
    draft: RotationDraft,
    zone: tzinfo,
    *,
    team_id: int,
    effective_from: datetime,
    present: domain.RotationVersion | None = None,
) -> domain.RotationVersion:
    """Return the version that follows ``present`` (None for a first one).

    Raises PortalError with the field at fault.
    """
    _check_name(draft.name)
    check_roles(draft.roles, field="roles")
    _check_people(draft, team_id)
    _check_sizes(draft)
    plan = RotationPlan(
        members=draft.people,
        at=draft.at,
        effective_from=effective_from,
        unit=draft.unit,
        every=draft.every,
        weekday=draft.weekday,
        month_day=draft.month_day,
        counted_from=draft.counted_from,
        concurrency=len(draft.roles),
        count=draft.count,
        windows=draft.windows,
        holiday_policy=draft.holiday_policy,
        absence_policy=draft.absence_policy,
        keeps_current=draft.keeps_current,
    )
    try:
        # Turns can only be counted once what they are made of is sound.
        validation.validate_shape(plan.every, plan.windows)
        version = plan_version(plan, zone, present)
        validation.validate_version(version, roles=draft.roles)
    except ScheduleError as error:
        raise to_refusal(error) from None
    return version


def draft_of(rotation: Rotation, now: datetime) -> RotationDraft:
    """Return a rotation as it holds at ``now``, to be edited: whose turn it is first."""
    row, newest = find_present(rotation, now)
    plain = RotationDraft(
        (), tuple(rotation.roles), _NINE, name=rotation.name, priority=rotation.priority
    )
    if row is None:
        return plain
    version = read_version(row, len(rotation.roles))
    zone = ZoneInfo(rotation.schedule.time_zone)
    return replace(
        plain,
        people=members_from(version, max(now, row.effective_from), zone),
        roles=tuple(rotation.roles[: version.concurrency]),
        at=version.anchor.time(),
        weekday=version.anchor.weekday(),
        month_day=version.anchor.day,
        counted_from=version.anchor.date() if version.every > 1 else None,
        unit=version.unit,
        every=version.every,
        count=version.count,
        windows=version.windows,
        holiday_policy=version.holiday_policy,
        absence_policy=version.absence_policy,
        based_on=newest,
    )


def read_zone(name: str) -> ZoneInfo:
    """Return the zone of that name. Raises PortalError at ``time_zone``."""
    try:
        return validation.find_zone(name)
    except ScheduleError as error:
        raise to_refusal(error) from None


def check_settings(settings: ScheduleSettings) -> None:
    """Raise PortalError with the field at fault."""
    _check_name(settings.name)
    read_zone(settings.time_zone)
    if settings.required_roles:
        check_roles(settings.required_roles, field="required_roles")


def check_roles(roles: tuple[str, ...], *, field: str) -> None:
    """Raise PortalError unless each is a name of its own."""
    if not roles or not all(role.strip() for role in roles):
        raise PortalError("Roles are empty. Name at least one.", field=field)
    if len(set(roles)) < len(roles):
        raise PortalError("Roles repeat a name. Give each its own.", field=field)
    if len(roles) > _MOST_ROLES or max(map(len, roles)) > _LONGEST_ROLE:
        raise PortalError(
            f"Name at most {_MOST_ROLES} roles of {_LONGEST_ROLE} letters each.",
            field=field,
        )


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise PortalError(
            f"Give a name of at most {_LONGEST_NAME} letters.", field="name"
        )


def _check_people(draft: RotationDraft, team_id: int) -> None:
    people = [
        each
        for member in draft.people
        for each in (member if isinstance(member, tuple) else (member,))
        if isinstance(each, int)
    ]
    if not people:
        raise PortalError(
            "Nobody is in this rotation. Name at least one person; to end a "
            "rotation, retire it.",
            field="people",
        )
    if len(draft.people) < len(draft.roles):
        raise PortalError(
            f"There are more roles ({len(draft.roles)}) than people "
            f"({len(draft.people)}). Add people or take a role away.",
            field="roles",
        )
    require_members(people, team_id, field="people")


def _check_sizes(draft: RotationDraft) -> None:
    if len(draft.people) > _MOST_PLACES:
        raise PortalError(f"There are at most {_MOST_PLACES} places.", field="people")
    if len(draft.windows) > _MOST_WINDOWS:
        raise PortalError("There are too many hours a week.", field="windows")
    if any(window.end_minute > _LAST_MINUTE for window in draft.windows):
        raise PortalError(
            "Windows end on the next day at the latest. Split longer ones.",
            field="windows",
        )
    if not -99 <= draft.priority <= 99:
        raise PortalError("Choose a priority from -99 to 99.", field="priority")
