"""Where Slack tells of pressed buttons, and of words to the app."""

import json
from datetime import datetime
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.slack_clicks import is_genuine, read_click
from incidents.domain.slack_words import read_challenge, read_mention, read_slash
from incidents.services.slack_acts import take_click
from incidents.services.slack_words import answer_mention, take_words
from incidents.views.doors import door, read_body, say


@door("POST")
def take_interaction(request: HttpRequest) -> HttpResponse:
    """Take one; 401 unless Slack signed it within five minutes."""
    now, body = timezone.now(), read_body(request)
    if not _is_signed(request, body, now):
        return _refuse()
    click = read_click(_read_json(_read_form(body).get("payload", "")))
    if click is not None:
        signature = request.headers["X-Slack-Signature"]
        take_click(click, signature=signature, now=now)
    return HttpResponse(status=200)


@door("POST")
def take_command(request: HttpRequest) -> HttpResponse:
    """Take a slash command; only who gave it sees the answer."""
    now, body = timezone.now(), read_body(request)
    if not _is_signed(request, body, now):
        return _refuse()
    said = read_slash(_read_form(body))
    told = take_words(said, now=now) if said is not None else ""
    return JsonResponse({"response_type": "ephemeral", "text": told})


@door("POST")
def take_event(request: HttpRequest) -> HttpResponse:
    """Take a mention of the app, or the question whether this is the address."""
    now, body = timezone.now(), read_body(request)
    if not _is_signed(request, body, now):
        return _refuse()
    event = _read_json(body.decode("utf-8", "replace"))
    challenge = read_challenge(event)
    if challenge is not None:
        return JsonResponse({"challenge": challenge})
    said = read_mention(event)
    if said is not None:
        answer_mention(said, now=now)
    return HttpResponse(status=200)


def _is_signed(request: HttpRequest, body: bytes, now: datetime) -> bool:
    signature = request.headers.get("X-Slack-Signature", "")
    sent_at = request.headers.get("X-Slack-Request-Timestamp", "")
    return is_genuine(settings.SLACK_SIGNING_SECRETS, sent_at, signature, body, now)


def _refuse() -> HttpResponse:
    return say("Not signed by Slack, or too old.", status=401)


def _read_form(body: bytes) -> dict[str, str]:
    try:
        form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=40)
    except ValueError:
        return {}
    return {name: values[0] for name, values in form.items()}


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
