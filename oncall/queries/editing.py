"""What the pages that edit a schedule show of it."""

from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from oncall.domain.plan import is_weekly, members_from
from oncall.domain.wording import MOST_NAMED
from oncall.models import Override, Rotation, RotationVersion, Schedule
from oncall.queries.loading import read_version
from oncall.queries.schedules import name_people


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A rotation as it holds at a moment, with what is planned and what was."""

    pk: int
    name: str
    roles: list[str]
    is_weekly: bool
    weekday_name: str
    at: time
    people: list[str]
    versions: list[RotationVersion]
    planned: list[RotationVersion]


def overrides_ahead(schedule: Schedule, now: datetime) -> QuerySet[Override]:
    """Return exceptions that hold or will, the next first."""
    return (
        Override.objects.filter(
            schedule=schedule, ends_at__gt=now, cancelled_at__isnull=True
        )
        .select_related("add_user", "remove_user", "created_by")
        .order_by("starts_at", "pk")
    )


def roles_of(schedule: Schedule) -> list[str]:
    """Return every role of the schedule, the required ones first."""
    found = dict.fromkeys(schedule.required_roles)
    for roles in Rotation.objects.filter(schedule=schedule).values_list(
        "roles", flat=True
    ):
        found |= dict.fromkeys(roles)
    return list(found)


def describe_rotations(schedule: Schedule, now: datetime) -> list[RotationRow]:
    """Return the schedule's rotations, each in the version that holds at ``now``."""
    rotations = Rotation.objects.filter(schedule=schedule).prefetch_related(
        "versions__members", "versions__windows", "versions__created_by"
    )
    rows = [(each, list(each.versions.all())) for each in rotations]
    ids = {
        member.user_id
        for _, versions in rows
        for version in versions
        for member in version.members.all()
    }
    names = name_people(ids)
    return [
        _describe(each, versions, ZoneInfo(schedule.time_zone), names, now)
        for each, versions in rows
        if versions
    ]


def _present(versions: list[RotationVersion], now: datetime) -> RotationVersion:
    past = [each for each in versions if each.effective_from <= now]
    return (past or versions[:1])[-1]


def _describe(
    rotation: Rotation,
    versions: list[RotationVersion],
    zone: ZoneInfo,
    names: dict[Any, str],
    now: datetime,
) -> RotationRow:
    row = _present(versions, now)
    version = read_version(row, len(rotation.roles))
    members = members_from(version, max(now, row.effective_from), zone)
    return RotationRow(
        pk=rotation.pk,
        name=rotation.name,
        roles=rotation.roles[: version.concurrency],
        is_weekly=is_weekly(version),
        weekday_name=f"{version.anchor:%A}",
        at=version.anchor.time(),
        people=_say_order(members, names),
        versions=sorted(
            versions, key=lambda each: (each.effective_from, each.pk), reverse=True
        ),
        planned=[each for each in versions if each.effective_from > now],
    )


def _say_order(members: tuple[Any, ...], names: dict[Any, str]) -> list[str]:
    """Name the turns, those in a row of one member once; of a planned year the first."""
    turns = [_say_member(member, names) for member, _ in groupby(members)]
    rest = len(turns) - MOST_NAMED
    return [*turns[:MOST_NAMED], f"{rest} more turns"] if rest > 0 else turns


def _say_member(member: Any, names: dict[Any, str]) -> str:
    if member is None:
        return "Nobody"
    if isinstance(member, tuple):
        return " and ".join(names.get(each, "") for each in member)
    return names.get(member, "")
