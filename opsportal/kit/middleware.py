"""Middleware that belongs to no app."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
