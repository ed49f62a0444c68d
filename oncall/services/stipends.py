"""Keeping the rates of a team for time on call."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db import transaction

from oncall.models import StipendRates, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

_KINDS = ("weekday_hour", "night_hour", "weekend_hour", "holiday_hour")


@dataclass(frozen=True, slots=True)
class RatesForm:
    """Rates as they are entered: money an hour, and percent of time given back.

    Empty ``roles`` count every role.
    """

    currency: str
    weekday_hour: Decimal
    night_hour: Decimal
    weekend_hour: Decimal
    holiday_hour: Decimal
    night_starts: time
    night_ends: time
    lieu_percent: int
    roles: tuple[str, ...] = ()


def save_rates(team: Team, form: RatesForm, *, by: User, now: datetime) -> StipendRates:
    """Save the rates of a team; they hold for every report from now on.

    Raises PortalError with the field at fault.
    """
    # Of other letters some are longer in capitals.
    if not (
        len(form.currency) == 3 and form.currency.isascii() and form.currency.isalpha()
    ):
        raise PortalError(
            "Give the three letters of a currency, such as EUR.", field="currency"
        )
    for name in _KINDS:
        if getattr(form, name) < 0:
            raise PortalError("A rate cannot be less than nothing.", field=name)
    with transaction.atomic():
        touch_team(team.pk)
        row = StipendRates.objects.filter(team=team).first()
        before = _describe(row) if row else None
        row = row or StipendRates(team=team)
        row.currency = form.currency.upper()
        for name in (*_KINDS, "night_starts", "night_ends", "lieu_percent"):
            setattr(row, name, getattr(form, name))
        row.roles = list(form.roles)
        row.save()
        record_change(
            "stipend.edit",
            row,
            by=by,
            now=now,
            team_id=team.pk,
            before=before,
            after=_describe(row),
        )
    return row


def _describe(row: StipendRates) -> dict[str, object]:
    return {
        "currency": row.currency,
        **{name: str(getattr(row, name)) for name in _KINDS},
        "night": f"{row.night_starts:%H:%M}-{row.night_ends:%H:%M}",
        "lieu_percent": row.lieu_percent,
        "roles": row.roles,
    }
