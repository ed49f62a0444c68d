"""The delivery log: who was told what, how, and with which outcome."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from oncall.access import authorize, teams_where
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Notification
from oncall.queries.delivery_log import (
    LogFilter,
    delivery_log,
    say_reader,
    say_way,
)
from oncall.services.notifications import retry_failed, retry_notification
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.tables import write_csv

router = Router()
_CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}
State = Literal["pending", "leased", "sent", "bundled", "cancelled", "failed"]
Way = Literal[
    "email", "slack", "slack_app", "webhook", "sms", "pagerduty", "teams", "apprise"
]
_HEAD = (
    "created_at", "team", "about", "subject", "urgency", "to", "way", "state",
    "attempts", "sent_at", "error",
)  # fmt: skip


class TryOut(Schema):
    """One try to send; outcome is empty where its sender died."""

    started_at: datetime
    outcome: str
    detail: str


class MessageOut(Schema):
    """One message by one way; its text is not here, it may hold a code."""

    id: int
    created_at: datetime
    team: str
    about: str
    subject: str
    urgency: str
    to: str
    way: str
    shown: str
    state: str
    attempts: int
    next_try_at: datetime | None
    sent_at: datetime | None
    error: str
    url: str
    tries: list[TryOut]


class RetriedOut(Schema):
    """How many failed messages are on their way again."""

    retried: int


class LogQuery(Schema):
    """Which messages; empty means all. ``about`` is a topic such as alert:12."""

    state: State | None = None
    urgency: Literal["high", "low"] | None = None
    way: Way | None = None
    person: int | None = Field(None, ge=1, lt=2**63)
    about: str = Field("", max_length=80)
    form: Literal["json", "csv"] = Field("json", alias="format")


@router.get(
    "/notifications",
    response=PageOf[MessageOut],
    openapi_extra={"responses": {200: _CSV}},
)
def list_messages(
    request: ApiRequest, window: Query[Window], query: Query[LogQuery]
) -> Any:
    """List messages of the token's teams, newest first, as JSON or CSV."""
    wanted = LogFilter(
        state=query.state or "",
        urgency=query.urgency or "",
        kind=query.way or "",
        person=query.person,
        topic=query.about,
    )
    rows = delivery_log(readable_teams(request), None, wanted)
    page = cut(rows, window)
    if query.form == "csv":
        return _answer_csv(page["items"])
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.post("/notifications/{pk}/retry", response=MessageOut)
def retry_message(request: ApiRequest, pk: int) -> Any:
    """Send a failed message again at once; 409 when it has not failed."""
    row = _find(request, pk)
    # Without teams of others and without private ones each row has a team.
    authorize(request.auth, "notification.retry", row.team_id or 0)
    retry_notification(row, by=request.auth.user, now=timezone.now())
    return _out(_find(request, pk))


@router.post("/notifications/retry", response=RetriedOut)
def retry_all(request: ApiRequest) -> Any:
    """Send every failed message of the teams again in which the token may."""
    teams = teams_where(request.auth, "notification.retry")
    if not teams:
        raise PermissionDenied("This needs the role responder and the scope respond.")
    done = retry_failed(teams, by=request.auth.user, now=timezone.now())
    return {"retried": done}


def _find(request: ApiRequest, pk: int) -> Notification:
    # No row has a number that the database cannot hold.
    rows = delivery_log(own_teams(request), None, LogFilter())
    row = rows.filter(pk=pk).first() if abs(pk) < 2**63 else None
    if row is None:
        raise Http404
    return row


def _out(row: Notification) -> MessageOut:
    way, shown = say_way(row)
    return MessageOut(
        id=row.pk,
        created_at=row.created_at,
        team=row.team.slug if row.team else "",
        about=row.topic,
        subject=row.subject,
        urgency=row.urgency,
        to=say_reader(row),
        way=way,
        shown=shown,
        state=row.state,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        sent_at=row.sent_at,
        error=row.last_error,
        url=row.url,
        tries=[
            TryOut(started_at=each.started_at, outcome=each.outcome, detail=each.detail)
            for each in row.tries.all()
        ],
    )


def _answer_csv(rows: Sequence[Notification]) -> HttpResponse:
    table = [
        [
            "" if value is None else str(value)
            for value in (getattr(_out(row), name) for name in _HEAD)
        ]
        for row in rows
    ]
    return HttpResponse(write_csv(_HEAD, table), content_type="text/csv; charset=utf-8")
