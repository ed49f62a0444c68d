"""The API of who outside hears of a public page."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from incidents.models import StatusPage, Subscriber
from incidents.queries.status_pages import get_page
from incidents.queries.subscribers import (
    get_subscriber,
    list_subscribers,
    names_of,
)
from incidents.services import subscribers
from incidents.services.subscriber_mail import resume_subscriber
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["communication and objectives"])


class SubscriberOut(Schema):
    """Somebody outside; no components are all, ``confirmed_at`` is empty before.

    ``refusals`` mails in a row were refused by their mail server, as ``refusal`` says;
    while ``paused_at`` is set, nothing is sent to them.
    """

    id: int
    address: str
    components: list[str]
    hears_incidents: bool
    hears_maintenance: bool
    asked_at: datetime
    confirmed_at: datetime | None
    refusals: int
    refusal: str
    paused_at: datetime | None


@router.get("/status-pages/{slug}/subscribers", response=PageOf[SubscriberOut])
def list_readers(request: ApiRequest, slug: str, window: Query[Window]) -> Any:
    """List who is mailed about a page, refused ones first, then new ones."""
    page = cut(list_subscribers(_page(request, slug)), window)
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.post("/status-pages/{slug}/subscribers/{pk}/resume", response=SubscriberOut)
def resume_reader(request: ApiRequest, slug: str, pk: int) -> Any:
    """Mail one again who is paused because their mail server refused mails."""
    page = _page(request, slug)
    row = _reader(page, pk)
    resume_subscriber(row, by=request.auth.user, now=timezone.now())
    return _out(_reader(page, pk))


@router.delete("/status-pages/{slug}/subscribers/{pk}", response={204: None})
def remove_reader(request: ApiRequest, slug: str, pk: int) -> Any:
    """Mail nothing more to one of them."""
    row = _reader(_page(request, slug), pk)
    subscribers.remove_subscriber(row, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _out(row: Subscriber) -> SubscriberOut:
    return SubscriberOut(
        id=row.pk,
        address=row.address,
        components=list(names_of(row)),
        hears_incidents=row.hears_incidents,
        hears_maintenance=row.hears_maintenance,
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
        refusals=row.refusals,
        refusal=row.refusal,
        paused_at=row.paused_at,
    )


def _reader(page: StatusPage, pk: int) -> Subscriber:
    row = get_subscriber(page, pk)
    if row is None:
        raise Http404
    return row


def _page(request: ApiRequest, slug: str) -> StatusPage:
    page = get_page(own_teams(request), slug)
    if page is None:
        raise Http404
    authorize(request.auth, "status.edit", page.team_id)
    return page
