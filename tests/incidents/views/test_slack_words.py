"""Slash commands and mentions, against a server that plays Slack's API."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.utils import timezone

from incidents.models import Incident
from oncall.models import Notification
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import ChannelFactory, ServiceFactory, UserFactory
from tests.incidents.slack import ADDRESS, SECRET, Slack

pytestmark = [pytest.mark.django_db, pytest.mark.database]
_, CHANNEL = ADDRESS.split()
DECLARE = "DECLARE P1 - API DOWN"


@pytest.fixture
def slack(settings):
    played = Slack()
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{played.target.port}"
    settings.SLACK_API_URL = played.url
    settings.SLACK_SIGNING_SECRETS = [SECRET]
    cache.clear()
    yield played
    played.close()


@pytest.fixture
def service():
    service = ServiceFactory()
    SeverityLevelFactory(service=service, label="P1", level=1)
    ChannelFactory(team=service.team, kind="slack_app", address=ADDRESS)
    return service


@pytest.fixture
def engineer(service, slack):
    user = UserFactory(team=service.team, name="Engineer A")
    slack.emails["U1"] = user.email
    return user


@pytest.fixture
def send(client):
    def send(path, body, secret=SECRET):
        at = str(int(timezone.now().timestamp()))
        made = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
        headers = {
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={made.hexdigest()}",
        }
        kind = "application/json" if body[:1] == b"{" else "text/plain"
        return client.post(path, body, content_type=kind, headers=headers)

    return send


@pytest.fixture
def command(send):
    def command(text=DECLARE, **changes):
        form = {
            "team_id": "T1",
            "user_id": "U1",
            "channel_id": CHANNEL,
            "trigger_id": text,
            "text": text,
            **changes,
        }
        return send("/slack/commands", urlencode(form).encode()).json()["text"]

    return command


def mention(text, **changes):
    event = {"type": "app_mention", "user": "U1", "channel": CHANNEL, "text": text}
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": "Ev1",
            "event": {**event, **changes},
        }
    ).encode()


def test_a_slash_command_declares_once(command, engineer):
    told = command()
    incident = Incident.objects.get()
    assert told == f"{incident.ref} declared: API DOWN. Engineer A leads."
    assert incident.timeline.get().data == {"via": "by Slack"}
    assert command() == ""
    assert Incident.objects.count() == 1


def test_a_mention_declares_and_is_answered_in_the_channel(send, engineer, slack):
    assert send("/slack/events", mention(f"<@U0BOT> {DECLARE}")).status_code == 200
    incident = Incident.objects.get()
    assert Notification.objects.get().subject.startswith(f"{incident.ref} declared")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": "help"}, "Say “DECLARE P1"),
        ({"channel_id": "C9"}, "No team of the portal has this channel."),
        ({"user_id": "U9"}, "Slack does not say who you are"),
    ],
)
def test_what_cannot_be_done_says_why(command, engineer, changes, words):
    assert words in command(**changes)
    assert not Incident.objects.exists()


def test_strangers_to_the_team_declare_nothing(command, slack, service):
    slack.emails["U1"] = UserFactory().email
    assert command() == "Your role in this team does not allow it."


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        mention("x", type="message"),
        mention(DECLARE, bot_id="B1"),
        mention(DECLARE, user=""),
        b'{"type": "event_callback", "event": 1}',
        b'{"type": "url_verification", "challenge": 1}',
    ],
)
def test_anything_else_is_nothing(send, engineer, body):
    assert send("/slack/events", body).status_code == 200
    assert not Incident.objects.exists()


def test_a_mention_from_an_unknown_channel_is_not_answered(send, engineer):
    send("/slack/events", mention(DECLARE, channel="C9"))
    assert not Notification.objects.exists()


def test_slack_hears_its_challenge_again(send, slack):
    body = b'{"type": "url_verification", "challenge": "abc"}'
    assert send("/slack/events", body).json() == {"challenge": "abc"}


@pytest.mark.parametrize("path", ["/slack/commands", "/slack/events"])
def test_forgeries_are_turned_away(send, slack, path):
    assert send(path, b"x=1", secret="wrong").status_code == 401
    assert send(path, b"&".join([b"a=1"] * 50)).status_code == 200
