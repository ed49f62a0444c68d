"""Who asks for secret addresses that do not exist waits a minute.

Counted by client address in the shared cache, so that no process forgets it.
"""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

MOST = 30
WAIT_SECONDS = 60


def refuse_guessing(request: HttpRequest) -> HttpResponse | None:
    """Return the answer 429 when the address missed too often within a minute.

    A program that asks only for news (`If-None-Match`) knew an address once: it is
    not counted and costs nothing here.
    """
    if "If-None-Match" in request.headers or cache.get(_key(request), 0) < MOST:
        return None
    return HttpResponse(
        "Too many wrong addresses. Try again in a minute.",
        status=429,
        content_type="text/plain",
        headers={"Retry-After": str(WAIT_SECONDS)},
    )


def count_miss(request: HttpRequest) -> None:
    """Count a request for an address that does not exist."""
    key = _key(request)
    cache.set(key, cache.get(key, 0) + 1, WAIT_SECONDS)


def _key(request: HttpRequest) -> str:
    return f"misses:{get_adapter().get_client_ip(request)}"
