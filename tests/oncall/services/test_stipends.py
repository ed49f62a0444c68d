from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from oncall.models import AuditEntry, StipendRates
from oncall.services.stipends import RatesForm, save_rates
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.oncall import TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FORM = RatesForm(
    currency="eur",
    weekday_hour=Decimal(2),
    night_hour=Decimal(3),
    weekend_hour=Decimal(4),
    holiday_hour=Decimal(5),
    night_starts=time(21),
    night_ends=time(7),
    lieu_percent=10,
    roles=("primary",),
)


def test_rates_are_saved_once_a_team_and_every_change_is_kept():
    team, boss = TeamFactory(), UserFactory()
    first = save_rates(team, FORM, by=boss, now=NOW)
    dearer = replace(FORM, night_hour=Decimal("3.5"))
    assert save_rates(team, dearer, by=boss, now=NOW).pk == first.pk
    row = StipendRates.objects.get(team=team)
    assert (row.currency, row.night_hour, row.roles) == (
        "EUR",
        Decimal("3.5"),
        ["primary"],
    )
    latest = AuditEntry.objects.filter(action="stipend.edit").latest("pk")
    assert latest.before["night_hour"] == "3.00"
    assert latest.after["night"] == "21:00-07:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "EURO"}, "currency"),
        ({"currency": "E1R"}, "currency"),
        ({"currency": "ßßß"}, "currency"),
        ({"weekend_hour": Decimal(-1)}, "weekend_hour"),
    ],
)
def test_what_cannot_be_a_rate_is_refused(change, field):
    with pytest.raises(PortalError) as caught:
        save_rates(TeamFactory(), replace(FORM, **change), by=UserFactory(), now=NOW)
    assert caught.value.field == field
    assert not StipendRates.objects.exists()
