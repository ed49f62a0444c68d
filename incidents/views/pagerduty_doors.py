"""The doors of PagerDuty's Events API, with its own answers."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.payloads import pagerduty
from incidents.domain.payloads.pagerduty import Envelope
from incidents.domain.payloads.signal import ParseError, Signal
from incidents.models import Integration
from incidents.services import intake
from incidents.services.messages import Message
from incidents.views.doors import door, find_sender, read_body, store, without_key

_KIND = Integration.Kind.PAGERDUTY
Read = Callable[..., Signal]


@door("POST")
def enqueue(request: HttpRequest) -> HttpResponse:
    """Take an event of v2: trigger, acknowledge or resolve."""
    key = request.headers.get("X-Routing-Key", "")
    return _take(
        request,
        "pagerduty",
        lambda body: pagerduty.open_event(body, header_key=key),
        pagerduty.read_event,
        lambda signal: {"message": "Event processed", "dedup_key": signal.dedup_key},
    )


@door("POST")
def enqueue_change(request: HttpRequest) -> HttpResponse:
    """Take a change event: something was deployed or altered."""
    key = request.headers.get("X-Routing-Key", "")
    return _take(
        request,
        "change",
        lambda body: pagerduty.open_event(body, header_key=key, is_change=True),
        lambda event, **_fresh: pagerduty.read_change(event),
        lambda _signal: {"message": "Change event processed"},
    )


@door("POST")
def create_event(request: HttpRequest) -> HttpResponse:
    """Take an event of the older API v1, which is answered with 200."""
    return _take(
        request,
        "pagerduty v1",
        pagerduty.open_legacy,
        pagerduty.read_legacy,
        lambda signal: {
            "message": "Event processed",
            "incident_key": signal.dedup_key,
        },
        status=200,
    )


def _take(
    request: HttpRequest,
    kind: str,
    opened_by: Callable[[bytes], Envelope],
    read_by: Read,
    answered_by: Callable[[Signal], dict[str, str]],
    *,
    status: int = 202,
) -> HttpResponse:
    body = read_body(request)
    try:
        envelope = opened_by(body)
    except ParseError as error:
        return _refuse("Unrecognized object", pagerduty.UNRECOGNIZED, error.message)
    if len(envelope.routing_key) != pagerduty.KEY_LENGTH:
        return _invalid(*envelope.errors)
    message = Message(kind=kind, body=without_key(body, envelope.routing_key))
    if envelope.errors:
        return _reject(envelope.routing_key, message, *envelope.errors)
    signal = read_by(envelope.event, fresh_key=uuid.uuid4().hex)
    if store(envelope.routing_key, _KIND, message, [signal]) is None:
        return _reject(envelope.routing_key, message, "Invalid routing key")
    said: dict[str, Any] = {"status": "success", **answered_by(signal)}
    return JsonResponse(said, status=status)


def _reject(key: str, message: Message, *errors: str) -> HttpResponse:
    sender = find_sender(key, _KIND)
    if sender is None:
        return _invalid("Invalid routing key")
    if sender.is_enabled:
        intake.reject(sender, message, "; ".join(errors), now=timezone.now())
        return _invalid(*errors)
    reason = "The integration is switched off."
    intake.reject(sender, message, reason, now=timezone.now())
    return _invalid("Invalid routing key")


def _invalid(*errors: str) -> HttpResponse:
    return _refuse("invalid event", "Event object is invalid", *errors)


def _refuse(status: str, message: str, *errors: str) -> HttpResponse:
    said = {"status": status, "message": message, "errors": list(errors)}
    return JsonResponse(said, status=400)
