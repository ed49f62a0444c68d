"""Public pages as anybody reads them: files, without the database and without cookies."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from incidents.domain.status_page import is_stale
from oncall.access import PUBLIC, declares

PREFIX: Final = "/status/"
_KINDS: Final = {
    "index.html": "text/html; charset=utf-8",
    "status.json": "application/json",
    "feed.atom": "application/atom+xml; charset=utf-8",
    "feed.rss": "application/rss+xml; charset=utf-8",
}
_MARK: Final = b"<!--stale-->"


@declares(PUBLIC)
@require_safe
def show_file(
    request: HttpRequest, slug: str, name: str = "index.html"
) -> HttpResponse:
    """Answer with one file of a page; one that is too old says so."""
    path = Path(settings.STATUS_DIR) / slug / name
    if name not in _KINDS:
        raise Http404
    try:
        body = path.read_bytes()
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (FileNotFoundError, NotADirectoryError):
        raise Http404 from None
    stale = is_stale(written_at, timezone.now())
    if stale:
        body = body.replace(_MARK, _say_stale(written_at).encode(), 1)
    response = HttpResponse(body, content_type=_KINDS[name])
    # Nobody after us adds it; with it a reader's connection stays open.
    response["Content-Length"] = str(len(body))
    response["Cache-Control"] = "public, max-age=5"
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Status-Stale"] = "yes" if stale else "no"
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    response["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer or response


def open_to_all(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Serve public pages before anything asks who is there, so that all may keep them.

    A reader's session would be looked up in a database that may be away.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        match = resolve(request.path_info)
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer

    return middleware


def _say_stale(written_at: datetime) -> str:
    return format_html(
        '<div class="banner warn" role="status"><p>This page was written at {} UTC and '
        "may be out of date: the system behind it does not answer.</p></div>",
        f"{written_at:%Y-%m-%d %H:%M}",
    )
