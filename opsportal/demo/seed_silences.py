"""Silences of the demo: one that is over, one that holds, one that comes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from incidents.domain.matchers import parse_matchers
from incidents.services.silences import SilenceDraft, create_silence
from oncall.models import Service
from opsportal.demo.past_people import Roster
from opsportal.demo.shapes import DAY
from opsportal.kit.patterns import compile_pattern

_HOUR = timedelta(hours=1)
# Service, matcher, made so long ago, begins after that, length, why.
_PLANS = (
    ("arq", "check=latency-p99", 2 * DAY, 0 * DAY, 3 * _HOUR, "Index is rebuilt"),
    ("qenergyz", "check=cpu", _HOUR, 0 * DAY, 6 * _HOUR, "Yearly import runs"),
    ("amas", "check=~cpu|queue.*", _HOUR, DAY, 2 * _HOUR, "Load test at night"),
)


def seed_silences(
    services: Mapping[str, Service], rosters: Mapping[int, Roster], now: datetime
) -> int:
    """Make them as people would have; returns how many."""
    for slug, matcher, ago, ahead, length, why in _PLANS:
        service, made_at = services[slug], now - ago
        draft = SilenceDraft(
            matchers=parse_matchers([matcher], compile_pattern),
            starts_at=made_at + ahead,
            ends_at=made_at + ahead + length,
            comment=why,
        )
        person = rosters[service.team_id].primary_at(made_at)
        create_silence(service.team, service, draft, by=person, now=made_at)
    return len(_PLANS)
