"""Checklists of the demo: published versions and cadences."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from checklists.domain.cadence_rule import CadenceKind
from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.models import Cadence, Check, Checklist, ChecklistVersion
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.checklists import (
    ItemPlan,
    create_checklist,
    publish_version,
)
from oncall.models import Rotation, Schedule, Service
from opsportal.demo.seed_checks import Watched
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import (
    EVERY_DAY,
    ChecklistRow,
    ItemRow,
    ServicePlan,
    timing,
)

DAY_MINUTES = 24 * 60
LATEST_DUE = DAY_MINUTES - 15


def seed_checklists(
    services: dict[str, Service],
    rows: Teams,
    watched: Iterable[Watched],
    now: datetime,
) -> dict[str, ChecklistVersion]:
    """Make and publish all checklists; returns the versions by slug."""
    checks = {(part.service.slug, part.plan.slug): part.row for part in watched}
    begin = now - HISTORY
    versions = {}
    for service in SERVICES:
        lead = rows.people[rows.plans[service.team].lead]
        for row in service.checklists:
            checklist = create_checklist(
                rows.teams[service.team],
                slug=row.slug,
                name=row.name,
                description=row.description,
                service=services[service.slug],
                by=lead,
                now=begin,
            )
            items = [_plan_item(item, service, checks) for item in row.items]
            versions[row.slug] = publish_version(checklist, items, by=lead, now=begin)
    return versions


def seed_cadences(rows: Teams, now: datetime) -> dict[str, Cadence]:
    """Give the checklists their cadences, which opens what is due now."""
    cadences = {}
    for service in SERVICES:
        lead = rows.people[rows.plans[service.team].lead]
        for row in service.checklists:
            checklist = Checklist.objects.get(slug=row.slug)
            plan = _plan_cadence(row, service, rows, now)
            cadences[row.slug] = add_cadence(checklist, plan, by=lead, now=now)
    return cadences


def _rotation_of(schedule: Schedule, row: ChecklistRow) -> Rotation | None:
    is_handoff = row.rule.get("kind") == CadenceKind.HANDOFF
    return schedule.rotations.first() if is_handoff else None


def _plan_item(
    row: ItemRow, service: ServicePlan, checks: dict[tuple[str, str], Check]
) -> ItemPlan:
    return ItemPlan(
        reference=row.ref,
        text=row.text,
        section=row.section,
        instructions=row.instructions,
        kind=row.kind,
        mode=row.mode,
        needs_note=row.needs_note,
        is_critical=row.is_critical,
        bounds=dict(row.bounds),
        checks=tuple(checks[service.slug, slug] for slug in row.checks),
    )


def _plan_cadence(
    row: ChecklistRow, service: ServicePlan, rows: Teams, now: datetime
) -> CadencePlan:
    is_on_call = row.assignee == "oncall"
    zone = rows.plans[service.team].time_zone
    local = now.astimezone(ZoneInfo(zone))
    return CadencePlan(
        rule=row.rule,
        timing=due_ahead(local) if row.timing is EVERY_DAY else row.timing,
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
