"""Edits of schedules, each thought through to what it would come to. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from oncall.domain import schedule as domain
from oncall.domain.former import Former, keep_past
from oncall.domain.plan import SHADOW
from oncall.domain.revision import (
    end_rotation,
    held_before,
    living,
    why_not_undone,
)
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.wording import is_over
from oncall.models import Rotation, RotationVersion, Schedule, Team
from oncall.queries.loading import read_version
from oncall.queries.rosters import holidays_of
from oncall.services.drafts import (
    RotationDraft,
    ScheduleSettings,
    check_settings,
    read_draft,
    read_zone,
)
from oncall.services.edit_ground import (
    Ground,
    Outcome,
    edit_of,
    edits_of,
    outcome_of,
    present_at,
    read_ground,
    required_after,
    with_settings,
    with_version,
)
from oncall.services.faults import not_before
from opsportal.kit.errors import Conflict, PortalError, Refused

# What stands in the place of a short name in the addresses of other pages.
PATHS_OF_PAGES = frozenset({"mine", "new"})


class ScheduleEdit(Protocol):
    """An edit that somebody wants to make."""

    @property
    def team_id(self) -> int:
        """The team whose pages change."""

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""


@dataclass(frozen=True, slots=True)
class CreateSchedule:
    """A new schedule with its first rotation."""

    team: Team
    name: str
    slug: str
    time_zone: str
    draft: RotationDraft

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.team.pk

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""
        check_settings(ScheduleSettings(self.name, self.time_zone))
        zone = read_zone(self.time_zone)
        starts_at = _moment(self.draft, now)
        version = read_draft(
            self.draft, zone, team_id=self.team.pk, effective_from=starts_at
        )
        check_slug(self.slug)
        schedule = Schedule(
            team=self.team,
            slug=self.slug,
            name=self.name,
            time_zone=self.time_zone,
            required_roles=[role for role in self.draft.roles if role != SHADOW],
        )
        rotation = _new_rotation(schedule, self.draft)
        before = Plan(zone, (), holidays=holidays_of(schedule))
        return Outcome(
            schedule=schedule,
            starts_at=starts_at,
            before=before,
            after=with_version(with_settings(before, schedule), rotation, version),
            action="schedule.create",
            what="the schedule",
            ground="",
            rotation=rotation,
            version=version,
        )


@dataclass(frozen=True, slots=True)
class AddRotation:
    """One more rotation of a schedule."""

    schedule: Schedule
    draft: RotationDraft

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""
        ground = read_ground(self.schedule.pk)
        rotation = _new_rotation(ground.schedule, self.draft)
        return _think_draft(ground, rotation, self.draft, now, "rotation.add")


@dataclass(frozen=True, slots=True)
class EditRotation:
    """Another version of a rotation, from a moment on.

    Versions that were planned for later still take over at their moment.
    """

    rotation: Rotation
    draft: RotationDraft

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.rotation.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to.

        Raises PortalError with the field at fault, Conflict when somebody edited
        meanwhile.
        """
        ground = read_ground(self.rotation.schedule_id)
        rotation = ground.rotation(self.rotation.pk)
        newest = max(rotation.versions.all(), key=lambda row: row.pk, default=None)
        if newest is not None and self.draft.based_on not in {None, newest.pk}:
            raise Conflict(
                f"{newest.created_by or 'Somebody'} changed this rotation while you "
                "were editing. Look at what is saved now, then edit again.",
                current=newest,
            )
        return _think_draft(ground, rotation, self.draft, now, "rotation.edit")


@dataclass(frozen=True, slots=True)
class RetireRotation:
    """The end of a rotation: from a moment on it puts nobody on call."""

    rotation: Rotation
    effective_from: datetime | None = None

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.rotation.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""
        ground = read_ground(self.rotation.schedule_id)
        rotation = ground.rotation(self.rotation.pk)
        starts_at = not_before(self.effective_from or now, now)
        present = present_at(rotation, starts_at)
        if present is None or is_over(present):
            raise Refused("This rotation puts nobody on call then.", code="over")
        version = end_rotation(starts_at, ground.plan.zone)
        return outcome_of(
            ground, rotation, version, present=present, action="rotation.retire"
        )


@dataclass(frozen=True, slots=True)
class UndoVersion:
    """What held before a version, once more, from now or from its moment on."""

    version: RotationVersion

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.version.rotation.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to.

        Raises Refused when it is undone already, older than 30 days, or when a
        later edit holds by then.
        """
        ground = read_ground(self.version.rotation.schedule_id)
        rotation = ground.rotation(self.version.rotation_id)
        rows = {row.pk: row for row in rotation.versions.all()}
        row = rows[self.version.pk]
        starts_at = max(now, row.effective_from)
        edits, edit = edits_of(rows.values()), edit_of(row)
        if reason := why_not_undone(edits, edit, made_at=row.created_at, now=now):
            raise Refused(reason, code="no_undo")
        earlier = held_before(edits, edit)
        version = end_rotation(starts_at, ground.plan.zone)
        if earlier is not None:
            held = read_version(rows[earlier.key], len(rotation.roles))
            version = replace(held, effective_from=starts_at)
        present = present_at(rotation, starts_at)
        ground.schedule.required_roles = required_after(
            ground, rotation, present, version
        )
        outcome = outcome_of(
            ground, rotation, version, present=present, action="rotation.undo"
        )
        if starts_at == row.effective_from and edit in living(edits):
            value = read_version(row, len(rotation.roles))
            outcome = _without(outcome, rotation.pk, value)
        return replace(outcome, undoes=row)


@dataclass(frozen=True, slots=True)
class EditSettings:
    """Another name, zone, calendar of holidays or set of required roles, from now.

    Zone and calendar change nothing before now.
    """

    schedule: Schedule
    settings: ScheduleSettings

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises PortalError with the field at fault."""
        check_settings(self.settings)
        ground = read_ground(self.schedule.pk)
        row = ground.schedule
        former = Former(now, ground.plan.zone, ground.plan.holidays)
        row.name = self.settings.name
        row.time_zone = self.settings.time_zone
        row.calendar_id = self.settings.calendar_id
        row.required_roles = list(self.settings.required_roles)
        return Outcome(
            schedule=row,
            starts_at=now,
            before=ground.plan,
            after=_keep_past(with_settings(ground.plan, row), former),
            action="schedule.edit",
            what="the schedule's settings",
            ground=ground.mark,
        )


@dataclass(frozen=True, slots=True)
class SwitchSchedule:
    """Archiving a schedule (``is_active`` False), or restoring it."""

    schedule: Schedule
    is_active: bool

    @property
    def team_id(self) -> int:
        """The team whose pages change."""
        return self.schedule.team_id

    def think(self, now: datetime) -> Outcome:
        """Return what it comes to. Raises Refused when it is so already."""
        ground = read_ground(self.schedule.pk, is_archived=None)
        row = ground.schedule
        if row.is_active is self.is_active:
            state = "active" if self.is_active else "archived"
            raise Refused(f"This schedule is {state} already.", code="so_already")
        row.is_active = self.is_active
        idle = Plan(ground.plan.zone, ())
        return Outcome(
            schedule=row,
            starts_at=now,
            before=idle if self.is_active else ground.plan,
            after=ground.plan if self.is_active else idle,
            action="schedule.restore" if self.is_active else "schedule.archive",
            what="the schedule",
            ground=ground.mark,
        )


def _keep_past(plan: Plan, former: Former) -> Plan:
    """The plan with the past on its own clock, when the clock is another now."""
    if (plan.zone, plan.holidays) == (former.zone, former.holidays):
        return plan
    return replace(plan, rotations=keep_past(plan.rotations, [former]))


def check_slug(slug: str) -> None:
    """Raise PortalError at ``slug`` when a new schedule cannot have this short name."""
    if slug in PATHS_OF_PAGES:
        raise PortalError(
            f"“{slug}” is the address of another page. Choose another short name.",
            code="reserved",
            field="slug",
        )
    if Schedule.objects.filter(slug=slug).exists():
        raise slug_is_taken(slug)


def slug_is_taken(slug: str) -> PortalError:
    """Return the refusal of a short name that another schedule has."""
    return PortalError(
        f"There is a schedule “{slug}” already. Choose another short name.",
        code="taken",
        field="slug",
    )


def _new_rotation(schedule: Schedule, draft: RotationDraft) -> Rotation:
    return Rotation(
        schedule=schedule,
        name=draft.name.strip(),
        roles=list(draft.roles),
        priority=draft.priority,
    )


def _think_draft(
    ground: Ground,
    rotation: Rotation,
    draft: RotationDraft,
    now: datetime,
    action: str,
) -> Outcome:
    starts_at = _moment(draft, now)
    present = present_at(rotation, starts_at) if rotation.pk else None
    version = read_draft(
        draft,
        ground.plan.zone,
        team_id=ground.schedule.team_id,
        effective_from=starts_at,
        present=present,
    )
    if rotation.pk:
        _check_priority(rotation, draft, starts_at)
        rotation.roles = merge_roles(rotation, draft.roles)
        rotation.name, rotation.priority = draft.name.strip(), draft.priority
    ground.schedule.required_roles = required_after(ground, rotation, present, version)
    return outcome_of(ground, rotation, version, present=present, action=action)


def _without(outcome: Outcome, key: int, version: domain.RotationVersion) -> Outcome:
    """The outcome when a version that has not begun is not there at all."""
    rotations = []
    for each in outcome.before.rotations:
        versions = list(each.versions)
        if each.key == key:
            versions.remove(version)
        if versions:
            rotations.append(replace(each, versions=tuple(versions)))
    return replace(outcome, after=replace(outcome.after, rotations=tuple(rotations)))


def _moment(draft: RotationDraft, now: datetime) -> datetime:
    return not_before(draft.effective_from or now, now)


def _check_priority(rotation: Rotation, draft: RotationDraft, at: datetime) -> None:
    has_begun = any(row.effective_from < at for row in rotation.versions.all())
    if draft.priority != rotation.priority and has_begun:
        raise PortalError(
            "The priority also orders the past, so it stays. Add a rotation with "
            "the other priority and retire this one.",
            field="priority",
        )


def merge_roles(rotation: Rotation, roles: tuple[str, ...]) -> list[str]:
    """The rotation's roles by place: the new ones, and those that are dropped.

    Earlier versions still fill the places that the new version no longer has.
    """
    rest = [role for role in rotation.roles[len(roles) :] if role not in roles]
    merged = [*roles, *rest]
    for row in rotation.versions.all():
        filled = row.concurrency or len(rotation.roles)
        if rotation.roles[:filled] != merged[: min(filled, len(rotation.roles))]:
            raise PortalError(
                "Roles that were filled keep their names and their order, so that "
                "the past stays readable. Add a rotation with the other roles and "
                "retire this one.",
                field="roles",
            )
    return merged
