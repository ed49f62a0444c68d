"""Calendars to subscribe to: which there are, and ending them."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema

from oncall.access import teams_where
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import CalendarFeed
from oncall.queries.feeds import feeds_of, find_feed_row
from oncall.services import feeds

router = Router()


class FeedOut(Schema):
    """A calendar of the token's owner; its address was shown once, on the page."""

    id: int
    name: str
    prefix: str
    schedule: str | None
    created_at: datetime
    last_read_at: datetime | None
    revoked_at: datetime | None


@router.get("/feeds", response=list[FeedOut])
def list_feeds(request: ApiRequest) -> Any:
    """List one's own calendars, those that still live first."""
    readable_teams(request)
    return [_out(row) for row in feeds_of(request.auth.user)]


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
