"""Calendars from which the caller's absences are read."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.api.people import own_account
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import AbsenceFeed
from oncall.queries import absence_feeds as reading
from oncall.services import absence_feeds

router = Router()


class AddressIn(Schema):
    """An iCal address: kept encrypted and never shown again."""

    url: str = Field(min_length=1, max_length=2000)


class AbsenceFeedIn(AddressIn):
    """A calendar to read from every hour."""

    name: str = Field(default="My calendar", min_length=1, max_length=80)


class AbsenceFeedOut(Schema):
    """A calendar; of its address only the host."""

    id: int
    name: str
    host: str
    is_enabled: bool
    last_read_at: datetime | None
    next_read_at: datetime | None
    last_error: str


class AwayOut(Schema):
    """A time in which the caller would be away. Half-open."""

    start: datetime
    end: datetime
    summary: str


class ReadOut(Schema):
    """How many absences changed."""

    changed: int


@router.get("/absence-feeds", response=list[AbsenceFeedOut])
def list_absence_feeds(request: ApiRequest) -> Any:
    """List the caller's calendars by name."""
    readable_teams(request)
    return _rows(request)


@router.post("/absence-feeds/preview", response=list[AwayOut])
def preview_absence_feed(request: ApiRequest, body: AddressIn) -> Any:
    """Read a calendar and say what it would add: nothing is saved."""
    user = own_account(request)
    events = absence_feeds.preview_feed(user, body.url, now=timezone.now())
    return [
        AwayOut(start=each.starts_at, end=each.ends_at, summary=each.summary)
        for each in events
    ]


@router.post("/absence-feeds", response={201: AbsenceFeedOut})
def add_absence_feed(request: ApiRequest, body: AbsenceFeedIn) -> Any:
    """Read a calendar from now on; nothing is saved when it cannot be read."""
    row = absence_feeds.add_feed(
        own_account(request), name=body.name, url=body.url, now=timezone.now()
    )
    return Status(201, next(each for each in _rows(request) if each.id == row.pk))


@router.post("/absence-feeds/{feed_id}/read", response=ReadOut)
def read_absence_feed(request: ApiRequest, feed_id: int) -> Any:
    """Read a calendar now."""
    feed = _find(request, feed_id)
    return ReadOut(changed=absence_feeds.read_now(feed, now=timezone.now()))


@router.delete("/absence-feeds/{feed_id}", response={204: None})
def remove_absence_feed(request: ApiRequest, feed_id: int) -> Any:
    """Forget a calendar; the absences ahead that came from it are cancelled."""
    feed = _find(request, feed_id)
    absence_feeds.remove_feed(feed, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _find(request: ApiRequest, pk: int) -> AbsenceFeed:
    user = own_account(request)
    # No row has a number that the database cannot hold.
    feed = reading.find_feed(pk, user) if abs(pk) < 2**63 else None
    if feed is None:
        raise Http404
    return feed


def _rows(request: ApiRequest) -> list[AbsenceFeedOut]:
    return [
        AbsenceFeedOut(
            id=row.pk,
            name=row.name,
            host=row.host,
            is_enabled=row.is_enabled,
            last_read_at=row.last_read_at,
            next_read_at=row.next_read_at,
            last_error=row.last_error,
        )
        for row in reading.feeds_of(request.auth.user)
    ]
