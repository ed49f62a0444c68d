"""Where jobs report: secret addresses that answer with one word."""

import uuid

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
)
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from checklists.services.heartbeats import MOST_BODY, receive_ping
from oncall.access import PUBLIC, declares
from opsportal.kit.tokens import hash_token

_WORDS = {"": "success", "start": "start", "fail": "fail", "log": "log"}
_MOST_EXIT_CODE = 255


@never_cache
@csrf_exempt
@declares(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def ping(request: HttpRequest, token: str, word: str = "") -> HttpResponse:
    """Keep one call of a job and say OK once it is stored.

    ``word``: nothing for success, start, fail, log, or the exit code of the job.
    ``?rid=`` may carry a UUID that joins the calls of one run. A body may be as
    long as it likes: the first 10,000 bytes are kept.
    """
    is_code = word.isascii() and word.isdigit() and int(word) <= _MOST_EXIT_CODE
    if word not in _WORDS and not is_code:
        return HttpResponseNotFound("not found\n", content_type="text/plain")
    code = int(word) if is_code else None
    given = request.GET.get("rid", "")
    try:
        run_id = uuid.UUID(given) if given else None
    except ValueError:
        return HttpResponseBadRequest("rid is not a UUID\n", content_type="text/plain")
    is_known = receive_ping(
        hash_token(token),
        kind=_WORDS[word] if code is None else "fail" if code else "success",
        exit_code=code,
        run_id=run_id,
        body=request.read(MOST_BODY).decode(errors="replace"),
        now=timezone.now(),
    )
    if not is_known:
        return HttpResponseNotFound("not found\n", content_type="text/plain")
    return HttpResponse("OK\n", content_type="text/plain")
