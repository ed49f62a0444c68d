"""Answering "nothing changed" before anybody is looked up.

A page that somebody was shown is remembered with the versions of its teams for
the rest of its minute. While they stand, the same browser asking for the same
page gets a 304, which says nothing but that; all else takes the whole way.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from hashlib import blake2b

from django.conf import settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone

from oncall.queries.teams import versions_of
from opsportal.kit.theme import read_theme

_MINUTE = 60


def unchanged(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a conditional GET of a remembered page that still stands."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = request.headers.get("If-None-Match", "")
        if name and request.method == "GET" and _still_stands(request, name):
            response = HttpResponseNotModified()
            response["ETag"] = name
            response["Cache-Control"] = "private, no-cache"
            return response
        return get_response(request)

    return middleware


def remember(request: HttpRequest, etag: str, versions: Mapping[int, int]) -> None:
    """Note that this browser has the page ``etag``; ``versions`` are by team."""
    now = timezone.now()
    left = _MINUTE - now.timestamp() % _MINUTE
    caches["fragments"].set(_key(request, f'"{etag}"'), (versions, _minute(now)), left)


def _still_stands(request: HttpRequest, name: str) -> bool:
    found = caches["fragments"].get(_key(request, name))
    if found is None:
        return False
    versions, minute = found
    if minute != _minute(timezone.now()):
        return False
    return bool(_read_versions(versions) == versions)


def _read_versions(team_ids: Collection[int]) -> Mapping[int, int] | None:
    """Return the versions that teams have now; None if the database did not say."""
    # Django would ask whether the connection lives before it asks anything else. The
    # answer shows that it does; else the whole way begins with a new connection.
    connection.health_check_done = True  # type: ignore[attr-defined]  # of Django
    try:
        return versions_of(team_ids)
    except (OperationalError, InterfaceError):
        connection.close()
        return None


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // _MINUTE


def _key(request: HttpRequest, name: str) -> str:
    """Name a page as one browser has it: session, token and theme are its cookies."""
    cookies = request.COOKIES
    parts = (
        request.get_full_path(),
        name,
        cookies.get(settings.SESSION_COOKIE_NAME),
        cookies.get(settings.CSRF_COOKIE_NAME),
        read_theme(request),
        "HX-Request" in request.headers,
    )
    return blake2b(repr(parts).encode(), digest_size=20).hexdigest()
