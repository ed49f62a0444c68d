"""The pages and the API of storms and cooldowns, and alerts in groups."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Alert, AlertSeries, Integration, Storm
from incidents.queries.alert_groups import group_alerts
from incidents.queries.alerts import alert_rows_of
from tests.factories.incidents import (
    AlertFactory,
    AlertMuteFactory,
    IncidentFactory,
    IntegrationFactory,
    RecurringWindowFactory,
    StormFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries
from tests.opsportal.test_api_areas import Caller

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Api(Caller):
    """A caller that also puts and deletes."""

    def put(self, path, body):
        return self._client.put(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers=self._headers,
        )

    def delete(self, path):
        return self._client.delete(f"/api/v1{path}", headers=self._headers)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def user(service):
    return UserFactory(name="Engineer A", team=service.team, team__role="manager")


@pytest.fixture
def client(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer(service):
    client = Client()
    client.force_login(UserFactory(team=service.team, team__role="viewer"))
    return client


def make_storm(service, **fields):
    sender = IntegrationFactory(service=service, kind="webhook", name="Engine")
    values = {"sender": sender, "common": [["zone", "a", 3]], "common_of": 4}
    return StormFactory(
        service=service, began_at=timezone.now(), alert_count=4, **values | fields
    )


def make_alerts(service, count, **fields):
    return AlertFactory.create_batch(
        count, series__integration__service=service, **fields
    )


def test_a_storm_stands_above_the_day_and_the_alerts_until_it_is_over(
    client, user, service
):
    storm = make_storm(service)
    began = storm.began_at.astimezone(ZoneInfo(user.time_zone))
    words = f"Alert storm on ARQ: 4 alerts since {began:%H:%M}."
    pages = [client.get(url).content.decode() for url in ("/", "/alerts/")]
    assert all(words in page and f"/storms/{storm.pk}/" in page for page in pages)
    storm.ended_at = timezone.now()
    storm.save()
    assert words not in client.get("/alerts/").content.decode()


def test_the_page_of_a_storm_shows_what_is_common_and_applies_the_cooldown(
    client, viewer, service
):
    storm = make_storm(service)
    opened = {"opened_at": storm.began_at, "storm": storm}
    alert = make_alerts(service, 1, summary="Lag of db1", **opened)[0]
    url = f"/storms/{storm.pk}/"
    page = client.get(url).content.decode()
    for words in ("Lag of db1", "1 of 4 fire", "3 of 4", "come from Engine"):
        assert words in page
    assert "Apply the cooldown" not in viewer.get(url).content.decode()
    assert viewer.post(f"{url}cooldown/").status_code == 403
    client.post(f"{url}cooldown/")
    assert Integration.objects.get(pk=storm.sender_id).cooldown == 10 * MINUTE
    assert "Applied" in client.get(url).content.decode()
    page = client.post(f"{url}cooldown/", follow=True).content.decode()
    assert "no cooldown to apply" in page
    AlertMuteFactory(alert=alert, kind="storm", ref=f"storm:{storm.pk}", text="Told")
    assert url in client.get(f"/alerts/{alert.pk}/").content.decode()
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.get(url).status_code == 404


def test_storms_that_are_over_stay_in_a_list(client, service):
    assert "There was no storm yet" in client.get("/storms/").content.decode()
    began = timezone.now() - 2 * MINUTE
    old = make_storm(service)
    Storm.objects.update(began_at=began, ended_at=began + MINUTE)
    new = make_storm(service, common=[], incident=IncidentFactory(team=service.team))
    make_storm(ServiceFactory())
    page = client.get("/storms/").content.decode()
    assert page.index(f"/storms/{new.pk}/") < page.index(f"/storms/{old.pk}/")
    for words in ("zone=a", "1 min", "Running", new.incident.ref):
        assert words in page
    assert page.count('href="/storms/') == 2
    asked = count_queries(client, "/storms/")
    make_storm(service, ended_at=timezone.now())
    assert count_queries(client, "/storms/") == asked
    assert 'href="/storms/"' in client.get("/alerts/").content.decode()


def test_a_storm_asks_as_often_for_one_alert_as_for_three(client, service):
    storm = make_storm(service)
    counts = []
    for more in (1, 2):
        make_alerts(service, more, storm=storm)
        client.get(f"/storms/{storm.pk}/")
        counts.append(count_queries(client, f"/storms/{storm.pk}/"))
    assert counts[0] == counts[1]


def test_a_cooldown_is_set_from_an_alert_and_for_a_sender(client, service):
    alert = make_alerts(service, 1)[0]
    client.post(f"/alerts/{alert.pk}/cooldown/", {"minutes": "30"})
    series = AlertSeries.objects.get()
    assert series.cooldown == 30 * MINUTE
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert '<option value="30" selected>At most once in 30 min' in page
    client.post(f"/alerts/{alert.pk}/cooldown/", {"minutes": ""})
    series.refresh_from_db()
    assert series.cooldown is None
    page = client.post(f"/alerts/{alert.pk}/cooldown/", {"minutes": "7"}, follow=True)
    assert "Choose one of the lengths." in page.content.decode()
    sender = IntegrationFactory(service=service, kind="webhook", name="Engine")
    client.post(f"/integrations/{sender.pk}/cooldown/", {"minutes": "5"})
    sender.refresh_from_db()
    assert sender.cooldown == 5 * MINUTE
    page = client.get(f"/integrations/{sender.pk}/").content.decode()
    assert '<option value="5" selected>' in page


def test_how_long_alerts_last_is_set_on_the_page_of_their_sender(
    client, viewer, service
):
    sender = IntegrationFactory(service=service, kind="webhook", name="Engine")
    url = f"/integrations/{sender.pk}/"
    chosen = {"hold_for": "120", "clear_for": ""}
    client.post(f"{url}durations/", chosen)
    page = client.get(url).content.decode()
    assert '<option value="120" selected>When it has lasted 2 min</option>' in page
    sender.refresh_from_db()
    assert (sender.hold_for, sender.clear_for) == (2 * MINUTE, None)
    wrong = client.post(f"{url}durations/", {"clear_for": "7"}, follow=True)
    assert "Choose one of the lengths" in wrong.content.decode()
    assert viewer.post(f"{url}durations/", chosen).status_code == 403
    soon = timezone.now() + MINUTE
    alert = make_alerts(service, 1, clears_at=soon)[0]
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert "unless it fires again" in page


def test_what_flaps_says_so(client, service):
    alert = make_alerts(service, 1, series__flapping_at=timezone.now())[0]
    assert "· flapping" in client.get("/alerts/").content.decode()
    assert "Flapping" in client.get(f"/alerts/{alert.pk}/").content.decode()


def test_alerts_stand_in_groups_that_are_acted_on_as_one(client, service):
    lag = make_alerts(service, 6, labels={"alertname": "Lag"}, level=1)
    make_alerts(service, 1, labels={}, metric="errors")
    page = client.get("/alerts/?by=alertname").content.decode()
    assert page.count("<details") - page.count("<details open") >= 1
    for words in ("<h2>Lag</h2>", "6 active", "<h2>errors</h2>", "Acknowledge all"):
        assert words in page
    pks = [alert.pk for alert in lag]
    client.post("/alerts/many/", {"alert": pks, "act": "acknowledge"})
    assert Alert.objects.filter(status="acknowledged").count() == 6
    rows = alert_rows_of(pks)
    Alert.objects.filter(pk=pks[0]).delete()
    (group,) = group_alerts(rows, "alertname")
    assert (len(group.alerts), group.firing, group.tone) == (5, 0, "crit")
    assert group.is_open


def test_groups_ask_as_often_for_one_alert_as_for_three(client, service):
    counts = []
    for more in (1, 2):
        make_alerts(service, more)
        counts.append(count_queries(client, "/alerts/?by=zone"))
    assert counts[0] == counts[1]


def test_the_api_lists_storms_and_sets_cooldowns(service, user):
    api = Api(Client(), user)
    storm = make_storm(service)
    (row,) = api.get("/storms").json()["items"]
    assert (row["id"], row["service"], row["incident"]) == (storm.pk, "arq", None)
    assert row["common"] == [{"name": "zone", "value": "a", "count": 3}]
    answer = api.post(f"/storms/{storm.pk}/cooldown", {})
    assert answer.json()["cooled_at"]
    assert api.post(f"/storms/{storm.pk}/cooldown", {}).status_code == 409
    alert = make_alerts(service, 1)[0]
    for path, row in (
        (f"/alerts/{alert.pk}", alert.series),
        (f"/integrations/{storm.sender_id}", storm.sender),
    ):
        assert api.put(f"{path}/cooldown", {"seconds": 90}).status_code == 204
        row.refresh_from_db()
        assert row.cooldown == timedelta(seconds=90)
        assert api.put(f"{path}/cooldown", {"seconds": -1}).status_code == 422
        assert api.put(f"{path}/cooldown", {"seconds": None}).status_code == 204
    for path in ("/alerts/0/cooldown", "/integrations/0/cooldown"):
        assert api.put(path, {"seconds": 1}).status_code == 404
    assert api.post("/storms/0/cooldown", {}).status_code == 404


def test_the_api_says_how_long_alerts_last(service, user):
    sender, api = (
        IntegrationFactory(service=service, kind="webhook"),
        Api(Client(), user),
    )
    path, lengths = f"/integrations/{sender.pk}/durations", {"clear_for": 300}
    assert api.put(path, lengths).status_code == 204
    sender.refresh_from_db()
    assert (sender.hold_for, sender.clear_for) == (None, 5 * MINUTE)
    assert api.put(path, {"hold_for": -1}).status_code == 422
    other = IntegrationFactory(kind="webhook")
    assert api.put(f"/integrations/{other.pk}/durations", {}).status_code == 404


def test_the_api_plans_work_that_comes_back(service, user):
    api = Api(Client(), user)
    body = {
        "service": "arq",
        "reason": "Load test",
        "frequency": "weekly",
        "weekdays": [0, 5, 5],
        "starts": "02:00",
        "minutes": 120,
        "time_zone": "Europe/Berlin",
        "first_on": "2026-01-14",
    }
    made = api.post("/maintenance/recurring", body)
    assert made.status_code == 201
    assert made.json()["rule"].startswith("Every Monday and Saturday from 02:00")
    (row,) = api.get("/maintenance/recurring").json()
    assert len(row["upcoming"]) == 5
    for changes in ({"service": "other"}, {"time_zone": "Moon"}, {"weekdays": []}):
        answer = api.post("/maintenance/recurring", body | changes)
        assert answer.status_code == 422
    path = f"/maintenance/recurring/{row['id']}"
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 404
    theirs = RecurringWindowFactory()
    assert api.delete(f"/maintenance/recurring/{theirs.pk}").status_code == 404


def test_the_day_shows_ten_alerts_and_how_many_more_there_are(client, service):
    make_alerts(service, 12)
    page = client.get("/").content.decode()
    assert page.count("Error rate of endpoint") == 10 * 2
    assert "and 2 more" in page
