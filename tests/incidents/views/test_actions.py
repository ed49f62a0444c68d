"""The pages of action items."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import ActionItem
from oncall.models import Notification
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.oncall import ChannelFactory, ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    return IncidentFactory(service=ServiceFactory(name="ARQ"), title="Pool is full")


@pytest.fixture
def engineer(incident):
    return UserFactory(team=incident.team, time_zone="UTC")


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


def read(answer) -> str:
    return answer.content.decode()


def test_each_tab_shows_its_own(client, incident, engineer):
    zone = ZoneInfo(incident.team.time_zone)
    today = timezone.now().astimezone(zone).date()
    for title, more in {
        "Mine": {"owner": engineer, "due_on": today + timedelta(days=5)},
        "Late": {"due_on": today - timedelta(days=3)},
        "Past": {"state": "done", "completed_at": timezone.now()},
    }.items():
        ActionItemFactory(incident=incident, title=f"{title} item", **more)
    shown = {
        tab: {
            title
            for title in ("Mine", "Late", "Past")
            if f"{title} item" in read(client.get(f"/actions/?tab={tab}"))
        }
        for tab in ("mine", "team", "overdue", "done", "nonsense")
    }
    assert shown == {
        "mine": {"Mine"},
        "team": {"Mine", "Late"},
        "overdue": {"Late"},
        "done": {"Past"},
        "nonsense": {"Mine"},
    }
    assert "3 days overdue" in read(client.get("/actions/?tab=overdue"))
    assert "No action item fits" in read(client.get("/actions/?q=unheard"))


def test_the_list_asks_as_often_for_one_as_for_three(client, incident, engineer):
    counts = []
    for more in (1, 2):
        ActionItemFactory.create_batch(more, incident=incident, owner=engineer)
        counts.append(count_queries(client, "/actions/"))
    assert counts[0] == counts[1]


def test_from_the_incident_to_done(client, incident, engineer):
    url = f"/incidents/{incident.ref}/actions/"
    said = {"title": "", "kind": "detect", "priority": 1, "owner": engineer.pk}
    assert client.post(url, said).status_code == 422
    client.post(url, {**said, "title": "Alert at 80 %", "due_on": "2030-01-01"})
    item = ActionItem.objects.get()
    assert (item.owner, item.kind, item.priority) == (engineer, "detect", 1)
    assert "Alert at 80 %" in read(client.get(f"/incidents/{incident.ref}/"))
    page = f"/actions/{item.pk}/"
    refused = client.post(f"{page}move/", {"state": "done"}, follow=True)
    assert "it can become in progress or refused" in read(refused)
    for state in ("in_progress", "done"):
        client.post(f"{page}move/", {"state": state})
    assert "Done" in read(client.get(page))
    assert "no such state" in read(
        client.post(f"{page}move/", {"state": "x"}, follow=True)
    )


def test_what_somebody_else_wrote_is_shown_before_it_is_written_over(client, incident):
    item = ActionItemFactory(incident=incident, title="Theirs", version=1)
    said = {"title": "Ours", "kind": "prevent", "priority": 2, "version": 0}
    answer = client.post(f"/actions/{item.pk}/", said)
    assert answer.status_code == 409
    assert "now “Theirs”, yours “Ours”" in read(answer)
    assert 'name="version" value="1"' in read(answer)
    client.post(f"/actions/{item.pk}/", {**said, "version": 1})
    item.refresh_from_db()
    assert item.title == "Ours"
    bad = client.post(f"/actions/{item.pk}/", {**said, "version": 2, "title": " "})
    assert bad.status_code == 422


def test_sending_it_to_a_tracker(client, incident):
    item = ActionItemFactory(incident=incident)
    page = f"/actions/{item.pk}/"
    assert "Send it to a tracker" not in read(client.get(page))
    channel = ChannelFactory(team=incident.team, kind="webhook", name="Tracker")
    assert "Send it to a tracker" in read(client.get(page))
    client.post(f"{page}export/", {"channel": channel.pk})
    assert Notification.objects.get().channel == channel
    answer = client.post(f"{page}export/", {"channel": 0}, follow=True)
    assert "Choose one of" in read(answer)


def test_viewers_look_and_strangers_do_not(incident):
    item = ActionItemFactory(incident=incident)
    viewer, stranger = Client(), Client()
    viewer.force_login(UserFactory(team=incident.team, team__role="viewer"))
    stranger.force_login(UserFactory())
    page = f"/actions/{item.pk}/"
    assert [viewer.get(page).status_code, viewer.post(page).status_code] == [200, 403]
    assert stranger.get(page).status_code == 404
