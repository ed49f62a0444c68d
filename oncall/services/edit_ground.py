"""The rows from which an edit of a schedule is thought, and the plans before and after."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from oncall.domain import schedule as domain
from oncall.domain.plan import SHADOW
from oncall.domain.revision import Edit, in_force, living
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.wording import is_over
from oncall.models import Rotation, RotationVersion, Schedule
from oncall.queries.loading import load_schedule, read_version
from oncall.queries.rosters import holidays_of
from oncall.services.drafts import read_zone
from opsportal.kit.errors import Refused

_NEW = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit comes to: the rows as they will be, and the schedule's two plans.

    ``rotation`` and ``version`` are None where only the schedule itself changes.
    ``ground`` tells the state of the rows from which it was thought.
    """

    schedule: Schedule
    starts_at: datetime
    before: Plan
    after: Plan
    action: str
    what: str
    ground: str
    rotation: Rotation | None = None
    present: domain.RotationVersion | None = None
    version: domain.RotationVersion | None = None
    undoes: RotationVersion | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A schedule's rows and plan, read anew, and a mark of their state."""

    schedule: Schedule
    rotations: list[Rotation]
    plan: Plan
    mark: str

    def rotation(self, pk: int) -> Rotation:
        """Return one of the rotations."""
        return next(each for each in self.rotations if each.pk == pk)


def read_ground(schedule_pk: int, *, is_archived: bool | None = False) -> Ground:
    schedule = Schedule.objects.select_related("team").get(pk=schedule_pk)
    if is_archived is False and not schedule.is_active:
        raise Refused("This schedule is archived. Restore it first.", code="archived")
    rotations = list(
        Rotation.objects.filter(schedule=schedule).prefetch_related(
            "versions__members", "versions__windows", "versions__created_by"
        )
    )
    state: list[Any] = [
        (row.pk, row.name, row.roles, row.priority, [v.pk for v in row.versions.all()])
        for row in rotations
    ]
    state.append((schedule.name, schedule.time_zone, schedule.calendar_id))
    state.append((schedule.required_roles, schedule.is_active))
    return Ground(schedule, rotations, load_schedule(schedule_pk), repr(state))


def outcome_of(
    ground: Ground,
    rotation: Rotation,
    version: domain.RotationVersion,
    *,
    present: domain.RotationVersion | None,
    action: str,
) -> Outcome:
    schedule = ground.schedule
    return Outcome(
        schedule=schedule,
        starts_at=version.effective_from,
        before=ground.plan,
        after=with_version(with_settings(ground.plan, schedule), rotation, version),
        action=action,
        what=f"the rotation {rotation.name}",
        ground=ground.mark,
        rotation=rotation,
        present=present,
        version=version,
    )


def with_settings(plan: Plan, row: Schedule) -> Plan:
    """The plan with what the schedule's row says."""
    return replace(
        plan,
        zone=read_zone(row.time_zone),
        required_roles=tuple(row.required_roles),
        holidays=holidays_of(row),
    )


def with_version(
    plan: Plan, rotation: Rotation, version: domain.RotationVersion
) -> Plan:
    roles, priority = tuple(rotation.roles), rotation.priority
    found = {each.key: each for each in plan.rotations}
    key = rotation.pk or _NEW
    old = found.get(key)
    versions = (*old.versions, version) if old else (version,)
    found[key] = domain.Rotation(key, versions, roles, priority)
    return replace(plan, rotations=tuple(found.values()))


def present_at(rotation: Rotation, at: datetime) -> domain.RotationVersion | None:
    rows = {row.pk: row for row in rotation.versions.all()}
    held = in_force(living(edits_of(rows.values())), at)
    return read_version(rows[held.key], len(rotation.roles)) if held else None


def edits_of(rows: Iterable[RotationVersion]) -> list[Edit]:
    return [edit_of(row) for row in rows]


def edit_of(row: RotationVersion) -> Edit:
    return Edit(row.pk, row.effective_from, row.undoes_id)


def required_after(
    ground: Ground,
    rotation: Rotation,
    present: domain.RotationVersion | None,
    version: domain.RotationVersion,
) -> list[str]:
    """The schedule's required roles once ``version`` holds in place of ``present``."""
    required = ground.schedule.required_roles
    if not required:
        return []
    was, will = _filled(rotation, present), _filled(rotation, version)
    others = {
        role
        for each in ground.rotations
        if each.pk != rotation.pk
        for role in each.roles
    }
    kept = [r for r in required if r in will or r in others or r not in was]
    new = [r for r in will if r not in {*was, *kept, SHADOW}]
    return [*kept, *new]


def _filled(rotation: Rotation, version: domain.RotationVersion | None) -> list[str]:
    if version is None or is_over(version):
        return []
    return list(rotation.roles[: version.concurrency])
