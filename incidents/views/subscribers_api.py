"""The API of who outside hears of a public page."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from incidents.models import StatusPage
from incidents.queries.status_pages import get_page
from incidents.queries.subscribers import (
    get_subscriber,
    list_subscribers,
    names_of,
)
from incidents.services import subscribers
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["communication and objectives"])


class SubscriberOut(Schema):
    """Somebody outside; no components are all, ``confirmed_at`` is empty before."""

    id: int
    address: str
    components: list[str]
    hears_incidents: bool
    hears_maintenance: bool
    asked_at: datetime
    confirmed_at: datetime | None


@router.get("/status-pages/{slug}/subscribers", response=PageOf[SubscriberOut])
def list_readers(request: ApiRequest, slug: str, window: Query[Window]) -> Any:
    """List who is mailed about a page, newest first; for its managers."""
    page = cut(list_subscribers(_page(request, slug)), window)
    shown = [
        SubscriberOut(
            id=row.pk,
            address=row.address,
            components=list(names_of(row)),
            hears_incidents=row.hears_incidents,
            hears_maintenance=row.hears_maintenance,
            asked_at=row.asked_at,
            confirmed_at=row.confirmed_at,
        )
        for row in page["items"]
    ]
    return {**page, "items": shown}


@router.delete("/status-pages/{slug}/subscribers/{pk}", response={204: None})
def remove_reader(request: ApiRequest, slug: str, pk: int) -> Any:
    """Mail nothing more to one of them."""
    row = get_subscriber(_page(request, slug), pk)
    if row is None:
        raise Http404
    subscribers.remove_subscriber(row, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _page(request: ApiRequest, slug: str) -> StatusPage:
    page = get_page(own_teams(request), slug)
    if page is None:
        raise Http404
    authorize(request.auth, "status.edit", page.team_id)
    return page
