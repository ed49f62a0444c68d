"""Checklists of the demo, as people set them after the import made them."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from checklists.domain.cadence_rule import CadenceKind
from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.models import (
    Cadence,
    Check,
    Checklist,
    ChecklistItem,
    Run,
    RunEvent,
)
from checklists.services.cadences import CadencePlan, change_cadence
from checklists.services.checklists import (
    ItemPlan,
    publish_version,
)
from oncall.models import Rotation, Schedule
from opsportal.demo.seed_checks import Watched
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import ChecklistRow, ItemRow, ServicePlan, timing
from opsportal.kit import append_only

DAY_MINUTES = 24 * 60
LATEST_DUE = DAY_MINUTES - 15


def seed_checklists(rows: Teams, watched: Iterable[Watched], now: datetime) -> None:
    """Publish all checklists with their checks, as the runbooks made them."""
    checks = {(part.service.slug, part.plan.slug): part.row for part in watched}
    begin = now - HISTORY
    for plan in SERVICES:
        lead = rows.people[rows.plans[plan.team].lead]
        for row in plan.checklists:
            checklist = Checklist.objects.get(name=row.name)
            checklist.description = row.description
            checklist.save(update_fields=["description"])
            told = _items_of(checklist)
            items = [
                _plan_item(item, told[item.text], plan, checks) for item in row.items
            ]
            publish_version(checklist, items, by=lead, now=begin)
    _forget_the_first_day()


def _forget_the_first_day() -> None:
    """Drop the runs that opened then: what is told begins later."""
    with append_only.lifted():
        RunEvent.objects.all().delete()
        Run.objects.all().delete()


def _items_of(checklist: Checklist) -> dict[str, ChecklistItem]:
    """Return the items that the runbook asks for, by their text."""
    return {item.text: item for item in checklist.versions.get().items.all()}


def seed_cadences(rows: Teams, now: datetime) -> list[Cadence]:
    """Say when and by whom the checklists are done, which opens what is due now."""
    cadences = []
    for plan in SERVICES:
        lead = rows.people[rows.plans[plan.team].lead]
        for row in plan.checklists:
            checklist = Checklist.objects.get(name=row.name)
            cadence = checklist.cadences.get()
            wanted = _plan_cadence(row, cadence, plan, rows, now)
            cadence.generated_through = now
            cadence.save(update_fields=["generated_through"])
            change_cadence(cadence, wanted, by=lead, now=now)
            cadences.append(cadence)
    return cadences


def _rotation_of(schedule: Schedule, row: ChecklistRow) -> Rotation | None:
    is_handoff = row.rule.get("kind") == CadenceKind.HANDOFF
    return schedule.rotations.first() if is_handoff else None


def _plan_item(
    row: ItemRow,
    told: ChecklistItem,
    service: ServicePlan,
    checks: dict[tuple[str, str], Check],
) -> ItemPlan:
    """Return an item as people set it; what the runbook tells of it stays."""
    return ItemPlan(
        key=told.key,
        reference=row.ref,
        text=row.text,
        section=row.section,
        instructions="\n\n".join(filter(None, (row.instructions, _source_of(told)))),
        kind=row.kind,
        mode=row.mode,
        needs_note=row.needs_note,
        is_critical=row.is_critical,
        bounds=dict(row.bounds),
        checks=tuple(checks[service.slug, slug] for slug in row.checks),
    )


def _source_of(told: ChecklistItem) -> str:
    """Return the link to the line of the runbook."""
    parts = told.instructions.split("\n\n")
    return next(part for part in parts if part.startswith("[Line "))


def _plan_cadence(
    row: ChecklistRow,
    told: Cadence,
    service: ServicePlan,
    rows: Teams,
    now: datetime,
) -> CadencePlan:
    is_on_call = row.assignee == "oncall"
    zone = rows.plans[service.team].time_zone
    rule = row.rule or told.rule
    timing = row.timing or told.timing
    if rule["kind"] == CadenceKind.DAILY:
        timing = due_ahead(now.astimezone(ZoneInfo(zone)))
    return CadencePlan(
        rule=rule,
        timing=timing,
        time_zone=zone,
        holidays=row.holidays,
        assignee=row.assignee,
        assignee_schedule=rows.schedules[service.team] if is_on_call else None,
        assignee_role=row.role,
        sign_off=row.sign_off,
        rotation=_rotation_of(rows.schedules[service.team], row),
        reminders=ladder_to_json(DEFAULT_LADDER),
    )


def due_ahead(local: datetime) -> dict[str, str]:
    """Return the timing of the day's work: due at ten, or within the hour later on.

    Whoever looks at the demo in the evening finds work to do as well.
    """
    minutes = 60 * local.hour + local.minute
    due = max(600, min(60 * -(-(minutes + 30) // 60), LATEST_DUE))
    grace = min(30, DAY_MINUTES - due)
    return timing(
        f"{due // 60:02}:{due % 60:02}",
        f"{due // 60}h {due % 60}m",
        f"{grace}m",
        f"{(DAY_MINUTES - due) // 60}h {(DAY_MINUTES - due) % 60}m",
    )
