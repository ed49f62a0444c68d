"""Exceptions to a rotation: somebody comes in, goes out, or takes a role."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from oncall.domain import coverage, validation
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.schedule import ScheduleError
from oncall.domain.stretch import end_of_turn
from oncall.models import Override, Schedule, User
from oncall.queries.coverage import (
    GapRow,
    UnreachableRow,
    gaps_of,
    know_people,
    unreachable_of,
)
from oncall.queries.loading import load_schedule, read_override
from oncall.services.audit import record_change
from oncall.services.faults import require_members, to_refusal
from oncall.services.pulse import touch_team
from oncall.services.roster_news import tell_moved_people
from opsportal.kit.errors import PortalError, Refused

LONGEST = timedelta(days=366)
# A turn that ends later than this is taken for so long; give it back any time.
LONGEST_TAKE = timedelta(days=7)
Source = Override.Source


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
    source: str = Source.MANUAL

    def names(self, user: User) -> bool:
        """Say whether it is about that person, as one who comes in or goes out."""
        return user.pk in {self.add_user_id, self.remove_user_id}


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What an exception gives one person in one role, and what it takes away."""

    name: str
    role: str
    gained: timedelta
    lost: timedelta


@dataclass(frozen=True, slots=True)
class OverridePreview:
    """What an exception would do between its start and its end."""

    starts_at: datetime
    ends_at: datetime
    changes: list[PersonChange]
    gaps: list[GapRow]
    unreachable: list[UnreachableRow]


def preview_override(
    schedule: Schedule, form: OverrideForm, *, now: datetime
) -> OverridePreview:
    """Say whose hours would change, and what would be missing. Writes nothing.

    Raises PortalError with the field at fault.
    """
    before = load_schedule(schedule.pk)
    row = _plan(schedule, form, before, now)
    after = replace(before, overrides=(*before.overrides, read_override(row)))
    start, end = row.starts_at, row.ends_at
    changes = coverage.diff(timeline(before, start, end), timeline(after, start, end))
    people = know_people([after])
    return OverridePreview(
        start,
        end,
        changes=[
            PersonChange(
                people.names.get(each.user, ""), each.role, each.gained, each.lost
            )
            for each in sorted(changes, key=lambda change: -change.gained)
        ],
        gaps=gaps_of(after, start, end),
        unreachable=[
            each
            for each in unreachable_of(after, people, start, end)
            if each.user_id == row.add_user_id
        ],
    )


def add_override(
    schedule: Schedule, form: OverrideForm, *, by: User, now: datetime
) -> Override:
    """Add an exception; what lies in the past of it begins now.

    Whoever's hours it moves is told. Raises PortalError with the field at fault.
    """
    with transaction.atomic():
        # The lock first: what people are told is then what this one changes.
        touch_team(schedule.team_id)
        before = load_schedule(schedule.pk)
        row = _plan(schedule, form, before, now)
        row.created_by = by
        row.save(force_insert=True)
        after = replace(before, overrides=(*before.overrides, read_override(row)))
        _tell(row, before, after, by=by, now=now, word="added")
        record_change(
            "override.add",
            row,
            by=by,
            now=now,
            team_id=schedule.team_id,
            after={
                "starts_at": row.starts_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
                "role": row.role,
                "add_user": row.add_user_id,
                "remove_user": row.remove_user_id,
                "takes_role": row.takes_role,
                "source": row.source,
            },
        )
    return row


def take_pager(
    schedule: Schedule,
    *,
    role: str,
    by: User,
    now: datetime,
    length: timedelta | None = None,
) -> Override:
    """Give ``by`` the role from now on, for ``length`` or to the end of the shift.

    An empty role is the schedule's first. Raises Refused for who has the role alone already, PortalError for a role that
    the schedule does not know.
    """
    plan = load_schedule(schedule.pk)
    role = role or next(iter(plan.expected_roles), "")
    holders = [line.user for line in users_at(plan, now) if line.role == role]
    if holders == [by.pk]:
        raise Refused(f"You are on call as {role} already.", code="has_it")
    limit = now + (length or LONGEST_TAKE)
    form = OverrideForm(
        starts_at=now,
        ends_at=limit if length else end_of_turn(plan, role, now, limit),
        role=role,
        add_user_id=by.pk,
        takes_role=True,
        reason="Took the pager",
        source=Source.TAKE,
    )
    return add_override(schedule, form, by=by, now=now)


def give_back_pager(schedule: Schedule, *, by: User, now: datetime) -> int:
    """End what ``by`` took, early; the rotation goes on as if it were over.

    Returns how many roles went back. Raises Refused when nothing was taken.
    """
    rows = Override.objects.filter(
        schedule=schedule,
        source=Source.TAKE,
        add_user=by,
        cancelled_at=None,
        starts_at__lte=now,
        ends_at__gt=now,
    ).select_related("schedule")
    with transaction.atomic():
        touch_team(schedule.team_id)
        held = list(rows)
        if not held:
            raise Refused("You have not taken the pager.", code="not_taken")
        for row in held:
            cancel_override(row, by=by, now=now)
    return len(held)


def cancel_override(row: Override, *, by: User, now: datetime) -> None:
    """End an exception now, or before it begins; what was stays as it was.

    Whoever's hours that moves is told. Raises Refused when it is over or cancelled
    already, and for one half of a swap.
    """
    if row.source == Source.SWAP:
        raise Refused(
            "This comes from a swap. Take the swap back instead.", code="of_a_swap"
        )
    with transaction.atomic():
        touch_team(row.schedule.team_id)
        before = load_schedule(row.schedule_id)
        won = Override.objects.filter(
            pk=row.pk, cancelled_at=None, ends_at__gt=now
        ).update(cancelled_at=now)
        if not won:
            raise Refused("This override is over already.", code="over")
        after = load_schedule(row.schedule_id)
        _tell(row, before, after, by=by, now=now, word="cancelled")
        record_change(
            "override.cancel", row, by=by, now=now, team_id=row.schedule.team_id
        )


def restore_override(row: Override, *, by: User, now: datetime) -> Override:
    """Add again what was cancelled, from now on; the copy is the newest word.

    Raises Refused unless it is cancelled, PortalError when it would be over by now.
    """
    if row.cancelled_at is None or row.source == Source.SWAP:
        raise Refused("Only a cancelled override can be restored.", code="holds")
    form = OverrideForm(
        starts_at=max(row.starts_at, now),
        ends_at=row.ends_at,
        role=row.role,
        add_user_id=row.add_user_id,
        remove_user_id=row.remove_user_id,
        takes_role=row.takes_role,
        reason=row.reason,
        source=row.source,
    )
    return add_override(row.schedule, form, by=by, now=now)


def _plan(
    schedule: Schedule, form: OverrideForm, plan: Plan, now: datetime
) -> Override:
    """Return the row that a form asks for, unsaved. Raises PortalError."""
    if form.ends_at <= now:
        raise PortalError(
            "The past is not rewritten. Choose a later end.",
            code="past",
            field="ends_at",
        )
    if form.ends_at <= form.starts_at:
        raise PortalError(
            "The end is not after the start. Choose a later end.", field="ends_at"
        )
    start = max(form.starts_at, now)
    if form.ends_at - now > 2 * LONGEST or form.ends_at - start > LONGEST:
        raise PortalError(
            "An override lasts a year at most, within the next two. Change the "
            "rotation instead.",
            code="too_long",
            field="ends_at",
        )
    _require_role(form.role, plan)
    for field, person in (
        ("add_user", form.add_user_id),
        ("remove_user", form.remove_user_id),
    ):
        if person is not None:
            require_members([person], schedule.team_id, field=field)
    row = Override(
        schedule=schedule,
        starts_at=start,
        ends_at=form.ends_at,
        role=form.role,
        add_user_id=form.add_user_id,
        remove_user_id=form.remove_user_id,
        takes_role=form.takes_role,
        reason=form.reason,
        source=form.source,
        created_at=now,
    )
    try:
        validation.validate_override(read_override(row))
    except ScheduleError as error:
        raise to_refusal(error) from None
    return row


def _tell(
    row: Override, before: Plan, after: Plan, *, by: User, now: datetime, word: str
) -> None:
    tell_moved_people(
        row.schedule,
        before,
        after,
        by=by,
        now=now,
        cause=f"override:{row.pk}:{word}",
        what="an override" if word == "added" else "an override by cancelling it",
    )


def _require_role(role: str, plan: Plan) -> None:
    filled = {role for rotation in plan.rotations for role in rotation.roles}
    known = {*plan.expected_roles, *filled, ""}
    if role not in known:
        raise PortalError(
            "This schedule has no such role. Choose one that it has.",
            code="unknown",
            field="role",
        )
