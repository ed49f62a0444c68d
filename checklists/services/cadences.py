"""Making and changing cadences."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from checklists.domain.cadence import Slot, next_opening
from checklists.domain.cadence_rule import CadenceKind, rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.field_error import FieldError
from checklists.domain.reminder_ladder import ladder_from_json
from checklists.domain.upcoming import next_slots
from checklists.models import Cadence, Checklist
from checklists.services.generation import open_current_runs
from checklists.services.timetables import timetable_of
from oncall.models import Rotation, Schedule, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.zones import zone_names


@dataclass(frozen=True, slots=True, kw_only=True)
class CadencePlan:
    """What an editor gives: JSON of the domain, and whom it concerns."""

    rule: Mapping[str, Any]
    timing: Mapping[str, Any]
    time_zone: str
    holidays: str = Cadence.Holidays.RUN
    catch_up: str = Cadence.CatchUp.ALL
    carry_over: str = Cadence.CarryOver.NONE
    assignee: str = Cadence.Assignee.TEAM
    assignee_user: User | None = None
    assignee_schedule: Schedule | None = None
    assignee_role: str = "primary"
    sign_off: str = Cadence.SignOff.NONE
    rotation: Rotation | None = None
    reminders: list[dict[str, Any]] = field(default_factory=list)


def revision_of(cadence: Cadence) -> str:
    """Return a short name of all that an editor said of a cadence.

    Equal settings have equal names; what a sweep moves, and pausing, do not count.
    """
    told = {name: getattr(cadence, name) for name in _TOLD}
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_cadence(
    checklist: Checklist, plan: CadencePlan, *, by: User | None, now: datetime
) -> Cadence:
    """Give a checklist a cadence that opens runs from ``now`` on.

    A slot that is open at ``now`` and not past its grace gets its run at once.
    Raises PortalError naming the field.
    """
    _check_plan(plan)
    cadence = Cadence(
        checklist=checklist, created_at=now, generated_through=now, **_columns(plan)
    )
    with transaction.atomic():
        _save_next_opening(cadence, now)
        record_change(
            "cadence.added",
            cadence,
            by=by,
            now=now,
            team_id=checklist.team_id,
            after={"rule": dict(plan.rule), "timing": dict(plan.timing)},
        )
        touch_team(checklist.team_id)
    return cadence


def change_cadence(
    cadence: Cadence,
    plan: CadencePlan,
    *,
    by: User | None,
    now: datetime,
    seen: str | None = None,
) -> Cadence:
    """Change a cadence from its watermark on; runs that exist stay as they are.

    ``seen`` is the revision that the plan was made from, None not to care. Raises
    Conflict with the cadence as it is when somebody changed it since, PortalError
    naming the field.
    """
    _check_plan(plan)
    with transaction.atomic():
        _lock(cadence)
        if seen is not None and seen != revision_of(cadence):
            raise Conflict("Somebody changed this cadence meanwhile.", current=cadence)
        before = {"rule": cadence.rule, "timing": cadence.timing}
        for name, value in _columns(plan).items():
            setattr(cadence, name, value)
        _save_next_opening(cadence, now)
        record_change(
            "cadence.changed",
            cadence,
            by=by,
            now=now,
            team_id=cadence.checklist.team_id,
            before=before,
            after={"rule": dict(plan.rule), "timing": dict(plan.timing)},
        )
        touch_team(cadence.checklist.team_id)
    return cadence


def preview_cadence(
    checklist: Checklist, plan: CadencePlan, *, was: Cadence | None, now: datetime
) -> list[Slot]:
    """Return the next runs that a plan would open, ``was`` being what it changes.

    Raises PortalError naming the field. Writes nothing.
    """
    _check_plan(plan)
    cadence = Cadence(
        pk=was.pk if was else None,
        checklist=checklist,
        calendar=was.calendar if was else None,
        created_at=now,
        generated_through=was.generated_through if was else now,
        **_columns(plan),
    )
    return next_slots(timetable_of(cadence), now)


def pause_cadence(
    cadence: Cadence, *, paused: bool, by: User | None, now: datetime
) -> None:
    """Stop or resume opening runs. Periods of the pause are not caught up."""
    with transaction.atomic():
        _lock(cadence)
        cadence.is_enabled = not paused
        if not paused:
            cadence.generated_through = max(cadence.generated_through, now)
        _save_next_opening(cadence, now)
        record_change(
            "cadence.paused" if paused else "cadence.resumed",
            cadence,
            by=by,
            now=now,
            team_id=cadence.checklist.team_id,
        )
        touch_team(cadence.checklist.team_id)


def _lock(cadence: Cadence) -> None:
    """Read a cadence anew for a change: a sweep or a person may have moved it."""
    rows = Cadence.objects.select_for_update(of=("self",))
    cadence.refresh_from_db(
        from_queryset=rows.select_related("checklist__team__calendar", "calendar")
    )


# The columns that _columns fills.
_TOLD = (
    "rule", "timing", "time_zone", "holidays", "catch_up", "carry_over", "assignee",
    "assignee_user_id", "assignee_schedule_id", "assignee_role", "sign_off",
    "rotation_id", "reminders",
)  # fmt: skip


def _columns(plan: CadencePlan) -> dict[str, Any]:
    return {
        "rule": dict(plan.rule),
        "timing": dict(plan.timing),
        "time_zone": plan.time_zone,
        "holidays": plan.holidays,
        "catch_up": plan.catch_up,
        "carry_over": plan.carry_over,
        "assignee": plan.assignee,
        "assignee_user": plan.assignee_user,
        "assignee_schedule": plan.assignee_schedule,
        "assignee_role": plan.assignee_role,
        "sign_off": plan.sign_off,
        "rotation": plan.rotation,
        "reminders": plan.reminders,
    }


def _check_plan(plan: CadencePlan) -> None:
    if plan.time_zone not in zone_names():
        raise PortalError(
            f"“{plan.time_zone}” is not an IANA time zone. Use one like Europe/Berlin.",
            field="time_zone",
        )
    try:
        rule = rule_from_json(plan.rule)
        timing_from_json(plan.timing)
        ladder_from_json(plan.reminders)
    except FieldError as error:
        raise PortalError(str(error), field=error.field) from error
    if rule.kind is CadenceKind.HANDOFF:
        _check_handoff(plan)
    elif plan.rotation is not None:
        raise PortalError(
            "Only a checklist that is due at handoffs has a rotation.",
            field="rotation",
        )


def _check_handoff(plan: CadencePlan) -> None:
    if plan.rotation is None:
        raise PortalError(
            "Choose the rotation whose handoffs it is due at.", field="rotation"
        )
    if plan.holidays != Cadence.Holidays.RUN:
        raise PortalError(
            "A rotation hands over on holidays too. Choose to run on them.",
            field="holidays",
        )


def _save_next_opening(cadence: Cadence, now: datetime) -> None:
    opening = next_opening(timetable_of(cadence), cadence.generated_through)
    cadence.next_open_at = opening if cadence.is_enabled else None
    cadence.save()
    if cadence.is_enabled:
        # An edit can move an opening behind the watermark, where no sweep looks.
        open_current_runs(cadence, now=now)
