"""The short way of machines to their doors."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

# Where the doors are, and below which addresses.
_DOORS = "incidents.door_urls"
_PATHS = ("/ingest/", "/v2/", "/api/v2/", "/generic/")


def short_way(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let machines through to their doors: what follows here is for browsers.

    They have no session, no cookie and no page, and come a thousand a second. What
    is no door goes the whole way.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_PATHS):
            return get_response(request)
        try:
            found = resolve(request.path_info, _DOORS)
        except Resolver404:
            return get_response(request)
        request.resolver_match = found
        request.get_host()  # It refuses hosts that are not ours.
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
        response["Content-Length"] = str(len(response.content))
        return response

    return middleware
