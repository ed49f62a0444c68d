"""Buttons in Slack, against a server that plays Slack's API."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from incidents.models import Escalation
from incidents.services.alerts import unacknowledge_alert
from incidents.services.escalating import advance_escalations
from oncall.models import AuditEntry, Channel, Notification
from oncall.services.delivery import deliver_notifications
from tests.conftest import NOW
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.incidents.services.test_escalating import World
from tests.incidents.slack import ADDRESS, SECRET, Slack, sign

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def slack(settings):
    played = Slack()
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{played.target.port}"
    settings.SLACK_API_URL = played.url
    settings.SLACK_SIGNING_SECRETS = ["older", SECRET]
    cache.clear()
    yield played
    played.close()


@pytest.fixture
def world(slack):
    world = World()
    world.channel = ChannelFactory(team=world.team, kind="slack_app", address=ADDRESS)
    world.climbs(world.step(0, world.lead), world.step(15, *world.people))
    world.alert = world.fires()
    advance_escalations(now=NOW)
    Notification.objects.exclude(recipient=None).delete()
    deliver_notifications(now=NOW)
    (world.ts,) = slack.messages
    slack.emails["U1"] = world.people[0].email.upper()
    return world


@pytest.fixture
def press(client, slack, world):
    def press(act="acknowledge", person="U1", at=None, secret=SECRET, **changes):
        payload = slack.click(world.ts, act, person, **changes)
        body, headers = sign(payload, at or timezone.now(), secret)
        form = "application/x-www-form-urlencoded"
        url = "/slack/interactions"
        return client.post(url, body, content_type=form, headers=headers).status_code

    return press


def test_a_press_acknowledges_as_the_person_and_the_message_says_so(
    slack, world, press
):
    assert slack.buttons(world.ts) == ["acknowledge", "resolve", "escalate", "snooze"]
    assert slack.tokens == {"Bearer xoxb-1111-secret"}
    assert press() == 200
    world.alert.refresh_from_db()
    assert world.alert.acknowledged_by == world.people[0]
    assert world.alert.events.get(kind="acknowledged").text == "by Slack"
    entry = AuditEntry.objects.get(action="alert.acknowledge")
    assert entry.after == {"via": "by Slack"}
    assert slack.whispers == []
    deliver_notifications(now=timezone.now())
    assert list(slack.messages) == [world.ts]
    assert "Acknowledged by Engineer A" in slack.messages[world.ts]["text"]
    assert slack.buttons(world.ts) == ["resolve", "escalate", "snooze"]
    press("resolve")
    deliver_notifications(now=timezone.now() + MINUTE)
    assert slack.buttons(world.ts) == []


def test_of_several_changes_only_the_newest_is_sent(slack, world, press):
    press()
    unacknowledge_alert(world.alert.pk, by=world.lead, now=timezone.now())
    first, second = Notification.objects.exclude(replaces=None).order_by("pk")
    assert (first.state, second.state) == ("cancelled", "pending")
    deliver_notifications(now=timezone.now())
    assert "nobody has it" in slack.messages[world.ts]["text"]


def test_what_slack_did_not_sign_or_long_ago_changes_nothing(world, press, client):
    now = timezone.now()
    assert press(secret="other") == 401
    assert press(at=now - 6 * MINUTE) == 401
    assert client.post("/slack/interactions", {"payload": "{}"}).status_code == 401
    assert client.get("/slack/interactions").status_code == 405
    assert press(type="view_submission") == 200
    world.alert.refresh_from_db()
    assert world.alert.status == "firing"


def test_a_replay_escalates_once(slack, world, press):
    at = timezone.now()
    for _ in range(3):
        assert press("escalate", at=at) == 200
    assert AuditEntry.objects.filter(action="alert.escalate").count() == 1
    assert [each["text"] for each in slack.whispers] == [
        "Escalated: the next step is told now."
    ]
    press("snooze")
    assert Escalation.objects.get().snoozed_until
    assert "for an hour" in slack.whispers[-1]["text"]
    assert slack.whispers[-1]["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("stranger@example.org", "Nobody in the portal"),
        ("", "Nobody in the portal"),
        (None, "user_not_found"),
        ("viewer@example.org", "does not allow it"),
    ],
)
def test_who_may_not_is_told_why_and_changes_nothing(slack, world, press, email, told):
    UserFactory(email="viewer@example.org", team=world.team, team__role="viewer")
    slack.emails.pop("U1")
    if email is not None:
        slack.emails["U1"] = email
    assert press() == 200
    assert told in slack.whispers[0]["text"]
    assert not AuditEntry.objects.filter(action="alert.acknowledge").exists()


def test_unknown_messages_and_finished_alerts_are_whispered(slack, world, press):
    click = {"actions": [{"action_id": "delete", "value": f"alert:{world.alert.pk}"}]}
    press(**click)
    press(message={"ts": "9.9"})
    Channel.objects.update(kind="email", address="a@example.org")
    press()
    assert {each["text"] for each in slack.whispers} == {
        "This message is not known here."
    }
    Channel.objects.update(kind="slack_app", address=ADDRESS)
    world.alert.__class__.objects.update(status="resolved", resolved_at=NOW)
    press(response_url="")
    press(response_url=f"{slack.target.url}/nowhere")
    assert len(slack.whispers) == 3
    press(trigger_id="another")
    assert slack.whispers[-1]["text"] == "It is resolved."
