"""What all doors for machines share: the key, the body, the answer when it is busy."""

import base64
import binascii
import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.domain.payloads.signal import Signal
from incidents.models import Integration
from incidents.queries.integrations import find_by_key
from incidents.services import inbox
from incidents.services.messages import MOST_BODY, Message
from oncall.access import PUBLIC, declares
from opsportal.kit.tokens import hash_token

log = logging.getLogger(__name__)

RETRY_AFTER = "5"
_CUT = b"(key)"

View = Callable[..., HttpResponse]


class TooLarge(Exception):  # noqa: N818 -- reads as what happened
    """The body is larger than any sender of ours sends."""


def door(*methods: str) -> Callable[[View], View]:
    """Declare a view for machines: no session, no cookie, their key is their name.

    While the database is away or busy the answer is 503 with Retry-After, which
    every sender tries again; never 429, which some do not.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponse:
            try:
                return view(request, **named)
            except (TooLarge, RequestDataTooBig):
                return say("The body is larger than 512 KB.", status=413)
            except (OperationalError, InterfaceError):
                log.exception("ingest_busy", extra={"path": request.resolver_match})
                return say("Busy: try again.", status=503)

        shut: Any = require_http_methods(list(methods))(answer)
        declared: View = csrf_exempt(declares(PUBLIC)(never_cache(shut)))
        declared.is_door = True  # type: ignore[attr-defined]
        return declared

    return mark


def say(text: str, *, status: int) -> HttpResponse:
    """Answer with one line of text."""
    response = HttpResponse(f"{text}\n", content_type="text/plain", status=status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    return response


def read_body(request: HttpRequest) -> bytes:
    """Return the body. Raises TooLarge beyond 512 KB."""
    body = request.read(MOST_BODY + 1)
    if len(body) > MOST_BODY:
        raise TooLarge
    return body


def without_key(body: bytes, key: str) -> bytes:
    """Return the body as it may be kept: the key in it is cut out."""
    return body.replace(key.encode("utf-8", "replace"), _CUT) if key else body


def find_sender(key: str, *kinds: str) -> Integration | None:
    """Return the sender behind a key at a door for ``kinds``, None for nobody's."""
    return find_by_key(hash_token(key), kinds, timezone.now())


def store(
    key: str, kind: str, message: Message, signals: Sequence[Signal]
) -> int | None:
    """Store a message that its sender is answered for; see ``inbox.store``."""
    return inbox.store(hash_token(key), kind, message, signals, now=timezone.now())


def header_key(request: HttpRequest) -> str:
    """Return the key of an Authorization header: a bearer, or a basic password."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        plain = base64.b64decode(rest, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    return plain.partition(":")[2]
