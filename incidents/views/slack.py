"""Where Slack tells of pressed buttons."""

import json
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from incidents.domain.slack_clicks import is_genuine, read_click
from incidents.services.slack_acts import take_click
from incidents.views.doors import door, read_body, say


@door("POST")
def take_interaction(request: HttpRequest) -> HttpResponse:
    """Take one; 401 unless Slack signed it within five minutes."""
    now, body = timezone.now(), read_body(request)
    signature = request.headers.get("X-Slack-Signature", "")
    sent_at = request.headers.get("X-Slack-Request-Timestamp", "")
    secrets = settings.SLACK_SIGNING_SECRETS
    if not is_genuine(secrets, sent_at, signature, body, now):
        return say("Not signed by Slack, or too old.", status=401)
    click = read_click(_read_payload(body))
    if click is not None:
        take_click(click, signature=signature, now=now)
    return HttpResponse(status=200)


def _read_payload(body: bytes) -> object:
    form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    try:
        return json.loads(form.get("payload", [""])[0])
    except ValueError:
        return None
