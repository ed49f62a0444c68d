"""Planned work that comes back: each occurrence becomes a window a day before it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from incidents.domain.recurrence import (
    LONGEST,
    Recurrence,
    find_occurrences,
    find_problem,
    say_recurrence,
)
from incidents.models import MaintenanceWindow, RecurringWindow
from incidents.queries.recurring import as_domain
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError

AHEAD: Final = timedelta(days=1)
MOST_ROWS: Final = 500


def create_recurring(
    service: Service, rule: Recurrence, reason: str, *, by: User, now: datetime
) -> RecurringWindow:
    """Plan work that comes back; what is running by the rule begins at once.

    Raises PortalError, naming the field, for a rule that makes no sense or never
    falls on a day that is still to come, and without a reason.
    """
    if problem := find_problem(rule):
        raise PortalError(problem[1], field=problem[0])
    if not reason.strip():
        raise PortalError("Say what the work is.", field="reason")
    if next(find_occurrences(rule, now), None) is None:
        raise PortalError("It would never happen.", field="last_on")
    with transaction.atomic():
        touch_team(service.team_id)
        row = RecurringWindow.objects.create(
            service=service,
            reason=reason.strip()[:250],
            frequency=rule.frequency,
            every=rule.every,
            weekdays=list(rule.weekdays),
            month_day=rule.month_day,
            nth=rule.nth,
            starts=rule.starts,
            length=rule.length,
            time_zone=rule.zone,
            first_on=rule.first_on,
            last_on=rule.last_on,
            created_by=by,
            next_plan_at=now,
            planned_until=now - LONGEST - AHEAD,
        )
        _plan(row, now)
        record_change(
            "maintenance.recur",
            row,
            by=by,
            now=now,
            team_id=service.team_id,
            after={"rule": say_recurrence(rule), "reason": row.reason},
        )
    return row


def stop_recurring(row: RecurringWindow, *, by: User, now: datetime) -> None:
    """Let it come back no more; windows that have not begun go with it."""
    with transaction.atomic():
        touch_team(row.service.team_id)
        MaintenanceWindow.objects.filter(recurring=row, starts_at__gt=now).delete()
        record_change(
            "maintenance.stop",
            row,
            by=by,
            now=now,
            team_id=row.service.team_id,
            before={"rule": say_recurrence(as_domain(row)), "reason": row.reason},
        )
        row.delete()


def plan_windows(*, now: datetime) -> int:
    """Make windows of the occurrences that begin within a day; returns how many."""
    due = RecurringWindow.objects.filter(next_plan_at__lte=now)
    pks = list(due.order_by("next_plan_at").values_list("pk", flat=True)[:MOST_ROWS])
    return sweep_each(pks, lambda pk: _plan_due(pk, now), what="recurring window")


def _plan_due(pk: int, now: datetime) -> int:
    with transaction.atomic():
        rows = RecurringWindow.objects.select_related("service")
        touch_team(rows.get(pk=pk).service.team_id)
        # Read again: who held the team before us may have planned it.
        row = rows.filter(pk=pk, next_plan_at__lte=now).first()
        return 0 if row is None else _plan(row, now)


def _plan(row: RecurringWindow, now: datetime) -> int:
    """Make the windows that are near, and note when to look again."""
    made = 0
    row.next_plan_at = None
    for each in find_occurrences(as_domain(row), now):
        if each.starts_at > now + AHEAD:
            row.next_plan_at = each.starts_at - AHEAD
            break
        if each.starts_at <= row.planned_until:
            continue
        MaintenanceWindow.objects.create(
            service_id=row.service_id,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            reason=row.reason,
            created_by_id=row.created_by_id,
            recurring=row,
        )
        row.planned_until = each.starts_at
        made += 1
    row.save(update_fields=["next_plan_at", "planned_until"])
    return made
