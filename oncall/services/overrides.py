"""Exceptions to a rotation: somebody comes in, goes out, or takes a role."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from oncall.domain import validation
from oncall.domain.schedule import ScheduleError
from oncall.models import Override, Schedule, User
from oncall.queries.loading import read_override
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.weekly import require_members, to_refusal
from opsportal.kit.errors import PortalError, Refused


@dataclass(frozen=True, slots=True)
class OverrideForm:
    """An exception as it is entered.

    With ``takes_role`` the person added holds ``role`` alone. An empty ``role``
    stands for every role, and only works with somebody who goes out.
    """

    starts_at: datetime
    ends_at: datetime
    role: str
    add_user_id: int | None = None
    remove_user_id: int | None = None
    takes_role: bool = False
    reason: str = ""


def add_override(
    schedule: Schedule, form: OverrideForm, *, by: User, now: datetime
) -> Override:
    """Add an exception; what lies in the past of it begins now.

    Raises PortalError with the field at fault.
    """
    if form.ends_at <= now:
        raise PortalError(
            "The past is not rewritten. Choose a later end.",
            code="past",
            field="ends_at",
        )
    form = replace(form, starts_at=max(form.starts_at, now))
    people = [each for each in (form.add_user_id, form.remove_user_id) if each]
    require_members(people, schedule.team_id, field="add_user")
    row = Override(
        schedule=schedule,
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        role=form.role,
        add_user_id=form.add_user_id,
        remove_user_id=form.remove_user_id,
        takes_role=form.takes_role,
        reason=form.reason,
        created_by=by,
        created_at=now,
    )
    try:
        validation.validate_override(read_override(row))
    except ScheduleError as error:
        raise to_refusal(error) from None
    with transaction.atomic():
        touch_team(schedule.team_id)
        row.save(force_insert=True)
        record_change(
            "override.add",
            row,
            by=by,
            now=now,
            team_id=schedule.team_id,
            after={
                "starts_at": form.starts_at.isoformat(),
                "ends_at": form.ends_at.isoformat(),
                "role": form.role,
                "add_user": form.add_user_id,
                "remove_user": form.remove_user_id,
                "takes_role": form.takes_role,
            },
        )
    return row


def cancel_override(row: Override, *, by: User, now: datetime) -> None:
    """End an exception now, or before it begins; what was stays as it was.

    Raises Refused when it is over or cancelled already.
    """
    with transaction.atomic():
        touch_team(row.schedule.team_id)
        won = Override.objects.filter(
            pk=row.pk, cancelled_at=None, ends_at__gt=now
        ).update(cancelled_at=now)
        if not won:
            raise Refused("This override is over already.", code="over")
        record_change(
            "override.cancel", row, by=by, now=now, team_id=row.schedule.team_id
        )
