"""Active alerts and the last ones as bare arrays, for scripts and jq."""

from typing import Annotated

from ninja import Query, Router, Schema

from incidents.domain.amas import read_number, say_moment
from incidents.queries.alerts import (
    AlertFilter,
    AlertRow,
    as_alert_rows,
    find_alerts,
)
from oncall.api_auth import ApiRequest, readable_teams

router = Router(tags=["alerts and incidents"])
MOST = 200


class PlainAlertOut(Schema):
    """One alert; value and threshold are numbers where the sender gave any."""

    id: str
    metric: str
    status: str
    severity: str
    value: float | None
    threshold: float | None
    occurredAt: str  # noqa: N815 -- the name in the shape
    message: str


def _plain(row: AlertRow) -> PlainAlertOut:
    return PlainAlertOut(
        id=f"alert-{row.pk}",
        metric=row.metric,
        status="firing" if row.is_open else "resolved",
        severity=row.severity_word.lower(),
        value=read_number(row.value),
        threshold=read_number(row.threshold),
        occurredAt=say_moment(row.starts_at),
        message=row.summary,
    )


@router.get("/alerts/active", response=list[PlainAlertOut])
def list_active(request: ApiRequest) -> list[PlainAlertOut]:
    """List every alert that is not resolved; empty when all is well."""
    found = find_alerts(readable_teams(request), AlertFilter())
    return [_plain(row) for row in as_alert_rows(found)]


@router.get("/alerts/history", response=list[PlainAlertOut])
def list_history(
    request: ApiRequest, limit: Annotated[int, Query(ge=1, le=MOST)] = MOST
) -> list[PlainAlertOut]:
    """List the alerts that ended, the newest first, at most 200."""
    found = find_alerts(readable_teams(request), AlertFilter(tab="history"))
    return [_plain(row) for row in as_alert_rows(found[:limit])]
