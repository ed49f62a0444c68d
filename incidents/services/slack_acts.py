"""Acting on an alert by a button in Slack."""

import logging
from datetime import datetime

from django.core.cache import cache

from incidents.domain.slack_clicks import OLDEST, Click
from incidents.services.remote_acts import LABELS, act_on_alert, find_open_alert
from oncall.models import Notification, TransportKind, User
from oncall.transports.protocol import TransportError
from oncall.transports.slack_app import SlackAppTransport
from opsportal.kit.errors import Refused

log = logging.getLogger(__name__)
# The message itself says these, as soon as it is changed.
_SHOWN = frozenset({"acknowledge", "resolve"})
_SLACK = SlackAppTransport()
_KNOWN_FOR = 3600  # seconds for which a member of a workspace keeps their address


def take_click(click: Click, *, signature: str, now: datetime) -> None:
    """Do what a button is for, as the person behind the member of the workspace.

    ``signature`` names the request: the same one again does nothing. Why something
    was not done is whispered to who clicked.
    """
    if not cache.add(f"slack-click:{signature}", 1, 2 * OLDEST.total_seconds()):
        return
    try:
        told = _do(click, now=now)
    except Refused as refusal:
        told = refusal.message
    else:
        if click.act in _SHOWN:
            return
    if not click.answer_url:
        return
    try:
        _SLACK.whisper(click.answer_url, told)
    except TransportError as error:
        log.warning("slack_answer_failed", extra={"code": error.code})


def _do(click: Click, *, now: datetime) -> str:
    posted = (
        Notification.objects.filter(
            topic=click.topic,
            provider_id=click.message,
            channel__kind=TransportKind.SLACK_APP,
        )
        .select_related("channel")
        .first()
    )
    if click.act not in LABELS or posted is None or posted.channel is None:
        raise Refused("This message is not known here.", code="unknown")
    alert = find_open_alert(click.topic)
    if alert is None:
        raise Refused("It is resolved.", code="alert_state")
    person = find_person(posted.channel.address, click.workspace, click.person)
    return act_on_alert(click.act, alert, by=person, via="by Slack", now=now)


def find_person(address: str, workspace: str, member: str) -> User:
    """Return who of the portal a member of a workspace is, by their mail address.

    ``address`` is that of a channel of the workspace. Raises Refused for nobody.
    """
    key = f"slack-member:{workspace}:{member}"
    email = cache.get(key)
    if email is None:
        try:
            email = _SLACK.find_email(address, member)
        except TransportError as error:
            raise Refused(
                f"Slack does not say who you are: {error.message}", code="no_person"
            ) from None
        cache.set(key, email, _KNOWN_FOR)
    people = User.objects.filter(is_active=True).exclude(email="")
    found = list(people.filter(email__iexact=email)[:2])
    if len(found) != 1:
        raise Refused(
            "Nobody in the portal has your mail address of Slack.", code="no_person"
        )
    return found[0]
