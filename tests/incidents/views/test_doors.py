"""Doors for machines: exact answers, whatever comes."""

import base64
import hashlib
import hmac
import json

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from incidents.models import Alert, IngestEvent, Integration
from incidents.services.inbox import apply_inbox
from incidents.services.messages import MOST_BODY
from opsportal.kit.tokens import hash_token
from tests.factories.incidents import IntegrationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KEY = "k" * 32
HOOKS = ("alertmanager", "grafana", "sns", "sentry", "webhook")
LABELS = {"alertname": "DiskFull", "severity": "critical"}


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True)


def make(kind, **fields):
    return IntegrationFactory(
        kind=kind,
        name=kind,
        **{"key_hash": hash_token(KEY), "key_made_at": timezone.now()} | fields,
    )


def post(client, path, value, **headers):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    answer = client.generic("POST", path, body, headers=headers)
    apply_inbox(now=timezone.now())
    return answer


def event(**changes):
    payload = {"summary": "Disk full", "source": "db1", "severity": "critical"}
    fields = {"routing_key": KEY, "event_action": "trigger", "payload": payload}
    return fields | changes


def test_an_event_of_pagerduty_is_answered_as_pagerduty_does(client):
    make("pagerduty")
    answer = post(client, "/v2/enqueue", event(dedup_key="disk"))
    assert answer.status_code == 202
    assert answer.json() == {
        "status": "success",
        "message": "Event processed",
        "dedup_key": "disk",
    }
    assert "sessionid" not in answer.cookies
    kept = IngestEvent.objects.get()
    assert KEY.encode() not in bytes(kept.body)
    assert kept.alert == Alert.objects.get()
    bare = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "disk"}
    assert post(client, "/v2/enqueue", bare).status_code == 202
    assert Alert.objects.get().status == "resolved"


def test_a_trigger_without_a_key_gets_one(client):
    make("pagerduty")
    answer = post(client, "/v2/enqueue", event())
    assert len(answer.json()["dedup_key"]) == 32


def invalid(*errors):
    return {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": list(errors),
    }


def test_wrong_events_are_refused_in_pagerdutys_words(client):
    make("pagerduty")
    length = "Length of 'routing_key' is incorrect (should be 32 characters)"
    for sent, said in (
        (event(routing_key="short"), invalid(length)),
        (event(routing_key="x" * 32), invalid("Invalid routing key")),
        (event(payload=None), invalid("'payload' is missing or blank")),
        (
            b"{",
            {
                "status": "Unrecognized object",
                "message": "Event object format is unrecognized",
                "errors": ["JSON parse error"],
            },
        ),
    ):
        answer = post(client, "/v2/enqueue", sent)
        assert (answer.status_code, answer.json()) == (400, said)
    assert IngestEvent.objects.get().status == "rejected"


def test_a_header_key_a_change_and_the_older_api_are_taken(client):
    make("pagerduty")
    sent = event(dedup_key="a")
    del sent["routing_key"]
    headers = {"X-Routing-Key": KEY}
    assert post(client, "/v2/enqueue", sent, **headers).status_code == 202
    change = {"routing_key": KEY, "payload": {"summary": "v2"}}
    answer = post(client, "/v2/change/enqueue", change)
    assert (answer.status_code, answer.json()) == (
        202,
        {"status": "success", "message": "Change event processed"},
    )
    old = {"service_key": KEY, "event_type": "trigger", "description": "Disk full"}
    answer = post(client, "/generic/2010-04-15/create_event.json", old)
    assert answer.status_code == 200
    assert len(answer.json()["incident_key"]) == 32


def webhook(status="firing"):
    alert = {"status": status, "labels": LABELS, "startsAt": "2026-01-14T10:00:00Z"}
    return {"version": "4", "alerts": [alert], "truncatedAlerts": 1}


def test_a_webhook_of_alertmanager_fires_and_resolves(client):
    make("alertmanager")
    path = f"/ingest/alertmanager/{KEY}"
    answer = post(client, path, webhook())
    assert (answer.status_code, answer.content) == (
        200,
        b"accepted\n",
    )
    [kept] = IngestEvent.objects.all()
    assert kept.reason == "1 alerts were left out by the sender; 1 opened"
    assert post(client, path, webhook("resolved")).status_code == 200
    assert Alert.objects.get().status == "resolved"
    assert post(client, path, {}).content == b"alerts: A list of alerts is missing.\n"


def sign(text):
    return hmac.new(b"s", text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("kind", "header", "more"),
    [
        ("grafana", "X-Grafana-Alerting-Signature", {}),
        ("sentry", "Sentry-Hook-Signature", {"Sentry-Hook-Resource": "comment"}),
    ],
)
def test_a_signature_is_asked_where_a_secret_is_set(client, kind, header, more):
    make(kind, secret="s")
    body = json.dumps(webhook()).encode()
    path = f"/ingest/{kind}/{KEY}"
    assert post(client, path, body, **more).status_code == 401
    assert post(client, path, body, **more, **{header: "bad"}).status_code == 401
    good = {header: sign(body)}
    assert post(client, path, body, **more, **good).status_code == 200


def test_any_json_is_answered_with_its_key_and_known_again(client):
    make("webhook", field_mapping={"summary": "data.title"})
    sent = {"data": {"title": "Queue long"}, "dedup_key": "q"}
    path = f"/ingest/webhook/{KEY}"
    for status in ("accepted", "duplicate"):
        answer = post(client, path, sent, **{"Idempotency-Key": "m-1"})
        assert answer.status_code == 202
        said = answer.json()
        assert (said["dedup_key"], said["status"]) == ("q", status)
    assert Alert.objects.get().event_count == 1


def test_a_mail_is_taken_as_it_came_and_cut_where_it_is_long(client):
    sender = make("email")
    path = f"/ingest/email/{KEY}"
    mail = f"From: a@b.example\nTo: {KEY}@c.example\nSubject: Disk full\nMessage-ID: <1@b>\n\n"
    for status in ("accepted", "duplicate"):
        answer = post(client, path, mail.encode() + b"x" * 2 * MOST_BODY)
        assert (answer.status_code, answer.json()["status"]) == (202, status)
    assert KEY.encode() not in bytes(IngestEvent.objects.first().body)
    assert Alert.objects.get().series.dedup_key == answer.json()["dedup_key"]
    assert post(client, path, b"{").status_code == 400
    assert post(client, f"/ingest/email/{'x' * 32}", mail.encode()).status_code == 404
    Integration.objects.filter(pk=sender.pk).update(is_enabled=False)
    assert post(client, path, mail.encode()).status_code == 404
    assert client.get(path).status_code == 405


def test_a_heartbeat_may_be_a_plain_get(client):
    make("heartbeat")
    for method in (client.get, client.head, client.post):
        assert method(f"/ingest/heartbeat/{KEY}").status_code == 200
    assert IngestEvent.objects.count() == 3


@pytest.mark.parametrize("kind", HOOKS)
def test_what_is_wrong_is_400_unknown_404_large_413(client, kind):
    sender = make(kind)
    path = f"/ingest/{kind}/{KEY}"
    assert post(client, f"/ingest/{kind}/{'x' * 32}", {}).status_code == 404
    assert post(client, path, b"{").status_code == 400
    assert IngestEvent.objects.get().reason == "body: JSON parse error"
    assert post(client, path, b" " * (MOST_BODY + 1)).status_code == 413
    Integration.objects.filter(pk=sender.pk).update(is_enabled=False)
    assert post(client, path, webhook()).status_code == 404
    kept = IngestEvent.objects.first()
    assert kept.reason == "The integration is switched off."
    assert client.get(path).status_code == 405


def test_a_key_opens_only_the_door_of_its_kind(client):
    make("grafana")
    assert post(client, f"/ingest/alertmanager/{KEY}", webhook()).status_code == 404
    assert post(client, "/v2/enqueue", event()).status_code == 400


def test_a_sender_that_is_switched_off_has_no_valid_key(client):
    make("pagerduty", is_enabled=False)
    answer = post(client, "/v2/enqueue", event())
    assert answer.json() == invalid("Invalid routing key")


def test_overload_is_503_to_be_tried_again(client, monkeypatch):
    def fail(*_args, **_named):
        raise OperationalError("database is locked")

    monkeypatch.setattr("incidents.services.inbox.store", fail)
    monkeypatch.setattr("incidents.services.intake.take_heartbeat", fail)
    sent = {
        "pagerduty": event(routing_key="pagerduty".ljust(32, "k")),
        "prometheus": [{"labels": LABELS}],
        "alertmanager": webhook(),
        "grafana": webhook(),
        "sentry": {"action": "created", "data": {}},
        "webhook": {"summary": "Queue long"},
        "email": b"Subject: Queue long\n\n",
        "heartbeat": {},
    }
    for kind, body in sent.items():
        key = kind.ljust(32, "k")
        make(kind, key_hash=hash_token(key))
        paths = {
            "pagerduty": "/v2/enqueue",
            "prometheus": f"/ingest/prometheus/{key}/api/v2/alerts",
        }
        answer = post(client, paths.get(kind, f"/ingest/{kind}/{key}"), body)
        assert (kind, answer.status_code) == (kind, 503)
        assert answer["Retry-After"] == "5"


def test_prometheus_takes_us_for_an_alertmanager(client):
    sender = make("prometheus")
    prefix = f"/ingest/prometheus/{KEY}/api/v2"
    sent = [{"labels": LABELS, "endsAt": "2099-01-01T00:00:00Z"}]
    answer = post(client, f"{prefix}/alerts", sent)
    assert (answer.status_code, answer.content) == (200, b"")
    [shown] = client.get(f"{prefix}/alerts").json()
    assert (shown["labels"], shown["status"]["state"]) == (LABELS, "active")
    for query, count in (
        ({"filter": 'alertname="DiskFull"'}, 1),
        ({"filter": "alertname=Other"}, 0),
        ({"active": "false"}, 0),
        ({"receiver": "ops.*"}, 1),
        ({"receiver": "ops"}, 0),
    ):
        assert len(client.get(f"{prefix}/alerts", query).json()) == count
        assert len(client.get(f"{prefix}/alerts/groups", query).json()) == count
    for query in ({"filter": "!"}, {"receiver": "("}):
        assert client.get(f"{prefix}/alerts", query).status_code == 400
    [group] = client.get(f"{prefix}/alerts/groups").json()
    assert len(group["alerts"]) == 1
    assert client.get(f"{prefix}/silences").json() == []
    assert client.get(f"{prefix}/receivers").json() == [{"name": "opsportal"}]
    assert client.get(f"{prefix}/status").json()["cluster"]["status"] == "ready"
    answer = post(client, f"{prefix}/alerts", {})
    assert (answer.status_code, answer.json()[:5]) == (400, "body:")
    Integration.objects.filter(pk=sender.pk).update(is_enabled=False)
    assert post(client, f"{prefix}/alerts", sent).status_code == 401
    assert client.get(f"{prefix}/alerts").status_code == 401
    assert IngestEvent.objects.filter(status="rejected").count() == 2


def basic(text):
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def test_the_key_may_be_a_bearer_or_a_password(client):
    make("prometheus")
    for given, status in (
        (f"Bearer {KEY}", 200),
        (basic(f"prometheus:{KEY}"), 200),
        (basic("prometheus:other"), 401),
        ("Basic *", 401),
        ("Digest x", 401),
        ("", 401),
    ):
        headers = {"Authorization": given}
        for word in ("alerts", "alerts/groups", "silences", "receivers", "status"):
            found = client.get(f"/api/v2/{word}", headers=headers)
            assert found.status_code == status
