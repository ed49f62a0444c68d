"""Calendars to subscribe to: making them, and what programs read."""

from typing import Any

from django.core.cache import caches
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotModified,
    JsonResponse,
)
from django.shortcuts import get_object_or_404
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from oncall.access import MEMBER, PUBLIC, PortalRequest, declares
from oncall.forms.feeds import CalendarFeedForm
from oncall.models import CalendarFeed
from oncall.queries import feeds as reading
from oncall.queries.feeds import LONGEST, FeedShift, FeedView
from oncall.services import feeds
from oncall.views.finding import steps_up, team_ids
from oncall.views.misses import answer_miss
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say

_KEPT_SECONDS = 3600
_LONGEST_ALARM = 7 * 24 * 60


@declares(MEMBER)
@require_http_methods(["GET", "POST"])
@steps_up
def list_feeds(request: PortalRequest) -> HttpResponse:
    """Show one's calendars; make one and show its address this once."""
    schedules = reading.schedules_to_follow(team_ids(request))
    form = CalendarFeedForm(
        request.POST or None,
        schedules=schedules,
        chosen=request.GET.get("schedule", ""),
    )
    ctx: dict[str, Any] = {"form": form, "tab": "feeds"}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wanted = form.cleaned_data["schedule"]
            chosen = next((s for s in schedules if str(s.pk) == wanted), None)
            try:
                feed, token = feeds.create_feed(
                    request.user, name=form.cleaned_data["name"], schedule=chosen,
                    now=request.now,
                )  # fmt: skip
                ctx |= _addresses(feed, token)
                ctx["form"] = CalendarFeedForm(schedules=schedules)
                status = 200
            except PortalError as error:
                status = add_error(form, error)
    ctx["feeds"] = reading.feeds_of(request.user)
    response = render_page(request, "oncall/feed_list.html", ctx, status=status)
    response["Cache-Control"] = "no-store"
    return response


@declares(MEMBER)
@require_POST
def revoke_feed(request: PortalRequest, pk: int) -> HttpResponse:
    """End one of one's calendars."""
    feed = get_object_or_404(CalendarFeed, pk=pk, user=request.user)
    feeds.revoke_feed(feed, by=request.user, now=request.now)
    say(request, "Programs that read this calendar find nothing any more.")
    return redirect_back(request, "feed_list")


@declares(PUBLIC)
@require_safe
def read_own(request: PortalRequest, token: str) -> HttpResponse:
    """Answer a program with its owner's shifts."""
    return _answer(request, token, is_schedule=False)


@declares(PUBLIC)
@require_safe
def read_schedule(request: PortalRequest, token: str) -> HttpResponse:
    """Answer a program with everybody's shifts of a schedule."""
    return _answer(request, token, is_schedule=True)


def _answer(request: PortalRequest, token: str, *, is_schedule: bool) -> HttpResponse:
    feed = feeds.find_feed(token, is_schedule=is_schedule, now=request.now)
    if feed is None:
        return answer_miss(request)
    rows = reading.schedules_in(feed)
    if is_schedule and not rows:
        raise Http404
    try:
        view = _view(request)
    except ValueError as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    is_json = "application/json" in request.headers.get("Accept", "")
    etag = f'"{reading.etag_of(feed, rows, view, request.now)}{"j" * is_json}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _body(request, feed, rows, view, etag, is_json=is_json)
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=300"
    response["Vary"] = "Accept"
    return response


def _body(
    request: PortalRequest,
    feed: CalendarFeed,
    rows: list[Any],
    view: FeedView,
    etag: str,
    *,
    is_json: bool,
) -> HttpResponse:
    kept = caches["fragments"].get(f"feed:{etag}")
    if kept is None:
        shifts = reading.read_shifts(feed, rows, view, request.now)
        if is_json:
            kept = JsonResponse(_as_json(feed, shifts)).content
        else:
            kept = reading.write_feed(feed, shifts, view).encode()
        caches["fragments"].set(f"feed:{etag}", kept, _KEPT_SECONDS)
    if is_json:
        return HttpResponse(kept, content_type="application/json")
    response = HttpResponse(kept, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="oncall.ics"'
    return response


def _as_json(feed: CalendarFeed, shifts: list[FeedShift]) -> dict[str, Any]:
    return {
        "name": feed.name,
        "shifts": [
            {
                "uid": shift.uid,
                "schedule": shift.schedule_slug,
                "role": shift.entry.role,
                "user": shift.user,
                "start": shift.entry.start.isoformat(),
                "end": shift.entry.end.isoformat(),
                "sequence": shift.entry.sequence,
                "status": "cancelled" if shift.entry.is_cancelled else "confirmed",
            }
            for shift in shifts
        ],
    }


def _view(request: PortalRequest) -> FeedView:
    """Read what the program wants. Raises ValueError in words."""
    days = _number(request, "days", LONGEST)
    alarm = _number(request, "alarm", _LONGEST_ALARM)
    role = request.GET.get("role", "")
    return FeedView(role, LONGEST if days is None else days, alarm)


def _number(request: PortalRequest, name: str, most: int) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise ValueError(f"{name} is a number from 1 to {most}.")
    return int(text)


def _addresses(feed: CalendarFeed, token: str) -> dict[str, str]:
    url = feeds.address_of(feed, token)
    return {"address": url, "webcal": "webcal" + url[url.index("://") :]}
