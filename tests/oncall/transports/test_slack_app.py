import json

import pytest

from oncall.domain.message_act import Act
from oncall.transports import Message, TransportError
from oncall.transports.slack_app import SlackAppTransport
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply

ADDRESS = "xoxb-1-secret C0123"
ACTS = (Act("acknowledge", "Acknowledge", "alert:1"), Act("resolve", "R", "alert:1"))
MESSAGE = Message("Lag", "450 ms <!here>", url="https://x.example/1", acts=ACTS)


@pytest.fixture
def slack(site):
    return SlackAppTransport(
        url=lambda: site.url,
        has_buttons=lambda: True,
        policy=lambda: POLICY,
        clock=lambda: NOW,
    )


def answers(site, path, *told):
    site.routes[path] = [Reply(200, json.dumps(each).encode()) for each in told]


def test_a_message_has_a_button_for_each_act_and_says_where_it_is(site, slack):
    answers(site, "/chat.postMessage", {"ok": True, "channel": "C0123", "ts": "1.5"})
    receipt = slack.send(MESSAGE, ADDRESS, key="alert:1:opened")
    assert receipt.provider_id == "C0123:1.5"
    (seen,) = site.seen
    assert seen.headers["authorization"] == "Bearer xoxb-1-secret"
    body = json.loads(seen.body)
    assert body["channel"] == "C0123"
    assert body["metadata"]["event_payload"] == {"key": "alert:1:opened"}
    assert "<!here>" not in seen.body.decode()
    buttons = body["blocks"][-1]["elements"]
    assert [(each["action_id"], each["value"]) for each in buttons] == [
        ("acknowledge", "alert:1"),
        ("resolve", "alert:1"),
    ]
    assert [each.get("style") for each in buttons] == ["primary", None]


def test_without_a_signing_secret_there_are_no_buttons(site, slack, settings):
    settings.SLACK_SIGNING_SECRETS = []
    settings.SLACK_API_URL = site.url
    answers(site, "/chat.postMessage", {"ok": True, "channel": "C0123", "ts": "1.5"})
    SlackAppTransport(policy=lambda: POLICY).send(MESSAGE, ADDRESS, key="k")
    assert b"acknowledge" not in site.seen[0].body


def test_a_message_is_changed_where_it_stands_or_left_alone_when_gone(site, slack):
    told = {"ok": True, "channel": "C0123", "ts": "1.5"}
    gone = {"ok": False, "error": "message_not_found"}
    answers(site, "/chat.update", told, gone)
    change = Message("Lag", "Acknowledged", replaces="C0123:1.5")
    assert slack.send(change, ADDRESS, key="k").provider_id == "C0123:1.5"
    body = json.loads(site.seen[0].body)
    assert (body["channel"], body["ts"]) == ("C0123", "1.5")
    assert slack.send(change, ADDRESS, key="k").detail.startswith("That message")


@pytest.mark.parametrize(
    ("told", "said", "is_permanent"),
    [
        (b'{"ok": false, "error": "not_in_channel"}', "not_in_channel", True),
        (b'{"ok": false, "error": "fatal_error"}', "fatal_error", False),
        (b'{"ok": false, "error": "xoxb-1 <b>"}', "something else", False),
        (b"<html>", "something else", False),
        (b"[]", "something else", False),
    ],
)
def test_a_refusal_says_whether_asking_again_helps(
    site, slack, told, said, is_permanent
):
    site.routes["/chat.postMessage"] = Reply(200, told)
    with pytest.raises(TransportError) as caught:
        slack.send(MESSAGE, ADDRESS, key="k")
    assert caught.value.message == f"Slack answered {said}."
    assert caught.value.permanent is is_permanent


@pytest.mark.parametrize(
    ("user", "email"),
    [
        ({"profile": {"email": "a@example.org"}}, "a@example.org"),
        ({"profile": {"email": "a@example.org"}, "deleted": True}, ""),
        ({"profile": {"email": "a@example.org"}, "is_bot": True}, ""),
        ({"profile": {"email": "a@example.org"}, "is_stranger": True}, ""),
        ({"profile": {"email": "a@example.org"}, "is_email_confirmed": False}, ""),
        ({"profile": None}, ""),
        (None, ""),
    ],
)
def test_only_members_with_a_confirmed_address_are_somebody(site, slack, user, email):
    answers(site, "/users.info", {"ok": True, "user": user})
    assert slack.find_email(ADDRESS, "U1") == email
    assert site.seen[0].body == b"user=U1"
