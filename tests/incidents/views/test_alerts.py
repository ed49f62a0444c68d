"""The pages of alerts, with and without a script."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents import queries
from incidents.models import Alert
from incidents.views import alerts as views
from opsportal.kit import long_lists
from tests.factories.incidents import (
    AlertEventFactory,
    AlertFactory,
    IncidentFactory,
    IntegrationFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def engineer(service):
    return UserFactory(name="Engineer A", team=service.team)


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


def make(service, **fields):
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "last_seen_at": now}
    return AlertFactory(series__integration__service=service, **times | fields)


@pytest.mark.parametrize("tab", ["active", "review", "history"])
def test_the_list_asks_as_often_for_one_as_for_three(client, service, tab):
    trait = {"is_resolved": tab == "history"}
    make(service, **trait)
    client.get(f"/alerts/?tab={tab}")
    counts = []
    for more in (0, 2):
        AlertFactory.create_batch(more, series__integration__service=service, **trait)
        counts.append(count_queries(client, f"/alerts/?tab={tab}"))
    assert counts[0] == counts[1]


def test_the_page_of_an_alert_asks_as_often_for_one_event_as_for_three(client, service):
    alert = make(service)
    counts = []
    for more in (1, 2):
        AlertEventFactory.create_batch(more, alert=alert, actor=UserFactory())
        client.get(f"/alerts/{alert.pk}/")
        counts.append(count_queries(client, f"/alerts/{alert.pk}/"))
    assert counts[0] == counts[1]


def test_what_has_no_end_is_not_counted_to_it(client, service, monkeypatch):
    monkeypatch.setattr(long_lists, "MOST_ROWS", 2)
    monkeypatch.setattr(queries, "MOST_COUNTED", 3)
    monkeypatch.setattr(queries.alerts, "MOST_COUNTED", 3)
    monkeypatch.setattr(views, "_PAGE", 1)
    for count, words in ((2, "2 of 2</span>"), (3, "2 of 2 and more</span>")):
        have = Alert.objects.count()
        AlertFactory.create_batch(
            count - have, series__integration__service=service, is_resolved=True
        )
        page = client.get("/alerts/?tab=history&page=9").content.decode()
        assert words in page
        assert ('<span class="count quiet">2+</span>' in page) == (count == 3)


def test_a_long_list_comes_in_pages_and_its_groups_as_wholes(client, service):
    AlertFactory.create_batch(views._PAGE + 1, series__integration__service=service)
    for query, first, then in (("", views._PAGE, 1), ("&by=service", 51, 51)):
        for page, rows in ((1, first), (2, then)):
            url = f"/alerts/?tab=active&page={page}{query}"
            assert client.get(url).content.count(b'class="item"') == rows


def test_active_alerts_stand_under_their_service_with_what_they_measured(
    client, service
):
    make(service, summary="Lag is up", value="450 ms", threshold="< 100 ms")
    page = client.get("/alerts/").content.decode()
    assert "<h2>ARQ</h2>" in page
    assert "Lag is up" in page
    assert "450 ms" in page
    assert 'data-key="x"' in page


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/alerts/", "Nothing fires"),
        ("/alerts/?tab=review", "All reviewed"),
        ("/alerts/?tab=history", "No alert has ended yet"),
        ("/alerts/?q=nothing", "No alert fits"),
        ("/alerts/?tab=nonsense&level=9&page=x", "No"),
    ],
)
def test_an_empty_list_says_so(client, url, words):
    assert words in client.get(url).content.decode()


def test_acknowledging_offers_to_take_it_back(client, service, engineer):
    alert = make(service)
    answer = client.post(
        f"/alerts/{alert.pk}/acknowledge/", {"next": "/alerts/?q=a"}, follow=True
    )
    assert answer.redirect_chain == [("/alerts/?q=a", 302)]
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("acknowledged", engineer)
    undo = f"/alerts/{alert.pk}/unacknowledge/"
    assert undo in answer.content.decode()
    client.post(undo)
    alert.refresh_from_db()
    assert alert.status == "firing"


def test_a_second_acknowledgement_is_told_what_is_possible(client, service):
    alert = make(service, status="acknowledged")
    url = f"/alerts/{alert.pk}/acknowledge/"
    answer = client.post(url, follow=True)
    assert answer.redirect_chain == [(f"/alerts/{alert.pk}/", 302)]
    assert "can become firing or resolved" in answer.content.decode()
    quick = client.post(url, headers=HTMX)
    assert quick.status_code == 409
    assert "can become firing or resolved" in quick.content.decode()


def test_a_script_gets_the_list_alone_with_its_filter(client, service):
    alert = make(service, summary="Lag is up")
    make(service, summary="Disk is full")
    answer = client.post(
        f"/alerts/{alert.pk}/resolve/", {"next": "/alerts/?q=disk"}, headers=HTMX
    )
    page = answer.content.decode()
    assert page.startswith('<div id="alerts">')
    assert "Disk is full" in page
    assert "Resolved: Lag is up" in page


def test_chosen_alerts_are_reviewed_at_once(client, service):
    alerts = [make(service) for _ in range(3)]
    chosen = [alerts[0].pk, alerts[2].pk, "x", "9" * 30]
    answer = client.post("/alerts/review/", {"alert": chosen}, follow=True)
    assert "2 alerts reviewed." in answer.content.decode()
    left = Alert.objects.filter(reviewed_at=None)
    assert [alert.pk for alert in left] == [alerts[1].pk]
    one = client.post("/alerts/review/", {"alert": alerts[1].pk}, follow=True)
    assert "1 alert reviewed." in one.content.decode()


def test_the_page_of_an_alert_shows_all_that_was_said(client, service, engineer):
    alert = make(
        service,
        status="resolved",
        resolved_at=timezone.now(),
        resolved_by=engineer,
        level=3,
        peak_level=1,
        event_count=7,
        labels={"host": "db1"},
        description="**Very** <script>alert(1)</script>",
        source_url="/checks/7/",
        incident=IncidentFactory(service=service),
    )
    AlertEventFactory(alert=alert, kind="noted", text="Known since Monday")
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    for words in (
        "was Critical",
        "7 signals",
        "db1",
        "<strong>Very</strong>",
        'href="/checks/7/"',
        "Known since Monday",
        alert.incident.ref,
        "2.3 %",
    ):
        assert words in page
    assert "<script>alert" not in page


def test_a_senders_link_is_only_one_when_a_browser_opens_it(client, service):
    alert = make(service, source_url="javascript:alert(1)")
    assert "javascript:" not in client.get(f"/alerts/{alert.pk}/").content.decode()


def test_what_others_write_is_no_markdown(client, service):
    written = "* not a list\n**see** https://example.org/x <b>"
    ours = make(service, description=written)
    sender = IntegrationFactory(service=service, kind="email", name="Mail")
    theirs = AlertFactory(series__integration=sender, description=written)
    assert "<strong>see</strong>" in client.get(f"/alerts/{ours.pk}/").content.decode()
    page = client.get(f"/alerts/{theirs.pk}/").content.decode()
    assert "* not a list<br>**see** <a href" in page
    assert "&lt;b&gt;" in page


def test_a_note_stays_and_an_empty_one_is_refused(client, service):
    alert = make(service)
    url = f"/alerts/{alert.pk}/note/"
    page = client.post(url, {"text": "Seen it"}, follow=True).content.decode()
    assert "Seen it" in page
    page = client.post(url, {"text": " "}, follow=True).content.decode()
    assert "Write a few words first." in page
