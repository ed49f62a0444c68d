"""What keeps the alerts of the demo quiet: a load test every night, and cooldowns."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from incidents.domain.recurrence import Recurrence
from incidents.models import Integration
from incidents.services.cooldowns import cool_sender
from incidents.services.recurring import create_recurring
from oncall.models import Service
from opsportal.demo.past_people import Roster
from opsportal.demo.shapes import DAY

_HOUR = timedelta(hours=1)
# A decision engine repeats itself: its runbook asks for five minutes.
_COOLDOWN = timedelta(minutes=5)


def seed_noise(
    services: Mapping[str, Service], rosters: Mapping[int, Roster], now: datetime
) -> None:
    """Plan them as people would have, the day before."""
    made_at = now - DAY
    # So late that nothing of it runs while the demo is made.
    first_on = (now + DAY).date()
    amas, qenergyz = services["amas"], services["qenergyz"]
    _plan(
        amas,
        "Load test in production",
        Recurrence(
            frequency="weekly",
            weekdays=(0, 1, 2, 3, 4, 5, 6),
            starts=time(2),
            length=2 * _HOUR,
            zone=amas.team.time_zone,
            first_on=first_on,
        ),
        rosters,
        made_at,
    )
    _plan(
        qenergyz,
        "Database patches",
        Recurrence(
            frequency="monthly",
            weekdays=(6,),
            nth=1,
            starts=time(6),
            length=_HOUR,
            zone=qenergyz.team.time_zone,
            first_on=first_on,
        ),
        rosters,
        made_at,
    )
    person = rosters[amas.team_id].primary_at(made_at)
    for sender in Integration.objects.filter(service=amas).select_related("service"):
        cool_sender(sender, _COOLDOWN, by=person, now=made_at)


def _plan(
    service: Service,
    reason: str,
    rule: Recurrence,
    rosters: Mapping[int, Roster],
    made_at: datetime,
) -> None:
    person = rosters[service.team_id].primary_at(made_at)
    create_recurring(service, rule, reason, by=person, now=made_at)
