"""Calendars to subscribe to: making, listing and ending them."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import teams_where
from oncall.api.people import own_account
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import CalendarFeed
from oncall.queries.feeds import feeds_of, find_feed_row
from oncall.queries.swaps import find_schedule_row
from oncall.services import feeds
from opsportal.kit.errors import PortalError

router = Router()


class FeedOut(Schema):
    """A calendar of the token's owner; its address was shown once."""

    id: int
    name: str
    prefix: str
    schedule: str | None
    created_at: datetime
    last_read_at: datetime | None
    revoked_at: datetime | None


class NewFeedOut(FeedOut):
    """The same, with the address, this once."""

    address: str


class FeedIn(Schema):
    """A calendar of one's own shifts, or of everybody's in a schedule."""

    name: str = Field(min_length=1, max_length=80)
    schedule: str = Field(default="", max_length=50)


@router.get("/feeds", response=list[FeedOut])
def list_feeds(request: ApiRequest) -> Any:
    """List one's own calendars, those that still live first."""
    readable_teams(request)
    return [_out(row) for row in feeds_of(request.auth.user)]


@router.post("/feeds", response={201: NewFeedOut})
def create_feed(request: ApiRequest, body: FeedIn) -> Any:
    """Make a calendar; whoever has its address reads it, until it is revoked."""
    user = own_account(request)
    schedule = None
    if body.schedule:
        schedule = find_schedule_row(body.schedule, own_teams(request))
        if schedule is None:
            raise PortalError("Choose a schedule of your teams.", field="schedule")
    feed, token = feeds.create_feed(
        user, name=body.name, schedule=schedule, now=timezone.now()
    )
    return Status(
        201, NewFeedOut(**_out(feed).dict(), address=feeds.address_of(feed, token))
    )


@router.post("/feeds/{feed_id}/revoke", response=FeedOut)
def revoke_feed(request: ApiRequest, feed_id: int) -> Any:
    """End one of one's own calendars at once; once more changes nothing."""
    if not teams_where(request.auth, "override.own"):
        raise PermissionDenied("This needs the role responder and the scope respond.")
    # No row has a number that the database cannot hold.
    row = find_feed_row(feed_id, request.auth.user) if abs(feed_id) < 2**63 else None
    if row is None:
        raise Http404
    feeds.revoke_feed(row, by=request.auth.user, now=timezone.now())
    row.refresh_from_db()
    return _out(row)


def _out(row: CalendarFeed) -> FeedOut:
    return FeedOut(
        id=row.pk,
        name=row.name,
        prefix=row.prefix,
        schedule=row.schedule.slug if row.schedule else None,
        created_at=row.created_at,
        last_read_at=row.last_read_at,
        revoked_at=row.revoked_at,
    )
