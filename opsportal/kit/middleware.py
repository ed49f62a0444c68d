"""Middleware that belongs to no app."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from opsportal.kit import logs

HEADER = "X-Correlation-ID"
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def correlation_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id, or keep the caller's, for logs and the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        current = given if _SAFE.fullmatch(given) else uuid.uuid4().hex
        token = logs.correlation_id.set(current)
        try:
            response = get_response(request)
        finally:
            logs.correlation_id.reset(token)
        response[HEADER] = current
        return response

    return middleware


def explain_refused_method(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show a page where somebody opened an address that only a button may send to.

    Django answers 405 with nothing, which a browser shows as an empty window.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = request.method == "GET" and "text/html" in request.headers.get(
            "Accept", ""
        )
        if not (isinstance(response, HttpResponseNotAllowed) and is_page):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    return middleware
