"""Who asks for secret addresses that do not exist is told to wait a minute.

Counted by client address in the shared cache, so that no process forgets it. An
address that exists is always answered: behind one proxy stand guessers and subscribers.
"""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse

MOST = 30
WAIT_SECONDS = 60


def answer_miss(request: HttpRequest) -> HttpResponse:
    """Answer 429 to a client that missed too often within a minute.

    Raises Http404 as long as it did not.
    """
    key = f"misses:{get_adapter().get_client_ip(request)}"
    missed = cache.get(key, 0) + 1
    cache.set(key, missed, WAIT_SECONDS)
    if missed <= MOST:
        raise Http404
    return HttpResponse(
        "Too many wrong addresses. Try again in a minute.",
        status=429,
        content_type="text/plain",
        headers={"Retry-After": str(WAIT_SECONDS)},
    )
