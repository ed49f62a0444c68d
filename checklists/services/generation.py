"""Opening runs: every period of every cadence gets exactly one."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F

from checklists.domain.cadence import (
    Slot,
    Timetable,
    next_opening,
    open_slots,
)
from checklists.domain.cadence_words import describe
from checklists.domain.catch_up import CatchUp, PlannedRun, plan_runs, plan_sweep
from checklists.domain.run_moment import Moment
from checklists.domain.start_window import may_start, next_start, start_slot
from checklists.models import (
    Cadence,
    ChecklistVersion,
    Run,
    RunEvent,
)
from checklists.services.carrying import carry_over
from checklists.services.events import opening_event
from checklists.services.item_rows import insert_items
from checklists.services.reconciling import reconcile_run
from checklists.services.reminding import first_reminder_at
from checklists.services.run_hooks import tell_of_moments
from checklists.services.timetables import is_floating, timetable_of
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import Turns, sweep_each
from opsportal.kit.errors import PortalError, Refused

# So that one sweep ends in time; what is left stays due.
MOST_CADENCES = 500


def open_due_runs(*, now: datetime) -> int:
    """Open the runs of every cadence whose next opening has come.

    Safe to run many at once: the cadence's row is locked while its periods are
    decided, and the unique (cadence, period_key) is the last word. Returns the
    number of runs created.
    """
    due = Cadence.objects.filter(is_enabled=True, next_open_at__lte=now)
    keys = list(due.order_by("next_open_at").values_list("pk", flat=True))
    turns = Turns(keys[:MOST_CADENCES], still_due=due)

    def open_next(key: int) -> int:
        opened = open_cadence(key, now=now)
        turns.note(won=opened is not None)
        return opened or 0

    return follow_rosters(now=now) + sweep_each(turns, open_next, what="cadence")


def follow_rosters(*, now: datetime) -> int:
    """Look again at cadences whose rotation's team changed since the last look.

    Runs that are open stay; those to come follow the roster. Returns the number of
    runs that had to open at once.
    """
    changed = Cadence.objects.filter(is_enabled=True, rotation__isnull=False).exclude(
        roster_version=F("rotation__schedule__team__calm_version")
    )
    keys = list(changed.order_by("pk").values_list("pk", flat=True))
    return sweep_each(
        keys[:MOST_CADENCES], partial(_follow_roster, now=now), what="cadence"
    )


def _follow_roster(cadence_pk: int, *, now: datetime) -> int:
    with transaction.atomic():
        cadence = (
            Cadence.objects.select_for_update(of=("self",))
            .select_related("checklist__team__calendar", "calendar")
            .annotate(seen=F("rotation__schedule__team__calm_version"))
            .get(pk=cadence_pk)
        )
        opening = next_opening(timetable_of(cadence), cadence.generated_through)
        Cadence.objects.filter(pk=cadence_pk).update(
            next_open_at=opening, roster_version=cadence.seen
        )
        # A handoff that comes earlier may have to open behind the watermark.
        return open_current_runs(cadence, now=now)


def open_cadence(cadence_pk: int, *, now: datetime) -> int | None:
    """Open what is due of one cadence, in one transaction.

    Returns the number of runs, None when another sweep has it, or had it.
    """
    with transaction.atomic():
        cadence = (
            Cadence.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("checklist__team__calendar", "calendar")
            .filter(pk=cadence_pk, is_enabled=True, next_open_at__lte=now)
            .first()
        )
        if cadence is None:
            return None
        return _open_slots(cadence, timetable_of(cadence), now)


def open_current_runs(cadence: Cadence, *, now: datetime) -> int:
    """Open what is open already of a cadence that is new or was changed.

    Call it inside the transaction of the change; the unique key drops periods
    that have their run.
    """
    current = open_slots(timetable_of(cadence), now)
    planned = plan_runs(current, now=now, catch_up=CatchUp(cadence.catch_up))
    return len(_create_runs(cadence, planned, now))


def start_ad_hoc_run(cadence_pk: int, *, by: User, now: datetime) -> Run:
    """Start a run at ``now``, outside the rule; due as long after as it opens before.

    Raises PortalError without a published version, Refused while the cadence is
    paused and outside the hours in which its rule lets runs start.
    """
    with transaction.atomic():
        cadence = (
            Cadence.objects.select_for_update(of=("self",))
            .select_related("checklist__team__calendar", "calendar")
            .get(pk=cadence_pk)
        )
        if not cadence.is_enabled:
            raise Refused("The cadence is paused: resume it first.", code="paused")
        version = cadence.checklist.versions.filter(
            status=ChecklistVersion.Status.PUBLISHED
        ).first()
        if version is None:
            raise PortalError("The checklist has no published version yet.")
        run = make_run(cadence, version, _find_start(timetable_of(cadence), now))
        run.next_reminder_at = first_reminder_at(run, cadence, now=now)
        run.save()
        fill_runs([run], version, now=now)
        record_change(
            "run.started",
            run,
            by=by,
            now=now,
            team_id=run.team_id,
            after={"period_key": run.period_key},
        )
        touch_team(run.team_id)
    return run


def _find_start(timetable: Timetable, now: datetime) -> Slot:
    if may_start(timetable, now):
        return start_slot(timetable, now)
    words = describe(timetable.rule, timetable.timing.due_time)
    again = next_start(timetable, now).astimezone(timetable.zone)
    raise Refused(
        f"It is started {words} ({timetable.zone}), next on {again:%A at %H:%M}.",
        code="outside_window",
    )


def _open_slots(cadence: Cadence, timetable: Timetable, now: datetime) -> int:
    sweep = plan_sweep(
        timetable,
        generated_through=cadence.generated_through,
        now=now,
        catch_up=CatchUp(cadence.catch_up),
    )
    runs = _create_runs(cadence, sweep.runs, now)
    cadence.generated_through = sweep.generated_through
    cadence.next_open_at = sweep.next_open_at
    if is_floating(cadence):
        # What opened, or did not, decides from when the next one is counted.
        cadence.next_open_at = next_opening(
            timetable_of(cadence), cadence.generated_through
        )
    cadence.save(update_fields=["generated_through", "next_open_at"])
    return len(runs)


def _create_runs(
    cadence: Cadence, planned: Iterable[PlannedRun], now: datetime
) -> list[Run]:
    wanted = {plan.slot.period_key: plan for plan in planned}
    version = cadence.checklist.versions.filter(
        status=ChecklistVersion.Status.PUBLISHED
    ).first()
    if version is None or not wanted:
        return []
    known = Run.objects.filter(cadence=cadence, period_key__in=wanted)
    for key in known.values_list("period_key", flat=True):
        del wanted[key]
    runs = Run.objects.bulk_create(
        _build_run(cadence, version, plan, now) for plan in wanted.values()
    )
    fill_runs(runs, version, now=now)
    carry_over(cadence, runs, version, now=now)
    if runs:
        touch_team(cadence.checklist.team_id)
    return runs


def fill_runs(runs: list[Run], version: ChecklistVersion, *, now: datetime) -> None:
    """Give new runs their items and first event, and let checks tick at once."""
    rows = version.items.values_list("pk", "checks", "show_if_check")
    watchers = {pk: (check, condition) for pk, check, condition in rows}
    insert_items([run.pk for run in runs], watchers)
    RunEvent.objects.bulk_create(opening_event(run, now=now) for run in runs)
    still = [run for run in runs if run.state == Run.State.OPEN]
    missed = [run for run in runs if run.missed_at]
    tell_of_moments({Moment.OPENED: still, Moment.MISSED: missed}, now=now)
    if any(check or condition for check, condition in watchers.values()):
        for run in still:
            reconcile_run(run.pk, now=now)


def _build_run(
    cadence: Cadence, version: ChecklistVersion, plan: PlannedRun, now: datetime
) -> Run:
    run = make_run(cadence, version, plan.slot)
    if plan.is_missed:
        run.missed_at = now
        run.cause = Run.Cause.SYSTEM
        run.next_event_at = run.closes_at
        if run.closes_at <= now:
            run.state = Run.State.CLOSED
            run.outcome = Run.Outcome.MISSED
            run.closed_at = now
            run.next_event_at = None
            return run
    run.next_reminder_at = first_reminder_at(run, cadence, now=now)
    return run


def make_run(cadence: Cadence, version: ChecklistVersion, slot: Slot) -> Run:
    """Return the unsaved open run of one slot."""
    return Run(
        team_id=cadence.checklist.team_id,
        checklist_id=cadence.checklist_id,
        version=version,
        cadence=cadence,
        period_key=slot.period_key,
        period_start_on=slot.period_start_on,
        period_end_on=slot.period_end_on,
        opens_at=slot.opens_at,
        due_at=slot.due_at,
        grace_until=slot.grace_until,
        closes_at=slot.closes_at,
        next_event_at=slot.due_at,
    )
