"""Time on call, what an hour of it is worth, and what is owed for it, by person."""

from dataclasses import asdict
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from oncall.access import authorize, teams_where
from oncall.api.common import Clock, Moment, check_interval, team_named
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import StipendRates
from oncall.queries.duty_rules import rates_of
from oncall.queries.stipends import HEAD, csv_row, stipend_rows
from oncall.services.stipends import RatesForm, save_rates
from opsportal.kit.tables import write_csv

router = Router()
_CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}
# Money an hour, as text so that no digit is lost.
Rate = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$")]


class StipendOut(Schema):
    """One person in one schedule, in whole minutes; ``amount`` is a decimal."""

    team: str
    schedule: str
    user: str
    name: str
    weekday_minutes: int
    night_minutes: int
    weekend_minutes: int
    holiday_minutes: int
    total_minutes: int
    amount: str
    currency: str
    lieu_minutes: int


class ReportQuery(Schema):
    """What to report; without a schedule all of them."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    schedule: str = Field("", max_length=50)
    form: Literal["json", "csv"] = Field("json", alias="format")


@router.get(
    "/reports/oncall",
    response=list[StipendOut],
    openapi_extra={"responses": {200: _CSV}},
)
def report_on_call(request: ApiRequest, query: Query[ReportQuery]) -> Any:
    """Report time on call within [from, to), at most 366 days, exact to the minute.

    It comes from the record of who really was on call, up to now, and holds the
    teams in which the token's owner is a manager.
    """
    readable_teams(request)
    check_interval(query.start, query.end)
    rows = stipend_rows(
        teams_where(request.auth, "stipend.see"),
        query.start,
        query.end,
        now=timezone.now(),
        schedule=query.schedule,
    )
    if query.form == "csv":
        return HttpResponse(
            write_csv(HEAD, map(csv_row, rows)), content_type="text/csv; charset=utf-8"
        )
    return [
        StipendOut.model_validate({**asdict(row), "amount": str(row.amount)})
        for row in rows
    ]


class Rates(Schema):
    """What an hour of each kind is worth; no ``roles`` count every role."""

    currency: str = Field(pattern="^[A-Za-z]{3}$")
    weekday_hour: Rate
    night_hour: Rate
    weekend_hour: Rate
    holiday_hour: Rate
    night_starts: Clock
    night_ends: Clock
    lieu_percent: int = Field(ge=0, le=1000)
    roles: list[Annotated[str, Field(min_length=1, max_length=50)]] = Field(
        [], max_length=20
    )


@router.get("/teams/{slug}/stipend-rates", response=Rates)
def get_rates(request: ApiRequest, slug: str) -> Any:
    """Give the rates of a team in which the token's owner is a manager."""
    team = team_named(request, slug)
    authorize(request.auth, "stipend.see", team.pk)
    return _rates_out(rates_of(team))


@router.put("/teams/{slug}/stipend-rates", response=Rates)
def put_rates(request: ApiRequest, slug: str, body: Rates) -> Any:
    """Save the rates of a team; every report uses them from now on."""
    team = team_named(request, slug)
    authorize(request.auth, "stipend.edit", team.pk)
    form = RatesForm(
        currency=body.currency,
        weekday_hour=Decimal(body.weekday_hour),
        night_hour=Decimal(body.night_hour),
        weekend_hour=Decimal(body.weekend_hour),
        holiday_hour=Decimal(body.holiday_hour),
        night_starts=time.fromisoformat(body.night_starts),
        night_ends=time.fromisoformat(body.night_ends),
        lieu_percent=body.lieu_percent,
        roles=tuple(dict.fromkeys(body.roles)),
    )
    row = save_rates(team, form, by=request.auth.user, now=timezone.now())
    return _rates_out(row)


def _rates_out(row: StipendRates) -> Rates:
    return Rates(
        currency=row.currency,
        weekday_hour=str(row.weekday_hour),
        night_hour=str(row.night_hour),
        weekend_hour=str(row.weekend_hour),
        holiday_hour=str(row.holiday_hour),
        night_starts=f"{row.night_starts:%H:%M}",
        night_ends=f"{row.night_ends:%H:%M}",
        lieu_percent=row.lieu_percent,
        roles=row.roles,
    )
