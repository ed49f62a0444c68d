"""The doors of webhooks: /ingest/<sender>/<key>, answered after the commit."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.payloads import alertmanager, generic, grafana, sentry
from incidents.domain.payloads.signal import ParseError, Signal
from incidents.models import Integration
from incidents.services import intake, sns_messages
from incidents.services.intake import Message
from incidents.services.sns_messages import NotGenuine
from incidents.views.doors import door, find_sender, read_body, say, without_key
from opsportal.kit.outbound import OutboundError

Kind = Integration.Kind
# Ids of messages that senders and proxies make, so that a retry is known as one.
_ID_HEADERS = ("Webhook-Id", "Idempotency-Key", "Request-Id")


@door("POST")
def take_alertmanager(request: HttpRequest, key: str) -> HttpResponse:
    """Take a webhook of Alertmanager."""

    def act(sender: Integration, body: bytes) -> HttpResponse:
        signals = alertmanager.read_webhook(body)
        left_out = alertmanager.count_truncated(body)
        note = f"{left_out} alerts were left out by the sender" if left_out else ""
        return _receive(sender, "alertmanager", body, signals, note=note)

    return _enter(request, key, Kind.ALERTMANAGER, act)


@door("POST", "PUT")
def take_grafana(request: HttpRequest, key: str) -> HttpResponse:
    """Take a webhook of Grafana, signed where the integration has a secret."""
    headers = request.headers

    def act(sender: Integration, body: bytes) -> HttpResponse:
        if sender.secret and not grafana.is_signed(
            body,
            secret=sender.secret,
            signature=headers.get("X-Grafana-Alerting-Signature", ""),
            sent_at=headers.get("X-Grafana-Alerting-Timestamp", ""),
        ):
            return _refuse(sender, "grafana", body, "The signature does not fit.", 401)
        return _receive(sender, "grafana", body, grafana.read_webhook(body))

    return _enter(request, key, Kind.GRAFANA, act)


@door("POST")
def take_sentry(request: HttpRequest, key: str) -> HttpResponse:
    """Take a hook of Sentry, signed where the integration has a secret."""
    headers = request.headers

    def act(sender: Integration, body: bytes) -> HttpResponse:
        signature = headers.get("Sentry-Hook-Signature", "")
        if sender.secret and not sentry.is_signed(
            body, secret=sender.secret, signature=signature
        ):
            return _refuse(sender, "sentry", body, "The signature does not fit.", 401)
        resource = headers.get("Sentry-Hook-Resource", "")
        signals = sentry.read_webhook(body, resource=resource)
        return _receive(sender, "sentry", body, signals, external_id=_read_id(request))

    return _enter(request, key, Kind.SENTRY, act)


@door("POST", "PUT")
def take_webhook(request: HttpRequest, key: str) -> HttpResponse:
    """Take any JSON: 202 with the key of the alert."""

    def act(sender: Integration, body: bytes) -> HttpResponse:
        now = timezone.now()
        signal = generic.read_webhook(body, sender.field_mapping, now)
        message = Message(kind="webhook", body=body, external_id=_read_id(request))
        event = intake.receive(sender, message, [signal], now=now)
        said = {"id": event.pk, "dedup_key": signal.dedup_key, "status": event.status}
        return JsonResponse(said, status=202)

    return _enter(request, key, Kind.WEBHOOK, act)


@door("GET", "HEAD", "POST", "PUT")
def take_heartbeat(request: HttpRequest, key: str) -> HttpResponse:
    """Note that a sender lives."""

    def act(sender: Integration, body: bytes) -> HttpResponse:
        message = Message(kind="heartbeat", body=body[:1_000])
        intake.take_heartbeat(sender, message, now=timezone.now())
        return say("OK", status=200)

    return _enter(request, key, Kind.HEARTBEAT, act)


@door("POST")
def take_sns(request: HttpRequest, key: str) -> HttpResponse:
    """Take a message of SNS, whatever its content type; confirm a subscription."""

    def act(sender: Integration, body: bytes) -> HttpResponse:
        try:
            opened = sns_messages.verify(body)
            if opened.subscribe_url:
                sns_messages.confirm(opened)
        except NotGenuine as error:
            return _refuse(sender, "sns", body, str(error), 403)
        except OutboundError as error:
            _refuse(sender, "sns", body, f"SNS was not reached: {error.message}", 503)
            return say("SNS was not reached: try again.", status=503)
        signals = sns_messages.read(opened)
        note = f"{opened.kind} of {opened.topic}" if opened.subscribe_url else ""
        external_id = opened.message_id
        return _receive(
            sender, "sns", body, signals, note=note, external_id=external_id
        )

    return _enter(request, key, Kind.SNS, act)


def _enter(
    request: HttpRequest,
    key: str,
    kind: str,
    act: Callable[[Integration, bytes], HttpResponse],
) -> HttpResponse:
    sender = find_sender(key, kind)
    if sender is None:
        return say("There is no such key.", status=404)
    body = without_key(read_body(request), key)
    if not sender.is_enabled:
        return _refuse(sender, kind, body, "The integration is switched off.", 404)
    try:
        return act(sender, body)
    except ParseError as error:
        return _refuse(sender, kind, body, f"{error.field}: {error.message}", 400)


def _receive(
    sender: Integration,
    kind: str,
    body: bytes,
    signals: list[Signal],
    *,
    note: str = "",
    external_id: str = "",
) -> HttpResponse:
    message = Message(kind=kind, body=body, external_id=external_id, note=note)
    event = intake.receive(sender, message, signals, now=timezone.now())
    return say(f"{event.status}: {event.reason}", status=200)


def _refuse(
    sender: Integration, kind: str, body: bytes, reason: str, status: int
) -> HttpResponse:
    message = Message(kind=kind, body=body)
    intake.reject(sender, message, reason, now=timezone.now())
    return say(reason, status=status)


def _read_id(request: HttpRequest) -> str:
    found = (request.headers.get(name, "") for name in _ID_HEADERS)
    return next(filter(None, found), "")[:255]
