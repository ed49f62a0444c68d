"""Taking a ready-made checklist for a team."""

from datetime import datetime

from django.db import transaction

from checklists.domain.starters import Starter
from checklists.models import Checklist
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.texts import create_from_text
from oncall.models import Service, Team, User


def take_starter(
    starter: Starter, team: Team, *, service: Service | None, by: User, now: datetime
) -> Checklist:
    """Make a checklist of it, published, that people start on the team's clock.

    Raises PortalError when the service is another team's.
    """
    plan = CadencePlan(
        rule=starter.rule, timing=starter.timing, time_zone=team.time_zone
    )
    with transaction.atomic():
        checklist = create_from_text(
            team, starter.text, service=service, by=by, now=now
        )
        add_cadence(checklist, plan, by=by, now=now)
    return checklist
