"""The runbooks of the demo, made live by the import that people use."""

from datetime import datetime, timedelta
from pathlib import Path

from incidents.models import SeverityLevel
from oncall.models import EscalationContact, Service
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import ServicePlan
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Runbook
from runbooks.queries.review import Row, review_plan
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices

TEXTS = Path(__file__).parent / "runbooks"
# When somebody last read them through.
_READ_AGO = timedelta(days=12)


def read_text(service: ServicePlan) -> Plan:
    """Return what the runbook of a service says."""
    return read_plan((TEXTS / f"{service.slug}.md").read_bytes())


def seed_runbooks(rows: Teams, services: dict[str, Service], now: datetime) -> None:
    """Apply what each runbook proposes, as the lead of the team when all began."""
    begin = now - HISTORY
    for plan in SERVICES:
        service = services[plan.slug]
        text = read_text(plan)
        review = review_plan(service, text, None)
        choices = Choices(accepted=_accept(review), fixes=_name_lists(plan, review))
        lead = rows.people[rows.plans[plan.team].lead]
        apply_plan(service, text, choices, by=lead, now=begin)
        _set_severities(plan, service)
        asked = EscalationContact.objects.filter(service=service)
        asked.filter(title__in=plan.asks_schedule).update(
            schedule=rows.schedules[plan.team]
        )
    Runbook.objects.update(reviewed_on=(now - _READ_AGO).date())
    # No ladder is climbed for what is long over.
    Service.objects.update(policy=None)
    for service in services.values():
        service.refresh_from_db()


def _accept(review: list[Row]) -> frozenset[str]:
    """Return the keys of all that is ready, and of the rungs of the ladder."""
    ready = [row for row in review if row.is_ready]
    rungs = (part.key for row in ready if row.entry for part in row.entry.parts)
    return frozenset([*(row.key for row in ready), *rungs])


def _name_lists(plan: ServicePlan, review: list[Row]) -> dict[str, dict[str, str]]:
    """Return the names that people gave to lists when they reviewed the runbook."""
    first = {
        row.parent: str(row.entry.value["text"])
        for row in reversed(review)
        if row.kind == "item" and row.entry
    }
    names = {(each.title, each.items[0].text): each.name for each in plan.checklists}
    return {
        row.key: {"title": names[str(row.entry.value["title"]), first[row.key]]}
        for row in review
        if row.kind == "checklist" and row.entry
    }


def _set_severities(plan: ServicePlan, service: Service) -> None:
    for word in plan.severities:
        row = SeverityLevel.objects.get(service=service, label=word.label)
        row.description = word.description
        row.pages = word.pages
        row.postmortem_required = word.postmortem_required
        row.save()
