"""Saving edits of schedules: versions are appended, nothing past changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from oncall.domain import schedule as domain
from oncall.models import (
    ActiveWindow,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
    User,
)
from oncall.services.audit import record_change
from oncall.services.edit_ground import Outcome
from oncall.services.edits import ScheduleEdit, slug_is_taken
from oncall.services.previews import check_seal
from oncall.services.pulse import touch_team
from oncall.services.roster_news import tell_moved_people


@dataclass(frozen=True, slots=True)
class Made:
    """What an edit left: the schedule, and the version that it appended, if any."""

    schedule: Schedule
    version: RotationVersion | None


def make_edit(
    edit: ScheduleEdit,
    *,
    by: User,
    now: datetime,
    seal: str = "",
    tells: bool = True,
) -> Made:
    """Save an edit, and tell everybody else whose hours it moves.

    With the ``seal`` of a preview exactly what was previewed is saved. Raises
    PortalError with the field at fault, Conflict when somebody edited meanwhile,
    Refused when something else was previewed.
    """
    with transaction.atomic():
        # The row lock puts two editors in turn; the second then sees the first.
        touch_team(edit.team_id)
        outcome = edit.think(now)
        if seal:
            check_seal(edit, outcome, seal)
        schedule, before = outcome.schedule, _describe_now(outcome)
        if schedule.pk:
            _keep_former_settings(schedule, now)
        save_schedule(schedule)
        version = _save_version(outcome, by=by, now=now)
        record_change(
            outcome.action,
            _target(outcome),
            by=by,
            now=now,
            team_id=edit.team_id,
            before=before,
            after=_describe(schedule, outcome.rotation, outcome.version),
        )
        if tells:
            tell_moved_people(
                schedule,
                outcome.before,
                outcome.after,
                by=by,
                now=now,
                cause=_cause(schedule, version, now),
                what=outcome.what,
            )
    return Made(schedule, version)


def save_schedule(schedule: Schedule) -> None:
    """Write a schedule, new or not. Raises PortalError when its short name is taken."""
    if schedule.pk:
        schedule.save(
            update_fields=[
                "name",
                "time_zone",
                "calendar",
                "required_roles",
                "is_active",
                "former_settings",
            ]
        )
        return
    try:
        with transaction.atomic():
            schedule.save(force_insert=True)
    except IntegrityError:
        raise slug_is_taken(schedule.slug) from None


def _keep_former_settings(schedule: Schedule, now: datetime) -> None:
    """Write down zone and calendar that hold no more: the past stays on them."""
    old = Schedule.objects.select_related("team").get(pk=schedule.pk)
    if (old.time_zone, old.calendar_id) != (schedule.time_zone, schedule.calendar_id):
        former = {
            "until": now.isoformat(),
            "time_zone": old.time_zone,
            "calendar": old.calendar_id or old.team.calendar_id,
        }
        schedule.former_settings = [*old.former_settings, former]


def _save_version(
    outcome: Outcome, *, by: User, now: datetime
) -> RotationVersion | None:
    rotation, version = outcome.rotation, outcome.version
    if rotation is None or version is None:
        return None
    rotation.schedule = outcome.schedule
    if rotation.pk:
        _keep_concurrency(rotation)
    rotation.save()
    row = RotationVersion.objects.create(
        rotation=rotation,
        effective_from=version.effective_from,
        anchor=version.anchor.isoformat(timespec="minutes"),
        unit=version.unit.value,
        every=version.every,
        concurrency=version.concurrency,
        count=version.count.value,
        holiday_policy=version.holiday_policy.value,
        absence_policy=version.absence_policy.value,
        undoes=outcome.undoes,
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


def _keep_concurrency(rotation: Rotation) -> None:
    """Let versions that fill all roles of the past not fill new ones as well."""
    old = Rotation.objects.get(pk=rotation.pk)
    rotation.versions.filter(concurrency=None).update(concurrency=len(old.roles))


def _target(outcome: Outcome) -> Schedule | Rotation:
    is_of_schedule = outcome.action.startswith("schedule.")
    if outcome.rotation is None or is_of_schedule:
        return outcome.schedule
    return outcome.rotation


def _cause(schedule: Schedule, version: RotationVersion | None, now: datetime) -> str:
    if version is not None:
        return f"version:{version.pk}"
    return f"schedule:{schedule.pk}:{now.isoformat()}"


def _describe_now(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.rotation is None:
        row = Schedule.objects.get(pk=outcome.schedule.pk)
        return _describe(row, None, None)
    if outcome.present is None:
        return None
    row = Schedule.objects.get(pk=outcome.schedule.pk)
    rotation = Rotation.objects.get(pk=outcome.rotation.pk)
    return _describe(row, rotation, outcome.present)


def _describe(
    schedule: Schedule,
    rotation: Rotation | None,
    version: domain.RotationVersion | None,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": schedule.name,
        "time_zone": schedule.time_zone,
        "calendar": schedule.calendar_id,
        "required_roles": schedule.required_roles,
        "is_active": schedule.is_active,
    }
    if rotation is None or version is None:
        return found
    return found | {
        "rotation": rotation.name,
        "priority": rotation.priority,
        "people": [
            list(member) if isinstance(member, tuple) else member
            for member in version.members
        ],
        "roles": rotation.roles[: version.concurrency],
        "anchor": version.anchor.isoformat(timespec="minutes"),
        "unit": version.unit.value,
        "every": version.every,
        "count": version.count.value,
        "holiday_policy": version.holiday_policy.value,
        "absence_policy": version.absence_policy.value,
        "windows": [
            [window.weekday, window.start_minute, window.end_minute]
            for window in version.windows
        ],
        "effective_from": version.effective_from.isoformat(),
    }
