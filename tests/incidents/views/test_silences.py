"""The pages of silences, and Alertmanager's way to make them."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Alert, Integration, Silence
from opsportal.kit.tokens import hash_token
from tests.factories.incidents import (
    AlertFactory,
    AlertMuteFactory,
    IntegrationFactory,
    SilenceFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
KEY = "k" * 32
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ", slug="arq")


@pytest.fixture
def engineer(service):
    return UserFactory(name="Engineer A", team=service.team, time_zone="UTC")


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


@pytest.fixture
def api(service):
    """Call Alertmanager's API with the key of a sender of the service."""
    IntegrationFactory(
        service=service,
        kind=Integration.Kind.PROMETHEUS,
        name="Prometheus",
        key_hash=hash_token(KEY),
    )
    client = Client()

    def call(method, path, body=None):
        return client.generic(
            method,
            f"/ingest/prometheus/{KEY}/api/v2/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
        )

    return call


def make(service, **fields):
    now = timezone.now()
    values = {"starts_at": now - HOUR, "last_seen_at": now, "labels": {"host": "db1"}}
    return AlertFactory(series__integration__service=service, **values | fields)


def silence(service, **fields):
    now = timezone.now()
    times = {"starts_at": now - HOUR, "ends_at": now + HOUR}
    return SilenceFactory(team=service.team, **times | fields)


def fill(service, **changes):
    ends_at = timezone.now() + 2 * HOUR
    return {
        "scope": f"service:{service.pk}",
        "matchers": 'host=~"db[0-9]"\n\nmetric=error_rate',
        "starts_at": "",
        "ends_at": f"{ends_at:%Y-%m-%dT%H:%M}",
        "comment": "Disk is replaced",
    } | changes


def test_the_list_tells_active_pending_and_expired_apart(client, service):
    now = timezone.now()
    silence(service)
    silence(service, starts_at=now + HOUR, ends_at=now + 2 * HOUR, comment="Soon")
    silence(service, ends_at=now, comment="Over")
    SilenceFactory(comment="Of strangers", ends_at=now + HOUR)
    page = client.get("/silences/").content.decode()
    for words in ("Active", "Pending", "Expired", "Soon", "Over", "host=&quot;db1"):
        assert words in page
    assert "Of strangers" not in page
    count = count_queries(client, "/silences/")
    silence(service)
    assert count_queries(client, "/silences/") == count


def test_an_empty_list_says_so(client):
    assert "Nothing is silenced" in client.get("/silences/").content.decode()


def test_a_preview_names_what_would_be_mute_and_saves_nothing(client, service):
    alert = make(service)
    make(service, labels={"host": "web1"})
    make(ServiceFactory(team=service.team))
    page = client.post("/silences/new/", fill(service, preview="1"))
    words = page.content.decode()
    assert "Would mute 1 alert now" in words
    assert alert.summary in words
    whole = fill(service, preview="1", scope=f"team:{service.team_id}")
    assert "2 alerts" in client.post("/silences/new/", whole).content.decode()
    assert not Silence.objects.exists()


def test_an_alert_is_silenced_from_its_page(client, service):
    alert = make(service)
    bare = make(service, labels={})
    page = client.get(f"/silences/new/?alert={alert.pk}").content.decode()
    assert "host=&quot;db1&quot;" in page
    page = client.get(f"/silences/new/?alert={bare.pk}").content.decode()
    assert f"dedup_key=&quot;{bare.series.dedup_key}&quot;" in page
    answer = client.post("/silences/new/", fill(service))
    assert (answer.status_code, answer.url) == (302, "/silences/")
    alert.refresh_from_db()
    assert alert.muted_at is not None
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert "Why it tells nobody" in page
    assert "Disk is replaced" in page
    assert "tells nobody" in client.get("/alerts/").content.decode()


def test_the_page_of_a_rung_links_to_the_worse_one(client, service):
    worse, alert = make(service), make(service)
    AlertMuteFactory(alert=alert, kind="ladder", ref=f"alert:{worse.pk}", text="Worse")
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert f'href="/alerts/{worse.pk}/"' in page


def test_chosen_alerts_are_taken_ended_or_silenced_together(client, service):
    pks = [make(service, labels={"host": "db1"}, metric="").pk for _ in range(2)]
    bare = make(ServiceFactory(team=service.team), labels={}).pk
    named = make(service, labels={"host": "db1", "alertname": "DiskFull"}).pk
    other = make(service, labels={"host": "db1"}, metric="disk").pk
    page = client.get("/alerts/").content.decode()
    assert page.count('form="bulk"') == 5

    def act(word, *chosen):
        said = {"act": word, "alert": chosen, "next": "/alerts/"}
        return client.post("/alerts/many/", said)

    def begins_with(*chosen):
        page = client.get(act("silence", *chosen).url).content.decode()
        [text] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
        return unescape(text).strip().splitlines()

    # A host alone would mute whatever else happens there.
    assert begins_with(named) == ['alertname="DiskFull"', 'host="db1"']
    assert begins_with(other) == ['metric="disk"', 'host="db1"']
    assert [line.partition("=")[0] for line in begins_with(*pks)] == ["dedup_key"]
    many = [make(service, labels={}).pk for _ in range(11)]
    page = client.get(act("silence", *many).url).content.decode()
    assert "It begins with the first 10 of the 11 chosen." in page
    form = client.get(act("silence", pks[0], bare).url).content.decode()
    assert "dedup_key=~&quot;check\\\\:" in form
    assert f'value="team:{service.team_id}" selected' in form
    assert act("acknowledge", *pks).url == "/alerts/"
    assert Alert.objects.filter(status="acknowledged").count() == 2
    act("resolve", *pks)
    assert Alert.objects.filter(status="resolved").count() == 2
    assert (
        "Choose alerts first"
        in client.post(
            "/alerts/many/", {"act": "resolve"}, follow=True
        ).content.decode()
    )
    viewer = Client()
    viewer.force_login(UserFactory(team=service.team, team__role="viewer"))
    assert viewer.post("/alerts/many/", {"alert": [bare]}).status_code == 403


def test_the_page_of_an_alert_shows_those_like_it(client, service):
    alert = make(service)
    again = make(service, series=alert.series, is_resolved=True, summary="Again")
    make(service, is_resolved=True, summary="Same metric")
    make(service, is_resolved=True, summary="Else", metric="lag")
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert page.index("Again") < page.index("Same metric")
    assert "Else" not in page
    bare = make(service, metric="")
    assert "Like it before" not in client.get(f"/alerts/{bare.pk}/").content.decode()
    assert again.pk


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"matchers": "host"}, "bad matcher format"),
        ({"matchers": "host=~("}, "bad regular expression"),
        ({"matchers": 'host=""'}, "mute everything"),
        ({"comment": ""}, "required"),
        ({"ends_at": "2020-01-01T00:00"}, "over already"),
        ({"scope": "team:0"}, "valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_where_it_stands(client, service, changes, words):
    answer = client.post("/silences/new/", fill(service, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_silence_is_changed_and_ended(client, service):
    row = silence(service)
    url = f"/silences/{row.pk}/edit/"
    assert "Disk is replaced" in client.get(url).content.decode()
    kept = {
        "matchers": 'host="db1"',
        "starts_at": f"{row.starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{row.ends_at:%Y-%m-%dT%H:%M}",
        "comment": "Takes longer",
    }
    preview = client.post(url, kept | {"preview": "1"}).content.decode()
    assert "Would mute nothing now" in preview
    assert client.post(url, kept | {"comment": ""}).status_code == 422
    past = kept | {"ends_at": "2020-01-01T00:00"}
    assert client.post(url, past).status_code == 422
    assert client.post(url, kept).status_code == 302
    before = row.ends_at
    row.refresh_from_db()
    assert (row.comment, row.ends_at) == ("Takes longer", before)
    client.post(f"/silences/{row.pk}/expire/")
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()
    answer = client.post(f"/silences/{row.pk}/expire/", follow=True)
    assert "This silence is over" in answer.content.decode()


def test_strangers_and_viewers_silence_nothing(client, service):
    foreign = SilenceFactory()
    assert client.get(f"/silences/{foreign.pk}/edit/").status_code == 404
    viewer = Client()
    viewer.force_login(UserFactory(team=service.team, team__role="viewer"))
    row = silence(service)
    assert viewer.get("/silences/").status_code == 200
    assert viewer.get("/silences/new/").status_code == 403
    assert viewer.post(f"/silences/{row.pk}/expire/").status_code == 403


def posted(**changes):
    now = timezone.now()
    return {
        "matchers": [{"name": "host", "value": "db.*", "isRegex": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + HOUR).isoformat(),
        "createdBy": "ops",
        "comment": "Replaced",
    } | changes


def test_alertmanagers_clients_add_list_change_and_end(api, service):
    api("POST", "alerts", [{"labels": {"alertname": "Lag", "host": "db1"}}])
    made = api("POST", "silences", posted()).json()["silenceID"]
    row = Silence.objects.get(public_id=made)
    assert (row.author, row.service, row.team) == ("ops", service, service.team)
    alert = api("GET", "alerts").json()[0]
    assert alert["status"] == {
        "inhibitedBy": [],
        "silencedBy": [made],
        "state": "suppressed",
    }
    for query, count in (("silenced=false", 0), ("active=false", 1), ("", 1)):
        assert len(api("GET", f"alerts?{query}").json()) == count
    assert [each["id"] for each in api("GET", "silences").json()] == [made]
    assert api("GET", "silences?filter=host=db1").json() == []
    assert len(api("GET", 'silences?filter=host%3D~"db.*"').json()) == 1
    change = posted(id=made, comment="Longer")
    assert api("POST", "silences", change).json() == {"silenceID": made}
    shown = api("GET", f"silence/{made}").json()
    assert (shown["comment"], shown["status"]["state"]) == ("Longer", "active")
    later = timezone.now() + HOUR
    ahead = posted(startsAt=later.isoformat(), endsAt=(later + HOUR).isoformat())
    other = api("POST", "silences", ahead).json()["silenceID"]
    assert api("GET", f"silence/{other}").json()["status"]["state"] == "pending"
    assert api("DELETE", f"silence/{made}").status_code == 200
    assert api("DELETE", f"silence/{made}").status_code == 400
    assert api("GET", f"silence/{made}").json()["status"]["state"] == "expired"
    assert Alert.objects.get().muted_at is None
    assert api("GET", "alerts?active=false").json() == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"matchers": []}, 400),
        ({"matchers": [{"name": "9", "value": "x"}]}, 400),
        ({"comment": ""}, 400),
        ({"endsAt": None}, 400),
        ({"id": "x"}, 400),
        ({"id": "b5a0a5a0-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_a_silence_that_is_none_is_refused_in_words(api, changes, status):
    assert api("POST", "silences", posted(**changes)).status_code == status


def test_who_has_no_key_sees_no_silences(api):
    assert Client().get("/api/v2/silences").status_code == 401
    unknown = "b5a0a5a0-0000-4000-8000-000000000000"
    assert Client().get(f"/api/v2/silence/{unknown}").status_code == 401
    assert api("GET", f"silence/{unknown}").status_code == 404
    assert api("GET", "silence/x").status_code == 400
    assert api("GET", "silences?filter=x").status_code == 400
