"""Whom nobody knows is asked to sign in, and comes out where they were."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from opsportal.kit.toasts import say

_READS = {"GET", "HEAD", "OPTIONS"}


def asks_to_sign_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Guard a view; after signing in one is on the page that one had open.

    An address that only acts cannot be opened afterwards, and what htmx fetches is
    no page: both go back to the page they were pressed on, which says that nothing
    was saved.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            answer: HttpResponse = view(request, *args, **kwargs)
            return answer
        is_part = bool(getattr(request, "htmx", False))
        if request.method not in _READS:
            say(
                request,
                "You were signed out, so that was not saved. Sign in and do it again.",
                level=messages.WARNING,
            )
        if request.method in _READS and not is_part:
            return redirect_to_login(request.get_full_path())
        entrance = redirect_to_login(_came_from(request))
        return HttpResponseClientRedirect(entrance.url) if is_part else entrance

    return guarded


def _came_from(request: HttpRequest) -> str:
    """Return the path of the page that sent the request, else that of Today."""
    url = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return "/"
    page = urlsplit(url)
    return f"{page.path or '/'}?{page.query}" if page.query else page.path or "/"
