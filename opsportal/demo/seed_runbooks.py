"""A runbook in the library of the demo, made live by the import that people use."""

from datetime import datetime
from pathlib import Path

from oncall.models import Service
from opsportal.demo.seed_teams import Teams
from runbooks.domain.plan import read_plan
from runbooks.queries.review import review_plan
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices

_TEXTS = Path(__file__).parent / "texts"


def seed_runbooks(rows: Teams, services: dict[str, Service], now: datetime) -> None:
    """Apply what each text proposes, as the lead of the team."""
    for path in sorted(_TEXTS.glob("*.md")):
        service = services[path.stem]
        plan = read_plan(path.read_bytes())
        ready = [row.key for row in review_plan(service, plan, None) if row.is_ready]
        lead = rows.people[rows.plans[service.team.slug].lead]
        choices = Choices(accepted=frozenset(ready))
        apply_plan(service, plan, choices, by=lead, now=now)
