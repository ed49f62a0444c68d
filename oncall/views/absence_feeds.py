"""Calendars from which one's absences are read."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oncall.access import MEMBER, PortalRequest, declares
from oncall.forms.feeds import AbsenceFeedForm
from oncall.models import AbsenceFeed
from oncall.queries import absence_feeds as reading
from oncall.services import absence_feeds
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_http_methods(["GET", "POST"])
def add_feed(request: PortalRequest) -> HttpResponse:
    """Show what a calendar would add, then keep it."""
    form = AbsenceFeedForm(request.POST or None)
    ctx: dict[str, Any] = {
        "form": form,
        "zone": ZoneInfo(request.user.time_zone),
        "crumbs": [("On call", "/oncall/"), ("Absences", reverse("absence_list"))],
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.cleaned_data
            try:
                if request.POST.get("act") == "save":
                    absence_feeds.add_feed(
                        request.user, name=values["name"], url=values["url"],
                        now=request.now,
                    )  # fmt: skip
                    say(request, "The calendar is read from now on, every hour.")
                    return redirect_back(request, "absence_list")
                ctx["events"] = absence_feeds.preview_feed(
                    request.user, values["url"], now=request.now
                )
                ctx["is_previewed"] = True
                status = 200
            except PortalError as error:
                status = add_error(form, error)
    return render_page(request, "oncall/absence_feed_form.html", ctx, status=status)


@declares(MEMBER)
@require_POST
@answers_refusals("absence_list")
def read_feed(request: PortalRequest, pk: int) -> HttpResponse:
    """Read it now."""
    changed = absence_feeds.read_now(_find(request, pk), now=request.now)
    say(request, f"Read. Absences that changed: {changed}.")
    return redirect_back(request, "absence_list")


@declares(MEMBER)
@require_POST
@answers_refusals("absence_list")
def remove_feed(request: PortalRequest, pk: int) -> HttpResponse:
    """Forget it, and what is ahead of it."""
    absence_feeds.remove_feed(_find(request, pk), by=request.user, now=request.now)
    say(request, "The calendar is removed, and its coming absences with it.")
    return redirect_back(request, "absence_list")


def _find(request: PortalRequest, pk: int) -> AbsenceFeed:
    feed = reading.find_feed(pk, request.user)
    if feed is None:
        raise Http404
    return feed
