"""The doors of webhooks: /ingest/<sender>/<key>, answered after the commit."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.payloads import alertmanager, generic, grafana, sentry
from incidents.domain.payloads.signal import ParseError, Signal
from incidents.models import Integration
from incidents.services import intake, mail, sns_messages
from incidents.services.messages import MOST_BODY, Message
from incidents.services.sns_messages import NotGenuine
from incidents.views.doors import (
    door,
    find_sender,
    read_body,
    say,
    store,
    without_key,
)
from opsportal.kit.outbound import OutboundError

Kind = Integration.Kind
_OFF = "The integration is switched off."
# Ids of messages that senders and proxies make, so that a retry is known as one.
_ID_HEADERS = ("Webhook-Id", "Idempotency-Key", "Request-Id")


class Refusal(Exception):  # noqa: N818 -- reads as what happened
    """The message is not let in; ``status`` is the answer's."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message says."""

    signals: Sequence[Signal]
    note: str = ""
    external_id: str = ""


Read = Callable[[Integration, bytes], Said]
Answer = Callable[[int, str, Said], HttpResponse]


@door("POST")
def take_alertmanager(request: HttpRequest, key: str) -> HttpResponse:
    """Take a webhook of Alertmanager."""
    body = without_key(read_body(request), key)
    # Nothing about the sender is needed to read it: one statement does it all.
    with suppress(ParseError):
        said = _read_alertmanager(body)
        pk = store(
            key, Kind.ALERTMANAGER, _message("alertmanager", body, said), said.signals
        )
        if pk is not None:
            return _confirm(pk, "accepted", said)
    return _enter(
        key, Kind.ALERTMANAGER, body, lambda _, body: _read_alertmanager(body)
    )


@door("POST", "PUT")
def take_grafana(request: HttpRequest, key: str) -> HttpResponse:
    """Take a webhook of Grafana, signed where the integration has a secret."""
    headers = request.headers

    def read(sender: Integration, body: bytes) -> Said:
        if sender.secret and not grafana.is_signed(
            body,
            secret=sender.secret,
            signature=headers.get("X-Grafana-Alerting-Signature", ""),
            sent_at=headers.get("X-Grafana-Alerting-Timestamp", ""),
        ):
            raise Refusal("The signature does not fit.", 401)
        return Said(signals=grafana.read_webhook(body))

    return _enter(key, Kind.GRAFANA, read_body(request), read)


@door("POST")
def take_sentry(request: HttpRequest, key: str) -> HttpResponse:
    """Take a hook of Sentry, signed where the integration has a secret."""
    headers = request.headers

    def read(sender: Integration, body: bytes) -> Said:
        signature = headers.get("Sentry-Hook-Signature", "")
        if sender.secret and not sentry.is_signed(
            body, secret=sender.secret, signature=signature
        ):
            raise Refusal("The signature does not fit.", 401)
        resource = headers.get("Sentry-Hook-Resource", "")
        signals = sentry.read_webhook(body, resource=resource)
        return Said(signals=signals, external_id=_read_id(request))

    return _enter(key, Kind.SENTRY, read_body(request), read)


@door("POST", "PUT")
def take_webhook(request: HttpRequest, key: str) -> HttpResponse:
    """Take any JSON: 202 with the key of the alert."""

    def read(sender: Integration, body: bytes) -> Said:
        signal = generic.read_webhook(body, sender.field_mapping, timezone.now())
        return Said(signals=[signal], external_id=_read_id(request))

    def answer(pk: int, status: str, said: Said) -> HttpResponse:
        told = {"id": pk, "dedup_key": said.signals[0].dedup_key, "status": status}
        return JsonResponse(told, status=202)

    return _enter(key, Kind.WEBHOOK, read_body(request), read, answer)


@door("POST", "PUT")
def take_email(request: HttpRequest, key: str) -> HttpResponse:
    """Take a mail as it came, in the form of RFC 5322; a long one to its limit."""
    body = request.read(MOST_BODY)
    try:
        taken = mail.take_mail(key, body, now=timezone.now())
    except mail.Refused as refusal:
        return say(refusal.reason, status=refusal.status)
    told = {"id": taken.pk, "dedup_key": taken.dedup_key, "status": taken.status}
    return JsonResponse(told, status=202)


@door("GET", "HEAD", "POST", "PUT")
def take_heartbeat(request: HttpRequest, key: str) -> HttpResponse:
    """Note that a sender lives."""
    body = read_body(request)
    sender = find_sender(key, Kind.HEARTBEAT)
    if sender is None:
        return say("There is no such key.", status=404)
    if not sender.is_enabled:
        return _refuse(sender, body, Refusal(_OFF, 404))
    message = Message(kind="heartbeat", body=without_key(body, key)[:1_000])
    intake.take_heartbeat(sender, message, now=timezone.now())
    return say("OK", status=200)


@door("POST")
def take_sns(request: HttpRequest, key: str) -> HttpResponse:
    """Take a message of SNS, whatever its content type; confirm a subscription."""
    return _enter(key, Kind.SNS, read_body(request), _read_sns)


def _read_alertmanager(body: bytes) -> Said:
    signals = alertmanager.read_webhook(body)
    left_out = alertmanager.count_truncated(body)
    note = f"{left_out} alerts were left out by the sender" if left_out else ""
    return Said(signals=signals, note=note)


def _read_sns(_sender: Integration, body: bytes) -> Said:
    try:
        opened = sns_messages.verify(body)
        if opened.subscribe_url:
            sns_messages.confirm(opened)
    except NotGenuine as error:
        raise Refusal(str(error), 403) from None
    except OutboundError as error:
        raise Refusal(f"SNS was not reached: {error.message}", 503) from None
    note = f"{opened.kind} of {opened.topic}" if opened.subscribe_url else ""
    signals = sns_messages.read(opened)
    return Said(signals=signals, note=note, external_id=opened.message_id)


def _confirm(_pk: int, status: str, _said: Said) -> HttpResponse:
    return say(status, status=200)


def _enter(
    key: str, kind: str, body: bytes, read: Read, answer: Answer = _confirm
) -> HttpResponse:
    sender = find_sender(key, kind)
    if sender is None:
        return say("There is no such key.", status=404)
    body = without_key(body, key)
    try:
        said = _open(sender, body, read)
    except Refusal as refusal:
        return _refuse(sender, body, refusal)
    message = _message(kind, body, said)
    pk = store(key, kind, message, said.signals)
    if pk is not None:
        return answer(pk, "accepted", said)
    if not said.external_id:
        return say("There is no such key any more.", status=404)
    event = intake.note_replay(sender, message, now=timezone.now())
    return answer(event.pk, event.status, said)


def _message(kind: str, body: bytes, said: Said) -> Message:
    return Message(kind=kind, body=body, external_id=said.external_id, note=said.note)


def _open(sender: Integration, body: bytes, read: Read) -> Said:
    if not sender.is_enabled:
        raise Refusal(_OFF, 404)
    try:
        return read(sender, body)
    except ParseError as error:
        raise Refusal(f"{error.field}: {error.message}", 400) from None


def _refuse(sender: Integration, body: bytes, refusal: Refusal) -> HttpResponse:
    message = Message(kind=sender.kind, body=body)
    intake.reject(sender, message, refusal.reason, now=timezone.now())
    return say(refusal.reason, status=refusal.status)


def _read_id(request: HttpRequest) -> str:
    found = (request.headers.get(name, "") for name in _ID_HEADERS)
    return next(filter(None, found), "")[:255]
