"""Which alerts of the demo are told together, from now on."""

from collections.abc import Mapping
from datetime import datetime

from incidents.domain.told_groups import Rule
from incidents.services.alert_groups import set_grouping
from oncall.models import Service
from opsportal.demo.past_people import Roster

# A service that Prometheus watches has a rule for each trouble; another one is told
# of all at once.
_RULES = {"arca-api": Rule(("alertname", "cluster")), "qenergyz": Rule(())}


def seed_groups(
    services: Mapping[str, Service], rosters: Mapping[int, Roster], now: datetime
) -> None:
    """Let two services group; last of all, so that what fires already tells by itself."""
    for slug, rule in _RULES.items():
        service = services[slug]
        person = rosters[service.team_id].primary_at(now)
        set_grouping(service, rule, by=person, now=now)
