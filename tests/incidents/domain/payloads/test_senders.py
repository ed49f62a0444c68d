"""The payloads of Alertmanager, Grafana, Sentry, SNS and anybody's JSON."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from incidents.domain.payloads import alertmanager, generic, grafana, sentry, sns
from incidents.domain.payloads.signal import ParseError
from tests.conftest import NOW

HOUR = timedelta(hours=1)
LABELS = {"alertname": "DiskFull", "severity": "critical", "instance": "db1:9100"}


def write(value) -> bytes:
    return json.dumps(value).encode()


def webhook(**changes):
    alert = {
        "status": "firing",
        "labels": LABELS,
        "annotations": {"summary": "Disk full on db1", "description": "3 % left"},
        "startsAt": "2026-01-14T10:30:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "0f1e",
    }
    return write({"version": "4", "truncatedAlerts": 2, "alerts": [alert | changes]})


def test_each_alert_of_a_webhook_is_a_signal_of_its_own_status():
    [signal] = alertmanager.read_webhook(webhook())
    assert (signal.action, signal.summary) == ("trigger", "Disk full on db1")
    assert (signal.description, signal.metric) == ("3 % left", "DiskFull")
    assert (signal.severity, signal.labels) == ("critical", LABELS)
    assert signal.source_url == "http://prometheus/graph"
    assert signal.starts_at == signal.episode_at
    assert signal.starts_at.microsecond == 123456
    [over] = alertmanager.read_webhook(webhook(status="resolved"))
    assert (over.action, over.dedup_key) == ("resolve", signal.dedup_key)
    assert alertmanager.count_truncated(webhook()) == 2
    assert alertmanager.count_truncated(write({"truncatedAlerts": True})) == 0


def test_an_alert_says_where_else_its_sender_leads():
    notes = {
        "summary": "Disk full",
        "description": "3 % left",
        "runbook_url": "https://runbooks.example.org/disk",
        "script": "javascript:alert(1)",
    }
    [signal] = alertmanager.read_webhook(
        webhook(
            annotations=notes,
            panelURL="https://grafana.example.org/p",
            dashboardURL="https://grafana.example.org/d",
            silenceURL=7,
        )
    )
    assert signal.source_url == "https://grafana.example.org/p"
    assert signal.description.splitlines() == [
        "3 % left",
        "runbook_url: https://runbooks.example.org/disk",
        "dashboardURL: https://grafana.example.org/d",
    ]


def test_an_alert_without_words_says_its_labels():
    [signal] = alertmanager.read_webhook(
        webhook(labels={"job": "node"}, annotations={}, generatorURL="")
    )
    assert (signal.summary, signal.source_url) == ("job=node", "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (write({}), "alerts"),
        (write([]), "body"),
        (write({"alerts": [{"labels": {}}]}), "alerts.0.labels"),
        (webhook(status="perhaps"), "alerts.0.status"),
        (write({"alerts": [{}] * 5_001}), "alerts"),
    ],
)
def test_a_webhook_that_says_nothing_is_refused_by_field(body, field):
    with pytest.raises(ParseError) as caught:
        alertmanager.read_webhook(body)
    assert caught.value.field == field


def test_a_posted_alert_ends_when_its_sender_says():
    def post(**times):
        return alertmanager.read_posted(write([{"labels": LABELS, **times}]), NOW)[0]

    def at(moment):
        return moment.isoformat()

    assert post().expires_at == NOW + timedelta(minutes=5)
    assert post(endsAt=at(NOW + HOUR)).expires_at == NOW + HOUR
    over = post(startsAt=at(NOW - HOUR), endsAt=at(NOW))
    assert (over.action, over.expires_at) == ("resolve", None)
    with pytest.raises(ParseError, match="before end"):
        post(startsAt=at(NOW), endsAt=at(NOW - HOUR))


def test_grafana_of_both_ages_is_read():
    assert grafana.read_webhook(webhook())[0].summary == "Disk full on db1"
    old = {
        "ruleId": 7,
        "ruleName": "Disk",
        "ruleUrl": "https://grafana.example.org/d/1",
        "state": "alerting",
        "message": "Look",
        "tags": {"host": "db1"},
        "evalMatches": [{"metric": "free", "value": 3}],
    }
    [signal] = grafana.read_webhook(write(old))
    assert (signal.action, signal.dedup_key, signal.summary) == (
        *("trigger", "rule:7"),
        "Disk",
    )
    assert (signal.metric, signal.value) == ("free", "3")
    bare = {"ruleId": 7, "state": "ok"}
    assert grafana.read_webhook(write(bare))[0].action == "resolve"
    with pytest.raises(ParseError, match="A state is"):
        grafana.read_webhook(write(old | {"state": "odd"}))


def sign(secret, text):
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def test_a_grafana_signature_covers_the_body_and_perhaps_the_time():
    plain = sign(b"s", b"{}")
    timed = sign(b"s", b"7:{}")
    assert grafana.is_signed(b"{}", secret="s", signature=plain, sent_at="")
    assert grafana.is_signed(b"{}", secret="s", signature=timed, sent_at="7")
    assert not grafana.is_signed(b"{}", secret="s", signature=plain, sent_at="7")
    assert not grafana.is_signed(b"{}", secret="s", signature="é", sent_at="")
    empty = sign(b"", b"{}")
    assert not grafana.is_signed(b"{}", secret="", signature=empty, sent_at="")


def test_sentry_closes_by_issue_what_an_event_opened():
    event = {
        "issue_id": "42",
        "title": "ValueError",
        "culprit": "app.views",
        "level": "error",
        "web_url": "https://sentry.example.org/1",
        "tags": [["host", "db1"], "odd"],
        "environment": "prod",
    }
    body = write({"action": "triggered", "data": {"event": event}})
    [opened] = sentry.read_webhook(body, resource="event_alert")
    assert opened.labels == {"host": "db1", "environment": "prod"}
    body = write({"action": "resolved", "data": {"issue": {"id": 42}}})
    [closed] = sentry.read_webhook(body, resource="issue")
    assert (opened.dedup_key, opened.action) == ("issue:42", "trigger")
    assert (closed.dedup_key, closed.action) == ("issue:42", "resolve")
    assert sentry.read_webhook(write({"action": 1}), resource="issue") == []
    with pytest.raises(ParseError, match="An id"):
        sentry.read_webhook(write({}), resource="event_alert")


def test_a_metric_of_sentry_fires_and_ends():
    def read(action):
        data = {"metric_alert": {"id": 9}, "description_title": "Slow"}
        body = write({"action": action, "data": data})
        return sentry.read_webhook(body, resource="metric_alert")[0]

    assert (read("warning").severity, read("warning").action) == ("warning", "trigger")
    assert (read("resolved").severity, read("resolved").action) == ("", "resolve")
    with pytest.raises(ParseError, match="An action is"):
        read("odd")


def test_a_sentry_signature_covers_the_body():
    assert sentry.is_signed(b"{}", secret="s", signature=sign(b"s", b"{}"))
    assert not sentry.is_signed(b"{}", secret="", signature=sign(b"", b"{}"))


def read(message, **mapping):
    return generic.read_webhook(write(message), mapping, NOW)


def test_any_json_is_read_by_usual_names():
    signal = read(
        {
            "title": "Queue long",
            "severity": "high",
            "source": "worker",
            "value": 0,
            "labels": {"queue": "mail"},
            "timestamp": "2036-01-14T10:30:00Z",
        }
    )
    assert (signal.summary, signal.value) == ("Queue long", "0")
    assert signal.labels == {"source": "worker", "queue": "mail"}
    # What a sender dates in the future began now.
    assert signal.starts_at == NOW
    assert read({"text": "x"}).starts_at is None


def test_a_mapping_finds_fields_where_they_are():
    message = {"data": {"items": [{"name": "Queue long"}]}, "id": 7}
    signal = read(message, summary="data.items.0.name", dedup_key="id")
    assert (signal.summary, signal.dedup_key) == ("Queue long", "7")
    with pytest.raises(ParseError, match="Say in a few words"):
        read(message, summary="data.items.4.name")


def test_a_message_ends_what_it_names():
    assert read({"dedup_key": "a", "status": "OK"}).action == "resolve"
    assert read({"dedup_key": "a", "status": "ack"}).action == "acknowledge"
    for message, field in (
        ({"status": "resolved"}, "dedup_key"),
        ({"summary": "x", "status": "odd"}, "status"),
        ({}, "summary"),
    ):
        with pytest.raises(ParseError) as caught:
            read(message)
        assert caught.value.field == field


def test_a_wrong_mapping_is_named():
    assert generic.find_mapping_errors({"summary": "data.title"}) == []
    assert generic.find_mapping_errors([]) == [
        "A mapping is an object of field and path."
    ]
    errors = generic.find_mapping_errors({"colour": "x", "summary": 7})
    assert errors[0].startswith("colour is no field")
    assert "summary" in errors[1]


ALARM = {
    "AlarmName": "cpu",
    "AlarmDescription": "CPU above 90 %",
    "AWSAccountId": "123",
    "NewStateValue": "ALARM",
    "NewStateReason": "crossed",
    "StateChangeTime": "2026-01-14T10:30:00.000+0000",
    "Region": "EU (Ireland)",
    "Trigger": {
        "MetricName": "CPUUtilization",
        "Threshold": 90.0,
        "Dimensions": [{"name": "InstanceId", "value": "i-1"}],
    },
}


def envelope(message, **changes):
    fields = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": "arn:aws:sns:eu-west-1:123:Critical",
        "Message": message,
        "Timestamp": "2026-01-14T10:30:00.000Z",
        "SignatureVersion": "2",
        "Signature": "x",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/a.pem",
    }
    return write(fields | changes)


def read_sns(message, **changes):
    return sns.read_message(sns.open_envelope(envelope(message, **changes)))


def test_an_alarm_of_cloudwatch_is_read():
    [signal] = read_sns(json.dumps(ALARM))
    assert (signal.dedup_key, signal.summary) == (
        *("123:EU (Ireland):cpu",),
        "CPU above 90 %",
    )
    assert (signal.severity, signal.metric) == ("Critical", "CPUUtilization")
    assert signal.labels["InstanceId"] == "i-1"
    assert signal.episode_at == NOW
    [over] = read_sns(json.dumps(ALARM | {"NewStateValue": "OK", "AlarmArn": "arn"}))
    assert (over.action, over.dedup_key) == ("resolve", "arn")
    assert read_sns(json.dumps(ALARM | {"NewStateValue": "INSUFFICIENT_DATA"})) == []


def test_any_other_text_of_a_topic_is_an_alert():
    [signal] = read_sns("Disk full", Subject="Ops")
    assert (signal.summary, signal.description) == ("Ops", "Disk full")
    assert read_sns("Disk full")[0].dedup_key == "sns:m-1"


def test_what_is_signed_is_named_in_order():
    opened = sns.open_envelope(envelope("hi", Subject="s"))
    assert opened.signed.decode().split("\n")[:6] == [
        *("Message", "hi", "MessageId", "m-1", "Subject", "s")
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.example.org/a.pem",
        "https://example.org/sns.eu-west-1.amazonaws.com",
        "https://sns.eu-west-1.amazonaws.com@example.org/",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://169.254.169.254/",
        "https://[",
    ],
)
def test_an_address_elsewhere_is_never_fetched(url):
    with pytest.raises(ParseError) as caught:
        sns.open_envelope(envelope("hi", SigningCertURL=url))
    assert caught.value.field == "SigningCertURL"


def test_a_confirmation_needs_an_address_of_sns():
    with pytest.raises(ParseError, match="SubscribeURL"):
        sns.open_envelope(envelope("hi", Type="SubscriptionConfirmation"))
    with pytest.raises(ParseError, match="no message of SNS"):
        sns.open_envelope(envelope("hi", Type="Other"))
