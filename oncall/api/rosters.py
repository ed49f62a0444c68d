"""Editing schedules: settings, rotations, their versions, previews and undo."""

from datetime import date, datetime, time
from typing import Annotated, Any, cast

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize, teams_of
from oncall.api.common import Clock, Moment, ShortName
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.schedule import HolidayPolicy, Member
from oncall.models import Rotation, RotationVersion, Schedule
from oncall.queries import rosters
from oncall.queries.overrides import find_schedule
from oncall.queries.people import people_of
from oncall.services.drafts import RotationDraft, ScheduleSettings
from oncall.services.edits import (
    AddRotation,
    CreateSchedule,
    EditRotation,
    EditSettings,
    RetireRotation,
    ScheduleEdit,
    SwitchSchedule,
    UndoVersion,
)
from oncall.services.previews import Preview, preview_edit
from oncall.services.schedules import Made, make_edit
from opsportal.kit.errors import PortalError

router = Router()
Username = Annotated[str, Field(max_length=150)]
RoleName = Annotated[str, Field(min_length=1, max_length=32)]


class WindowIn(Schema):
    """Hours of each week, in minutes from midnight; the end may be the next day."""

    weekday: int = Field(ge=0, le=6)
    start_minute: int = Field(ge=0, le=1439)
    end_minute: int = Field(ge=1, le=2880)


class RotationIn(Schema):
    """A rotation; left as it is, people take weeks in turn from Monday 09:00.

    ``people`` are user names in order, null for an empty slot, a list for people who
    serve together. ``weekday`` counts from Monday = 0. Without ``effective_from`` it
    holds from now. ``seal`` is a preview's: then exactly that is saved.
    """

    name: str = Field(default="Weekly", max_length=120)
    roles: list[RoleName] = Field(min_length=1, max_length=6)
    priority: int = Field(default=0, ge=-99, le=99)
    people: list[Username | list[Username] | None] = Field(max_length=50)
    at: Clock = "09:00"
    weekday: int = Field(default=0, ge=0, le=6)
    month_day: int = Field(default=1, ge=1, le=31)
    counted_from: date | None = None
    unit: Unit = Unit.WEEK
    every: int = Field(default=1, ge=1, le=366)
    count: Count = Count.CALENDAR
    windows: list[WindowIn] = Field(default=[], max_length=70)
    holiday_policy: HolidayPolicy = HolidayPolicy.IGNORE
    absence_policy: AbsencePolicy = AbsencePolicy.WARN
    effective_from: Moment | None = None
    keeps_current: bool = True
    based_on: int | None = None
    seal: str = Field(default="", max_length=200)


class ScheduleIn(Schema):
    """A new schedule with its first rotation."""

    team: str = Field(max_length=50)
    slug: ShortName
    name: str = Field(max_length=120)
    time_zone: str = Field(max_length=64)
    rotation: RotationIn


class SchedulePatch(Schema):
    """What to change; ``is_active`` false archives, and goes alone."""

    name: str | None = Field(default=None, max_length=120)
    time_zone: str | None = Field(default=None, max_length=64)
    required_roles: list[RoleName] | None = Field(default=None, max_length=6)
    is_active: bool | None = None


class PreviewIn(Schema):
    """An unsaved version of a rotation, or without ``rotation`` of a new one."""

    rotation: int | None = None
    version: RotationIn


class RetireIn(Schema):
    """From when a rotation puts nobody on call: from now unless told."""

    effective_from: Moment | None = None


class ScheduleOut(Schema):
    """A schedule besides its rotations."""

    slug: str
    name: str
    time_zone: str
    required_roles: list[str]
    is_active: bool


class VersionOut(Schema):
    """A version in the history. ``state``: now, planned, over or undone."""

    id: int
    start: datetime
    saved_at: datetime
    by: str
    words: list[str]
    state: str
    can_be_undone: bool


class RotationOut(Schema):
    """A rotation as it holds, with its versions, the latest first."""

    id: int
    name: str
    roles: list[str]
    priority: int
    sentence: str
    is_over: bool
    versions: list[VersionOut]


class MadeOut(Schema):
    """The version that was appended, to a rotation."""

    id: int
    rotation: int
    start: datetime


class ChangeOut(Schema):
    """What one person gains and loses in one role, in seconds."""

    user: str
    role: str
    gained: int
    lost: int


class StretchOut(Schema):
    """A gap that would be, or (with a user) hours of somebody who is away."""

    role: str
    start: datetime
    end: datetime
    user: str | None = None


class PreviewOut(Schema):
    """What the version would do within [start, end), and the seal to save it with."""

    start: datetime
    end: datetime
    words: list[str]
    sentence: str
    changes: list[ChangeOut]
    gaps: list[StretchOut]
    clashes: list[StretchOut]
    seal: str


@router.post("/schedules", response={201: ScheduleOut})
def create_schedule(request: ApiRequest, body: ScheduleIn) -> Any:
    """Make a schedule with its first rotation."""
    team = teams_of(request.auth).filter(slug=body.team).first()
    if team is None:
        raise Http404
    authorize(request.auth, "schedule.edit", team.pk)
    edit = CreateSchedule(
        team, body.name, body.slug, body.time_zone, _draft(body.rotation, team.pk)
    )
    return Status(201, _out(_make(request, edit).schedule))


@router.patch("/schedules/{slug}", response=ScheduleOut)
def change_schedule(request: ApiRequest, slug: str, body: SchedulePatch) -> Any:
    """Change the name, the zone or the required roles; or archive and restore."""
    schedule = _find(request, slug)
    asked = body.model_dump(exclude_none=True)
    if not asked:
        raise PortalError("Say what to change.")
    if body.is_active is not None:
        if len(asked) > 1:
            raise PortalError("Archive or restore alone.", field="is_active")
        return _out(_make(request, SwitchSchedule(schedule, body.is_active)).schedule)
    roles = body.required_roles
    settings = ScheduleSettings(
        name=body.name or schedule.name,
        time_zone=body.time_zone or schedule.time_zone,
        calendar_id=schedule.calendar_id,
        required_roles=tuple(schedule.required_roles if roles is None else roles),
    )
    return _out(_make(request, EditSettings(schedule, settings)).schedule)


@router.get("/schedules/{slug}/rotations", response=list[RotationOut])
def list_rotations(request: ApiRequest, slug: str) -> Any:
    """List the rotations of a schedule with their histories."""
    schedule = find_schedule(slug, readable_teams(request))
    if schedule is None:
        raise Http404
    return [
        RotationOut(
            id=row.pk,
            name=row.name,
            roles=row.roles,
            priority=row.priority,
            sentence=row.sentence,
            is_over=row.is_over,
            versions=[
                VersionOut(
                    id=each.pk,
                    start=each.starts_at,
                    saved_at=each.saved_at,
                    by=each.by,
                    words=each.words,
                    state=each.state,
                    can_be_undone=each.can_be_undone,
                )
                for each in row.versions
            ],
        )
        for row in rosters.roster_rows(schedule, timezone.now())
    ]


@router.post("/schedules/{slug}/rotations", response={201: MadeOut})
def add_rotation(request: ApiRequest, slug: str, body: RotationIn) -> Any:
    """Add a rotation."""
    schedule = _find(request, slug)
    edit = AddRotation(schedule, _draft(body, schedule.team_id))
    return Status(201, show_made(_make(request, edit, body.seal)))


@router.post("/schedules/{slug}/preview", response=PreviewOut)
def preview_version(request: ApiRequest, slug: str, body: PreviewIn) -> Any:
    """Say what an unsaved version would do: nothing is saved."""
    schedule = _find(request, slug)
    draft = _draft(body.version, schedule.team_id)
    edit: ScheduleEdit = AddRotation(schedule, draft)
    if body.rotation is not None:
        rotation = _find_rotation(request, body.rotation)
        if rotation.schedule_id != schedule.pk:
            raise Http404
        edit = EditRotation(rotation, draft)
    return show_preview(preview_edit(edit, now=timezone.now()))


@router.post("/rotations/{rotation_id}/versions", response={201: MadeOut})
def append_version(request: ApiRequest, rotation_id: int, body: RotationIn) -> Any:
    """Let a rotation run otherwise from a moment on; what was stays as it was."""
    rotation = _find_rotation(request, rotation_id)
    edit = EditRotation(rotation, _draft(body, rotation.schedule.team_id))
    return Status(201, show_made(_make(request, edit, body.seal)))


@router.post("/rotations/{rotation_id}/retire", response={201: MadeOut})
def retire_rotation(request: ApiRequest, rotation_id: int, body: RetireIn) -> Any:
    """End a rotation from a moment on."""
    rotation = _find_rotation(request, rotation_id)
    edit = RetireRotation(rotation, body.effective_from)
    return Status(201, show_made(_make(request, edit)))


@router.post("/versions/{version_id}/undo", response={201: MadeOut})
def undo_version(request: ApiRequest, version_id: int) -> Any:
    """Let what held before a version hold again; for 30 days."""
    version = rosters.find_version_in(version_id, own_teams(request))
    if version is None:
        raise Http404
    authorize(request.auth, "schedule.edit", version.rotation.schedule.team_id)
    return Status(201, show_made(_make(request, UndoVersion(version))))


def _find(request: ApiRequest, slug: str) -> Schedule:
    schedule = find_schedule(slug, own_teams(request))
    if schedule is None:
        raise Http404
    authorize(request.auth, "schedule.edit", schedule.team_id)
    return schedule


def _find_rotation(request: ApiRequest, pk: int) -> Rotation:
    rotation = rosters.find_rotation_in(pk, own_teams(request))
    if rotation is None:
        raise Http404
    authorize(request.auth, "schedule.edit", rotation.schedule.team_id)
    return rotation


def _make(request: ApiRequest, edit: ScheduleEdit, seal: str = "") -> Made:
    return make_edit(edit, by=request.auth.user, now=timezone.now(), seal=seal)


def _draft(body: RotationIn, team_id: int) -> RotationDraft:
    known = {user.username: user.pk for user in people_of(team_id)}
    return RotationDraft(
        people=tuple(_member(each, known) for each in body.people),
        roles=tuple(role.strip().lower() for role in body.roles),
        at=time.fromisoformat(body.at),
        weekday=body.weekday,
        month_day=body.month_day,
        counted_from=body.counted_from,
        name=body.name,
        priority=body.priority,
        unit=body.unit,
        every=body.every,
        count=body.count,
        windows=tuple(
            ActiveWindow(each.weekday, each.start_minute, each.end_minute)
            for each in body.windows
        ),
        holiday_policy=body.holiday_policy,
        absence_policy=body.absence_policy,
        effective_from=body.effective_from,
        keeps_current=body.keeps_current,
        based_on=body.based_on,
    )


def _member(each: str | list[str] | None, known: dict[str, int]) -> Member:
    if each is None or each == []:
        return None
    names = [each] if isinstance(each, str) else each
    if missing := [name for name in names if name not in known]:
        raise PortalError(
            f"“{missing[0]}” is no active member of the team.",
            code="not_a_member",
            field="people",
        )
    people = tuple(known[name] for name in names)
    return people if len(people) > 1 else people[0]


def _out(schedule: Schedule) -> ScheduleOut:
    return ScheduleOut(
        slug=schedule.slug,
        name=schedule.name,
        time_zone=schedule.time_zone,
        required_roles=schedule.required_roles,
        is_active=schedule.is_active,
    )


def show_made(made: Made) -> MadeOut:
    """Return the version that an edit of a rotation appended."""
    version = cast("RotationVersion", made.version)
    return MadeOut(
        id=version.pk, rotation=version.rotation_id, start=version.effective_from
    )


def show_preview(preview: Preview) -> PreviewOut:
    """Return a preview as the API shows it."""
    return PreviewOut(
        start=preview.starts_at,
        end=preview.ends_at,
        words=preview.words,
        sentence=preview.sentence,
        changes=[
            ChangeOut(
                user=row.name,
                role=row.role,
                gained=int(row.gained.total_seconds()),
                lost=int(row.lost.total_seconds()),
            )
            for row in preview.changes
        ],
        gaps=[
            StretchOut(role=row.role, start=row.starts_at, end=row.ends_at)
            for row in preview.gaps
        ],
        clashes=[
            StretchOut(
                role=row.role, start=row.starts_at, end=row.ends_at, user=row.name
            )
            for row in preview.clashes
        ],
        seal=preview.seal,
    )
