"""Links in mails: looking changes nothing, and only their one person acts by them."""

import re
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.test import Client

from incidents.models import Escalation
from incidents.services import mail_links
from incidents.services.alerts import acknowledge_alert, resolve_alert
from incidents.services.escalating import advance_escalations
from incidents.services.mail_links import make_url, read_link
from incidents.services.remote_acts import (
    act_on_alert,
    find_open_alert,
    offer_acts,
)
from oncall.models import AuditEntry, Membership
from oncall.services.delivery import deliver_notifications
from opsportal.kit.errors import Refused
from tests.conftest import NOW
from tests.factories.incidents import AlertFactory
from tests.factories.oncall import UserFactory
from tests.incidents.services.test_escalating import World
from tests.oncall.services.conftest import mail_sink

pytestmark = pytest.mark.django_db
__all__ = ["mail_sink"]
HOUR = timedelta(hours=1)


@pytest.fixture
def alert():
    return AlertFactory(starts_at=NOW - HOUR, summary="Replication lag")


@pytest.fixture
def engineer(alert):
    return UserFactory(team=alert.service.team, password="old")


@pytest.fixture
def link(alert, engineer, monkeypatch):
    """Return the path of a link that is fresh on the clock of requests."""
    monkeypatch.setattr(mail_links, "LIFETIME", timedelta(days=36_500))

    def link(name="acknowledge", user=engineer):
        url = make_url(name, alert.pk, user, NOW)
        return url.removeprefix("http://localhost:8000")

    return link


def status(alert):
    alert.refresh_from_db()
    return alert.status


def test_looking_changes_nothing_and_posting_acts_signed_out(link, alert, engineer):
    client, path = Client(enforce_csrf_checks=True), link()
    for _ in range(2):
        shown = client.get(path)
        client.head(path)
    assert "Replication lag" in shown.text
    assert "no-store" in shown["Cache-Control"]
    assert status(alert) == "firing"
    assert client.post(path).status_code == 403
    token = client.cookies["csrftoken"].value
    answer = client.post(path, {"csrfmiddlewaretoken": token}, follow=True)
    assert f"Acknowledged. {engineer.display_name} has it." in answer.text
    assert "Nothing is left to do here." in answer.text
    assert (status(alert), alert.acknowledged_by) == ("acknowledged", engineer)
    assert alert.events.get(kind="acknowledged").text == "by mail link"
    entry = AuditEntry.objects.get(action="alert.acknowledge")
    assert (entry.actor, entry.after) == (engineer, {"via": "by mail link"})
    again = client.post(path, {"csrfmiddlewaretoken": token}, follow=True)
    assert "acknowledged" in again.text
    assert AuditEntry.objects.count() == 1


def test_a_link_is_for_one_act_of_one_person(client, link, alert, engineer):
    path = link()
    assert client.get(path.replace("acknowledge", "resolve")).status_code == 404
    assert client.get(path.replace("acknowledge", "delete")).status_code == 404
    token = path.split("/")[-2]
    for place in range(0, len(token), 9):
        changed = "A" if token[place] != "A" else "B"
        forged = token[:place] + changed + token[place + 1 :]
        assert client.post(path.replace(token, forged)).status_code == 404
    client.force_login(UserFactory(team=alert.service.team))
    refused = client.post(path)
    assert (refused.status_code, status(alert)) == (403, "firing")
    assert "somebody else" in refused.text
    client.force_login(engineer)
    client.post(path)
    assert status(alert) == "acknowledged"


def test_a_link_ends_by_time_and_with_the_password(alert, engineer, client):
    path = make_url("resolve", alert.pk, engineer, NOW)
    token = path.split("/")[-2]
    soon = NOW + timedelta(hours=48) - timedelta(seconds=1)
    assert read_link("resolve", token, now=soon).user == engineer
    with pytest.raises(Refused, match="has ended"):
        read_link("resolve", token, now=NOW + timedelta(hours=48))
    answer = client.get(path)
    assert (answer.status_code, "has ended" in answer.text) == (410, True)
    engineer.password = "new"
    engineer.save()
    with pytest.raises(Refused):
        read_link("resolve", token, now=NOW)
    engineer.is_active = False
    engineer.save()
    assert read_link("resolve", token, now=NOW) is None


def test_who_left_the_team_acts_no_more(client, link, alert, engineer):
    path = link("resolve")
    Membership.objects.filter(user=engineer).update(role="viewer")
    assert "does not allow it" in client.post(path, follow=True).text
    assert status(alert) == "firing"
    assert offer_acts(f"alert:{alert.pk}", engineer, NOW) == []


def test_acts_are_offered_as_long_as_they_are_possible(alert, engineer):
    def names(user=engineer):
        return [act.name for act in offer_acts(f"alert:{alert.pk}", user, NOW)]

    assert names() == ["acknowledge", "resolve"]
    assert [act.url for act in offer_acts(f"alert:{alert.pk}", None, NOW)] == ["", ""]
    acknowledge_alert(alert.pk, by=engineer, now=NOW)
    assert names() == ["resolve"]
    resolve_alert(alert.pk, by=engineer, now=NOW)
    assert names() == names(None) == []
    for topic in ("run:7", "alert:x", f"alert:{'9' * 19}", "alert:0"):
        assert find_open_alert(topic) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_a_page_by_mail_carries_links_that_work(mail_sink):
    world = World()
    lead = world.lead
    world.climbs(world.step(0, lead), world.step(15, *world.people))
    alert = world.fires()
    advance_escalations(now=NOW)
    deliver_notifications(now=NOW)
    mail = message_from_bytes(mail_sink.mails[0].content.replace(b"\r\n", b"\n"))
    text = mail.get_payload(decode=True).decode()
    links = dict(re.findall(r"^(\w[\w ]*): (http\S+)$", text, re.MULTILINE))
    assert list(links) == ["Acknowledge", "Resolve", "Escalate", "Snooze 1 h"]
    for label, name in (("Snooze 1 h", "snooze"), ("Escalate", "escalate")):
        link = read_link(name, links[label].split("/")[-2], now=NOW)
        assert (link.user, link.alert) == (lead, alert)
        act_on_alert(name, link.alert, by=lead, via="by mail link", now=NOW)
    assert Escalation.objects.get().progress["forced"] == 1
    escalated, snoozed, _ = alert.escalation_events.order_by("-pk")
    assert escalated.text == "by mail link"
    assert snoozed.text == "until 14 Jan 11:30 UTC by mail link"
