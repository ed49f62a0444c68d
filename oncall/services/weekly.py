"""From the weekly rotation that a person entered to a version of the domain."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from oncall.domain import schedule as domain
from oncall.domain import validation
from oncall.domain.schedule import ScheduleError
from oncall.domain.weekly import WeeklyPlan, plan_version
from oncall.models import Membership, Rotation
from oncall.queries import loading
from opsportal.kit.errors import PortalError

# A form stays open for a while before it is sent.
PATIENCE = timedelta(minutes=5)
# What the domain calls a fault, in the words of the form.
_FIELDS = {
    "members": "people",
    "concurrency": "roles",
    "roles": "roles",
    "zone": "time_zone",
    "anchor": "at",
    "effective_from": "effective_from",
    "start": "starts_at",
    "end": "ends_at",
    "add_user": "add_user",
    "role": "role",
}


@dataclass(frozen=True, slots=True)
class WeeklyForm:
    """A weekly rotation as it is edited.

    ``people`` are user ids in order, None for a week that nobody takes; ``roles``
    are filled at once from the same list; ``weekday`` counts from Monday = 0;
    ``based_on`` is the newest version that the editor saw.
    """

    people: tuple[int | None, ...]
    roles: tuple[str, ...]
    weekday: int
    at: time
    time_zone: str
    effective_from: datetime
    keeps_current: bool = True
    based_on: int | None = None


def plan_first(form: WeeklyForm, *, team_id: int) -> domain.RotationVersion:
    """Return the first version of a new rotation.

    Raises PortalError with the field at fault.
    """
    return _plan(form, team_id, present=None, present_zone=form.time_zone)


def plan_next(
    rotation: Rotation, form: WeeklyForm, *, now: datetime
) -> domain.RotationVersion:
    """Return the version that follows the one which holds at the form's moment.

    Raises PortalError with the field at fault.
    """
    schedule = rotation.schedule
    if form.time_zone != schedule.time_zone and form.effective_from > now:
        raise PortalError(
            "A new zone holds for the whole schedule at once. Let the change begin "
            "now, or keep the zone.",
            field="time_zone",
        )
    row = (
        rotation.versions.filter(effective_from__lte=form.effective_from)
        .prefetch_related("members", "windows")
        .order_by("-effective_from", "-pk")
        .first()
    )
    present = loading.read_version(row, len(rotation.roles)) if row else None
    return _plan(form, schedule.team_id, present, schedule.time_zone)


def all_roles(rotation: Rotation, form: WeeklyForm) -> list[str]:
    """Return the rotation's roles by place: those of the form, and dropped ones.

    Earlier versions still fill the places that the form no longer has.
    """
    rest = rotation.roles[len(form.roles) :]
    return [*form.roles, *(role for role in rest if role not in form.roles)]


def required_roles(rotation: Rotation, form: WeeklyForm) -> list[str]:
    """Return the roles of the schedule that must not be empty after the edit."""
    others = rotation.schedule.required_roles
    kept = [role for role in others if role not in {*rotation.roles, *form.roles}]
    return [*form.roles, *kept]


def _plan(
    form: WeeklyForm,
    team_id: int,
    present: domain.RotationVersion | None,
    present_zone: str,
) -> domain.RotationVersion:
    people = [each for each in form.people if each is not None]
    require_members(people, team_id, field="people")
    plan = WeeklyPlan(
        members=form.people,
        weekday=form.weekday,
        at=form.at,
        concurrency=len(form.roles),
        effective_from=form.effective_from,
        keeps_current=form.keeps_current,
    )
    try:
        _require_roles(form.roles)
        zone = validation.find_zone(form.time_zone)
        before = validation.find_zone(present_zone)
        version = plan_version(plan, zone, present, present_zone=before)
        validation.validate_version(version, roles=form.roles)
    except ScheduleError as error:
        raise to_refusal(error) from None
    return version


def _require_roles(roles: tuple[str, ...]) -> None:
    if not roles or not all(roles):
        raise ScheduleError("roles", "are empty. Name the role that it fills.")
    if len(set(roles)) < len(roles):
        raise ScheduleError("roles", "repeat a name. Give each its own.")


def to_refusal(error: ScheduleError) -> PortalError:
    """Turn a fault of the domain into one that names the form's field."""
    field = _FIELDS.get(error.field, error.field)
    words = field.replace("_", " ").capitalize()
    return PortalError(f"{words} {error.message}", field=field)


def require_members(ids: list[int], team_id: int, *, field: str) -> None:
    """Raise PortalError unless all are active members of the team."""
    known = set(
        Membership.objects.filter(
            team=team_id, user__in=ids, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    if not set(ids) <= known:
        raise PortalError(
            "Only active members of the team can be on call. Add them to the team "
            "first.",
            code="not_a_member",
            field=field,
        )


def not_before(moment: datetime, now: datetime) -> datetime:
    """Return the moment, or now when it has only just passed.

    Raises PortalError for the past.
    """
    if moment < now - PATIENCE:
        raise PortalError(
            "The past is not rewritten. Choose now or a later moment.",
            code="past",
            field="effective_from",
        )
    return max(moment, now)
