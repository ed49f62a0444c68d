"""Active alerts and the last ones as bare arrays, for scripts and jq."""

from typing import Annotated

from django.http import HttpResponse
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
MOST_ACTIVE = 1_000


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
def list_active(
    request: ApiRequest,
    response: HttpResponse,
    limit: Annotated[int, Query(ge=1, le=MOST_ACTIVE)] = MOST_ACTIVE,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[PlainAlertOut]:
    """List alerts that are not resolved, the worst first; empty when all is well.

    At most 1,000 at once: the header `X-Total-Count` says how many there are in all,
    and `offset` leads to those after them.
    """
    found = find_alerts(readable_teams(request), AlertFilter())
    response["X-Total-Count"] = str(found.order_by().count())
    worst = found.order_by("level", "-starts_at", "-pk")[offset : offset + limit]
    return [_plain(row) for row in as_alert_rows(worst)]


@router.get("/alerts/history", response=list[PlainAlertOut])
def list_history(
    request: ApiRequest, limit: Annotated[int, Query(ge=1, le=MOST)] = MOST
) -> list[PlainAlertOut]:
    """List the alerts that ended, the newest first, at most 200."""
    found = find_alerts(readable_teams(request), AlertFilter(tab="history"))
    return [_plain(row) for row in as_alert_rows(found[:limit])]
