"""Middleware that knows the viewer."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from oncall.access import Actor


def viewer(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give the request one moment, its actor, and the viewer's time zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        request.actor = Actor(user=user, label=user.display_name)  # type: ignore[attr-defined]
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
            return get_response(request)

    return middleware
