"""Absences: saying when somebody is away, and letting others cover."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from oncall.domain import coverage
from oncall.domain import schedule as domain
from oncall.domain.absence import Absence as Leave
from oncall.domain.rotation import timeline
from oncall.domain.swap import Leg, Parties
from oncall.models import Absence, Membership, Override, Schedule, User
from oncall.queries.absences import AbsenceRow, ClashRow, clash
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.schedules import name_people
from oncall.queries.swaps import ShiftRow, shifts_in
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.roster_news import tell_moved_people
from oncall.services.swap_checks import require_possible, require_working
from opsportal.kit.errors import PortalError, Refused

LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class AbsenceForm:
    """An absence as it is entered."""

    starts_at: datetime
    ends_at: datetime
    kind: str = Absence.Kind.VACATION
    note: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """What an absence gives or takes a person in a role of a schedule."""

    schedule_name: str
    name: str
    role: str
    gained: timedelta
    lost: timedelta


@dataclass(frozen=True, slots=True)
class AbsencePreview:
    """Who stands in where the rotation sees to it, and what stays to be covered."""

    changes: list[StandIn]
    clashes: list[ClashRow]


def add_absence(user: User, form: AbsenceForm, *, by: User, now: datetime) -> Absence:
    """Write down when a person is away; what was before now stays as it was.

    Raises PortalError with the field at fault, Refused when it is known already.
    """
    _require_sound(form, now)
    with (
        transaction.atomic(),
        moving_rosters([user.pk], by=by, now=now, what=f"the absences of {user}"),
    ):
        known = Absence.objects.filter(
            user=user,
            cancelled_at=None,
            starts_at__lte=form.starts_at,
            ends_at__gte=form.ends_at,
        )
        if known.exists():
            raise Refused("This absence is known already.", code="known")
        row = Absence.objects.create(
            user=user,
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            kind=form.kind,
            note=form.note,
            created_by=by,
            created_at=now,
        )
        record_change("absence.add", row, by=by, now=now, after=describe(row))
    return row


def cancel_absence(row: Absence, *, by: User, now: datetime) -> None:
    """Take an absence back; of one that has begun, what is left of it.

    Raises Refused when it is over or cancelled already.
    """
    with (
        transaction.atomic(),
        moving_rosters(
            [row.user_id], by=by, now=now, what=f"the absences of {row.user}"
        ),
    ):
        won = Absence.objects.filter(
            pk=row.pk, cancelled_at=None, ends_at__gt=now
        ).update(cancelled_at=now)
        if not won:
            raise Refused("This absence is over already.", code="over")
        record_change("absence.cancel", row, by=by, now=now, before=describe(row))


def preview_absence(user: User, form: AbsenceForm, *, now: datetime) -> AbsencePreview:
    """Say who would stand in, and which shifts stay uncovered; writes nothing.

    Raises PortalError with the field at fault.
    """
    _require_sound(form, now)
    schedules = schedules_of([user.pk])
    plans = load_schedules([each.pk for each in schedules])
    leave = Leave(user.pk, form.starts_at, form.ends_at, created_at=now)
    start, end = max(form.starts_at, now), form.ends_at
    changes: list[StandIn] = []
    shifts: list[ShiftRow] = []
    for each in schedules:
        before = plans[each.pk]
        after = replace(before, absences=(*before.absences, leave))
        changes += _stand_ins(each, before, after, start, end)
        shifts += shifts_in(each, after, start, end)
    row = AbsenceRow(
        0, user.pk, user.display_name, start, end, form.kind, "", "", "", None
    )
    mine = [shift for shift in shifts if shift.user_id == user.pk]
    return AbsencePreview(changes, clash([row], mine))


def cover_absence(
    row: Absence,
    schedule: Schedule,
    leg: Leg,
    *,
    cover_id: int,
    by: User,
    now: datetime,
) -> Override:
    """Let somebody stand in for a part of a shift of who is away.

    Raises PortalError or Refused when the part is not within the absence, is not
    the person's (any more), or the other would be on call twice at once.
    """
    leg = leg._replace(start=max(leg.start, now))
    is_within = row.starts_at <= leg.start < leg.end <= row.ends_at
    if not is_within or row.cancelled_at is not None:
        raise PortalError("Choose a part of the absence.", field="starts_at")
    if cover_id == row.user_id:
        raise PortalError("Choose somebody else.", field="cover")
    with transaction.atomic():
        touch_team(schedule.team_id)
        require_working([cover_id], schedule.team_id)
        plan = load_schedule(schedule.pk)
        require_possible(plan, [leg], Parties(row.user_id, cover_id), now=now)
        made = Override.objects.create(
            schedule=schedule,
            starts_at=leg.start,
            ends_at=leg.end,
            role=leg.role,
            remove_user_id=row.user_id,
            add_user_id=cover_id,
            reason=f"Covers an absence of {row.user}"[:250],
            source=Override.Source.ABSENCE,
            created_by=by,
            created_at=now,
        )
        record_change(
            "absence.cover",
            made,
            by=by,
            now=now,
            team_id=schedule.team_id,
            after={"role": leg.role, "away": row.user_id, "cover": cover_id},
        )
        tell_moved_people(
            schedule,
            plan,
            load_schedule(schedule.pk),
            by=by,
            now=now,
            cause=f"override:{made.pk}",
            what=f"who covers {row.user}",
        )
    return made


def schedules_of(user_ids: Iterable[int]) -> list[Schedule]:
    """Return the active schedules of all teams of the people."""
    teams = Membership.objects.filter(user__in=list(user_ids)).values("team")
    return list(Schedule.objects.filter(team__in=teams, is_active=True))


@contextmanager
def moving_rosters(
    user_ids: Iterable[int], *, by: User | None, now: datetime, what: str
) -> Iterator[None]:
    """Wrap a change of absences: teams' pages are past, moved people are told.

    Who is away knows. Call it inside the transaction of the change.
    """
    ids = list(user_ids)
    schedules = schedules_of(ids)
    for team_id in sorted({each.team_id for each in schedules}):
        touch_team(team_id)
    before = load_schedules([each.pk for each in schedules])
    yield
    after = load_schedules([each.pk for each in schedules])
    for each in schedules:
        if before[each.pk].absences != after[each.pk].absences:
            tell_moved_people(
                each,
                before[each.pk],
                after[each.pk],
                by=by,
                now=now,
                cause=f"absence:{ids[0]}:{now:%Y%m%d%H%M%S%f}",
                what=what,
                besides=ids,
            )


def describe(row: Absence) -> dict[str, str]:
    """Return what the audit log says of an absence: not why, and no note."""
    return {
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }


def _require_sound(form: AbsenceForm, now: datetime) -> None:
    if form.ends_at <= form.starts_at:
        raise PortalError("The end is not after the start.", field="ends_on")
    if form.ends_at <= now:
        raise PortalError(
            "The past is not rewritten: choose a later end.", field="ends_on"
        )
    if form.ends_at - form.starts_at > LONGEST or form.ends_at > now + FURTHEST:
        raise PortalError("An absence lasts a year at most.", field="ends_on")
    if form.kind not in Absence.Kind.values:
        raise PortalError("Choose a kind.", field="kind")


def _stand_ins(
    schedule: Schedule,
    before: domain.Schedule,
    after: domain.Schedule,
    start: datetime,
    end: datetime,
) -> list[StandIn]:
    changes = coverage.diff(timeline(before, start, end), timeline(after, start, end))
    names = name_people(change.user for change in changes)
    return [
        StandIn(schedule.name, names.get(c.user, ""), c.role, c.gained, c.lost)
        for c in changes
    ]
