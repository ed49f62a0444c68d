"""What the demo's teams pay for time on call."""

from datetime import datetime, time
from decimal import Decimal

from oncall.services.stipends import RatesForm, save_rates
from opsportal.demo.seed_teams import Teams

_RATES = RatesForm(
    currency="EUR",
    weekday_hour=Decimal("2.00"),
    night_hour=Decimal("3.50"),
    weekend_hour=Decimal("4.00"),
    holiday_hour=Decimal("6.00"),
    night_starts=time(22),
    night_ends=time(6),
    lieu_percent=5,
    roles=("primary", "secondary"),
)


def seed_rates(rows: Teams, now: datetime) -> None:
    """Let each team pay for primary and secondary."""
    for slug, team in rows.teams.items():
        lead = rows.people[rows.plans[slug].lead]
        save_rates(team, _RATES, by=lead, now=now)
