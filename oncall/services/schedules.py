"""Schedules as managers edit them: versions are appended, nothing past changes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from oncall.domain import coverage
from oncall.domain import schedule as domain
from oncall.domain.rotation import timeline
from oncall.models import (
    ActiveWindow,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
    Team,
    User,
)
from oncall.queries import loading, schedules
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.weekly import (
    WeeklyForm,
    all_roles,
    not_before,
    plan_first,
    plan_next,
    required_roles,
)
from opsportal.kit.errors import Conflict, PortalError

HORIZON = timedelta(weeks=8)
PREVIEW_WEEKS = 4


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What an edit gives one person in one role, and what it takes away."""

    name: str
    role: str
    gained: timedelta
    lost: timedelta


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do from its moment on, for eight weeks."""

    starts_at: datetime
    ends_at: datetime
    changes: list[PersonChange]
    gaps: list[schedules.GapRow]
    lanes: list[schedules.Lane]


def create_schedule(
    team: Team, *, name: str, slug: str, form: WeeklyForm, by: User, now: datetime
) -> Schedule:
    """Make a schedule with one weekly rotation.

    Raises PortalError with the field at fault.
    """
    form = replace(form, effective_from=not_before(form.effective_from, now))
    schedule = Schedule(
        team=team,
        slug=slug,
        name=name,
        time_zone=form.time_zone,
        required_roles=list(form.roles),
    )
    version = plan_first(form, team_id=team.pk)
    with transaction.atomic():
        touch_team(team.pk)
        try:
            with transaction.atomic():
                schedule.save(force_insert=True)
        except IntegrityError:
            raise PortalError(
                f"There is a schedule “{slug}” already. Choose another short name.",
                code="taken",
                field="slug",
            ) from None
        rotation = Rotation.objects.create(
            schedule=schedule, name="Weekly", roles=list(form.roles)
        )
        _append(rotation, version, by=by, now=now)
        record_change(
            "schedule.create",
            schedule,
            by=by,
            now=now,
            team_id=team.pk,
            after={"name": name, **_describe(form)},
        )
    return schedule


def edit_rotation(
    rotation: Rotation, form: WeeklyForm, *, by: User, now: datetime
) -> RotationVersion:
    """Append a version that holds from ``form.effective_from`` on.

    Versions that were planned for later still take over at their moment. Raises
    PortalError with the field at fault, Conflict when somebody edited meanwhile.
    """
    form = replace(form, effective_from=not_before(form.effective_from, now))
    schedule = rotation.schedule
    with transaction.atomic():
        # The row lock puts two editors in turn; the second then sees the first.
        touch_team(schedule.team_id)
        newest = _newest(rotation)
        if newest is not None and form.based_on not in {None, newest.pk}:
            raise Conflict(
                f"{newest.created_by or 'Somebody'} changed this rotation while you "
                "were editing. Look at what is saved now, then edit again.",
                current=newest,
            )
        before = _describe_row(rotation, newest)
        version = plan_next(rotation, form, now=now)
        Rotation.objects.filter(pk=rotation.pk).update(roles=all_roles(rotation, form))
        Schedule.objects.filter(pk=schedule.pk).update(
            time_zone=form.time_zone,
            required_roles=required_roles(rotation, form),
        )
        row = _append(rotation, version, by=by, now=now)
        record_change(
            "rotation.edit",
            rotation,
            by=by,
            now=now,
            team_id=schedule.team_id,
            before=before,
            after=_describe(form),
        )
    return row


def preview_rotation(rotation: Rotation, form: WeeklyForm, *, now: datetime) -> Preview:
    """Say whose hours would change, and which gaps there would be. Writes nothing.

    Raises PortalError with the field at fault.
    """
    form = replace(form, effective_from=not_before(form.effective_from, now))
    version = plan_next(rotation, form, now=now)
    roles = all_roles(rotation, form)
    before = loading.load_schedule(rotation.schedule_id)
    after = replace(
        before,
        zone=zone_of(form),
        required_roles=tuple(required_roles(rotation, form)),
        rotations=tuple(
            replace(each, versions=(*each.versions, version), roles=tuple(roles))
            if each.key == rotation.pk
            else each
            for each in before.rotations
        ),
    )
    return _compare(before, after, form.effective_from)


def zone_of(form: WeeklyForm) -> ZoneInfo:
    """Return the zone of a form that a preview has accepted."""
    return ZoneInfo(form.time_zone)


def _compare(
    before: domain.Schedule, after: domain.Schedule, start: datetime
) -> Preview:
    end = start + HORIZON
    changes = coverage.diff(timeline(before, start, end), timeline(after, start, end))
    names = schedules.name_people(change.user for change in changes)
    return Preview(
        starts_at=start,
        ends_at=end,
        changes=sorted(
            (
                PersonChange(
                    names.get(each.user, ""), each.role, each.gained, each.lost
                )
                for each in changes
            ),
            key=lambda change: (change.name, change.role),
        ),
        gaps=schedules.gaps_of(after, start, end),
        lanes=schedules.schedule_lanes(
            after, start, start + timedelta(weeks=PREVIEW_WEEKS)
        ),
    )


def _newest(rotation: Rotation) -> RotationVersion | None:
    return (
        rotation.versions.select_related("created_by")
        .prefetch_related("members", "windows")
        .order_by("-pk")
        .first()
    )


def _append(
    rotation: Rotation, version: domain.RotationVersion, *, by: User, now: datetime
) -> RotationVersion:
    row = RotationVersion.objects.create(
        rotation=rotation,
        effective_from=version.effective_from,
        anchor=version.anchor.isoformat(timespec="minutes"),
        unit=version.unit.value,
        every=version.every,
        concurrency=version.concurrency,
        count=version.count.value,
        holiday_policy=version.holiday_policy.value,
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
    return row


def _describe(form: WeeklyForm) -> dict[str, Any]:
    return {
        "people": list(form.people),
        "roles": list(form.roles),
        "weekday": form.weekday,
        "at": form.at.isoformat(timespec="minutes"),
        "time_zone": form.time_zone,
        "effective_from": form.effective_from.isoformat(),
    }


def _describe_row(
    rotation: Rotation, row: RotationVersion | None
) -> dict[str, Any] | None:
    if row is None:
        return None
    anchor = datetime.fromisoformat(row.anchor)
    return {
        "people": [member.user_id for member in row.members.all()],
        "roles": rotation.roles,
        "weekday": anchor.weekday(),
        "at": anchor.time().isoformat(timespec="minutes"),
        "time_zone": rotation.schedule.time_zone,
        "effective_from": row.effective_from.isoformat(),
    }
