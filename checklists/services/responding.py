"""Steps of a procedure as a live run that answers an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.text import slugify

from checklists.models import Checklist, ChecklistVersion, Run
from checklists.services.checklists import ItemPlan, create_checklist, publish_version
from checklists.services.generation import fill_runs
from incidents.models import Incident
from incidents.services.timeline import append_entry, hold_incident
from oncall.models import User
from oncall.services.audit import record_change
from opsportal.kit.errors import PortalError, Refused

# A response is not late by itself; it closes long after the incident.
_DUE: Final = timedelta(days=1)
_GRACE: Final = timedelta(days=6)
_OPEN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """What to do, by the title of its procedure; each step a text and its details.

    ``source`` says where it is from, such as "Runbook of ARQ, line 78".
    """

    title: str
    steps: tuple[tuple[str, str], ...]
    source: str = ""


def start_response_run(
    incident_pk: int, plan: ResponsePlan, *, by: User, now: datetime
) -> Run:
    """Start the steps as a run under the incident; one that is open already is kept.

    Its checklist belongs to the incident's first service and gets a new version when
    the steps changed. Raises PortalError without steps, Refused when it is over.
    """
    if not plan.steps:
        raise PortalError("This procedure has no steps to tick.")
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if incident.status in Incident.OVER:
            raise Refused(f"{incident.ref} is over; reopen it first.")
        checklist = _checklist_for(incident, plan, by=by, now=now)
        running = checklist.runs.filter(incident=incident).exclude(
            state=Run.State.CLOSED
        )
        known = running.first()
        if known is not None:
            return known
        version = _version_for(checklist, plan, by=by, now=now)
        run = _make_run(incident, version, now)
        run.save()
        fill_runs([run], version, now=now)
        append_entry(
            incident,
            "run",
            by=by,
            now=now,
            data={"name": checklist.name, "run": run.pk},
            source_ref=f"run:{run.pk}",
        )
        record_change(
            "run.started",
            run,
            by=by,
            now=now,
            team_id=run.team_id,
            after={"incident": incident.ref},
        )
    return run


def _checklist_for(
    incident: Incident, plan: ResponsePlan, *, by: User, now: datetime
) -> Checklist:
    service = incident.severity.service
    slug = f"response-{service.slug}-{slugify(plan.title)}"[:80].rstrip("-")
    known = Checklist.objects.filter(slug=slug, team=incident.team_id).first()
    return known or create_checklist(
        incident.team,
        slug=slug,
        name=plan.title[:160],
        by=by,
        now=now,
        service=service,
        description=plan.source,
    )


def _version_for(
    checklist: Checklist, plan: ResponsePlan, *, by: User, now: datetime
) -> ChecklistVersion:
    published = checklist.versions.filter(
        status=ChecklistVersion.Status.PUBLISHED
    ).first()
    if published is not None:
        held = published.items.order_by("position").values_list("text", "instructions")
        if list(held) == list(plan.steps):
            return published
    items: Sequence[ItemPlan] = [
        ItemPlan(text=text, instructions=details) for text, details in plan.steps
    ]
    return publish_version(checklist, items, by=by, now=now)


def _make_run(incident: Incident, version: ChecklistVersion, now: datetime) -> Run:
    on = now.astimezone(UTC).date()
    return Run(
        team_id=incident.team_id,
        checklist_id=version.checklist_id,
        version=version,
        incident=incident,
        period_key=incident.ref,
        period_start_on=on,
        period_end_on=on,
        opens_at=now,
        due_at=now + _DUE,
        grace_until=now + _DUE + _GRACE,
        closes_at=now + _OPEN,
        next_event_at=now + _DUE,
    )
