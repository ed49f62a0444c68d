"""Somebody in the demo whom nothing reaches: a new colleague."""

from oncall.models import ContactMethod
from opsportal.demo.seed_teams import Teams

NEWCOMER = "engineer.k"


def seed_unreachable(rows: Teams) -> None:
    """Leave the contact methods of one person unverified."""
    methods = ContactMethod.objects.filter(user=rows.people[NEWCOMER])
    methods.update(verified_at=None)
