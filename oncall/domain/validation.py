"""What a schedule must satisfy before it is saved, each fault with its remedy."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oncall.domain.absence import Absence
from oncall.domain.pace import ActiveWindow
from oncall.domain.places import plan_places
from oncall.domain.schedule import (
    Override,
    Rotation,
    RotationVersion,
    Schedule,
    ScheduleError,
    require_moment,
)

_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY
_MOST_UNITS = 366
_YEARS = range(1970, 2200)


def find_zone(name: str) -> ZoneInfo:
    """Return the IANA zone of that name; raise ScheduleError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(
            "zone", f"{name!r} is unknown. Choose an IANA name like Europe/Warsaw."
        ) from error


def validate(schedule: Schedule) -> None:
    """Raise ScheduleError for the first fault found in the schedule."""
    if not isinstance(schedule.zone, ZoneInfo):
        raise ScheduleError(
            "zone", "must be an IANA zone, not a fixed offset. Use find_zone()."
        )
    for day in schedule.holidays:
        if isinstance(day, datetime):
            raise ScheduleError("holidays", "are dates. Pass dates without a time.")
    _require_distinct("rotations", [each.key for each in schedule.rotations])
    for rotation in schedule.rotations:
        validate_rotation(rotation)
    for override in schedule.overrides:
        validate_override(override)
    for absence in schedule.absences:
        validate_absence(absence)


def validate_rotation(rotation: Rotation) -> None:
    """Raise ScheduleError for the first fault found in a rotation."""
    if not rotation.roles or not all(rotation.roles):
        raise ScheduleError("roles", "are empty. Name the role that it fills.")
    _require_distinct("roles", list(rotation.roles))
    if not rotation.versions:
        raise ScheduleError("versions", "are empty. Add a first version.")
    for version in rotation.versions:
        validate_version(version, roles=rotation.roles)


def validate_version(version: RotationVersion, *, roles: tuple[str, ...]) -> None:
    """Raise ScheduleError for the first fault found in a version of a rotation."""
    require_moment(version.effective_from, "effective_from")
    if version.anchor.tzinfo is not None:
        raise ScheduleError(
            "anchor",
            "carries a time zone. Give the wall time alone; the schedule has the zone.",
        )
    if version.anchor.year not in _YEARS:
        raise ScheduleError("anchor", "is out of range. Choose a year 1970 to 2199.")
    validate_shape(version.every, version.windows)
    _validate_members(version, roles)


def validate_shape(every: int, windows: Iterable[ActiveWindow]) -> None:
    """Raise ScheduleError unless turns can be counted from these."""
    if not 1 <= every <= _MOST_UNITS:
        raise ScheduleError(
            "every", f"is {every}. Choose 1 to {_MOST_UNITS} units a turn."
        )
    for window in windows:
        _validate_window(window)


def _validate_window(window: ActiveWindow) -> None:
    if window.weekday not in range(7):
        raise ScheduleError("windows", "have days 0 (Monday) to 6 (Sunday).")
    if window.start_minute not in range(_MINUTES_A_DAY):
        raise ScheduleError("windows", "must start within their day, minute 0 to 1439.")
    length = window.end_minute - window.start_minute
    if length <= 0:
        raise ScheduleError(
            "windows",
            "must end after they start. To pass midnight, add 1440 to the end minute.",
        )
    if length > _MINUTES_A_WEEK:
        raise ScheduleError("windows", "last a week at most. Shorten the window.")


def _validate_members(version: RotationVersion, roles: tuple[str, ...]) -> None:
    size = len(version.members)
    if not size:
        raise ScheduleError(
            "members", "are empty. Add a person, or one empty slot to end the rotation."
        )
    if version.concurrency < len(roles):
        raise ScheduleError(
            "concurrency",
            f"is {version.concurrency}, but {len(roles)} roles are filled at once. "
            f"Set it to {len(roles)} or take a role away.",
        )
    if version.concurrency > size:
        raise ScheduleError(
            "concurrency",
            f"is {version.concurrency}, but there are {size} members. "
            "Add members or lower it.",
        )
    for member in version.members:
        if isinstance(member, tuple) and len(set(member)) < len(member):
            raise ScheduleError("members", "name a person twice in one group.")
    for turn in range(size):
        places = plan_places(version.members, turn, version.concurrency)
        if len(places) < version.concurrency:
            raise ScheduleError(
                "members",
                f"are too few different people for {version.concurrency} places at "
                "once. Add members.",
            )


def validate_absence(absence: Absence) -> None:
    """Raise ScheduleError for the first fault found in an absence."""
    start = require_moment(absence.start, "start")
    end = require_moment(absence.end, "end")
    require_moment(absence.created_at, "created_at")
    if absence.cancelled_at is not None:
        require_moment(absence.cancelled_at, "cancelled_at")
    if end <= start:
        raise ScheduleError("end", "is not after the start. Choose a later end.")


def validate_override(override: Override) -> None:
    """Raise ScheduleError for the first fault found in an override."""
    start = require_moment(override.start, "start")
    end = require_moment(override.end, "end")
    require_moment(override.created_at, "created_at")
    if override.cancelled_at is not None:
        require_moment(override.cancelled_at, "cancelled_at")
    if end - start <= timedelta():
        raise ScheduleError("end", "is not after the start. Choose a later end.")
    if override.add_user is None and override.takes_role:
        raise ScheduleError("add_user", "is empty. Say who takes the role.")
    if override.add_user is None and override.remove_user is None:
        raise ScheduleError("add_user", "is empty. Say who comes in or who goes out.")
    if override.add_user is not None and override.add_user == override.remove_user:
        raise ScheduleError("add_user", "comes in and goes out. Choose two people.")
    if override.role is None and (override.remove_user is None or override.takes_role):
        raise ScheduleError("role", "is empty. Choose the role to come into.")


def _require_distinct(field: str, keys: list[object]) -> None:
    if len(set(keys)) < len(keys):
        raise ScheduleError(field, "repeat a name. Give each its own.")
