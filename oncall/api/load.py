"""Time on call and what is owed for it, by person."""

from dataclasses import asdict
from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from oncall.access import teams_where
from oncall.api.common import Moment, check_interval
from oncall.api_auth import ApiRequest, readable_teams
from oncall.queries.stipends import HEAD, csv_row, stipend_rows
from opsportal.kit.tables import write_csv

router = Router()
_CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}


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
