"""Faults in what was entered, each at its field, in the words of the form."""

from datetime import datetime, timedelta

from oncall.domain.schedule import ScheduleError
from oncall.models import Membership
from opsportal.kit.errors import PortalError

# A form stays open for a while before it is sent.
PATIENCE = timedelta(minutes=5)
# Plans further ahead are a slip of the finger.
FARTHEST = timedelta(days=2 * 366)
# What the domain calls a fault, in the words of the form.
_FIELDS = {
    "members": "people",
    "concurrency": "roles",
    "zone": "time_zone",
    "anchor": "counted_from",
    "start": "starts_at",
    "end": "ends_at",
}


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

    Raises PortalError for the past, and for what is years ahead.
    """
    if moment < now - PATIENCE:
        raise PortalError(
            "The past is not rewritten. Choose now or a later moment.",
            code="past",
            field="effective_from",
        )
    if moment > now + FARTHEST:
        raise PortalError(
            "That is more than two years ahead. Choose an earlier moment.",
            field="effective_from",
        )
    return max(moment, now)
