"""Whatever comes, a parser gives signals that can be stored, or names a field."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.payloads import (
    alertmanager,
    generic,
    grafana,
    mail,
    pagerduty,
    reading,
    sentry,
    sns,
)
from incidents.domain.payloads.signal import ParseError

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
# The words that make parsers look closer.
WORDS = st.sampled_from(
    [
        *("alerts", "status", "firing", "resolved", "labels", "annotations", "ruleId"),
        *("startsAt", "endsAt", "payload", "event_action", "trigger", "summary"),
        *("severity", "source", "critical", "data", "event", "issue", "issue_id", "id"),
        *("tags", "action", "metric_alert", "Message", "Type", "Notification", "state"),
        *("MessageId", "TopicArn", "Signature", "SignatureVersion", "SigningCertURL"),
        *(
            "https://sns.eu-west-1.amazonaws.com/x",
            "SubscribeURL",
            "title",
            "dedup_key",
        ),
        *("2026-01-14T10:00:00.123456789Z", "0001-01-01T00:00:00Z", "alerting", "ok"),
        *("9999-12-31T23:59:59-14:00", "service_key", "event_type", "description"),
        *("incident_key", "x" * 32, "routing_key", "evalMatches", "AlarmName"),
        *("NewStateValue", "ALARM", "Trigger", "Dimensions", "truncatedAlerts"),
    ]
)
TEXTS = WORDS | st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=6)
    ),
    max_leaves=12,
)


def write(value) -> bytes:
    return json.dumps(value).encode()


BODIES = st.binary(max_size=40) | VALUES.map(write)


def read_pagerduty(body):
    envelope = pagerduty.open_event(body)
    if envelope.errors:
        return []
    return [pagerduty.read_event(envelope.event, fresh_key="fresh")]


def read_change(body):
    envelope = pagerduty.open_event(body, header_key="k" * 32, is_change=True)
    return [] if envelope.errors else [pagerduty.read_change(envelope.event)]


def read_legacy(body):
    envelope = pagerduty.open_legacy(body)
    if envelope.errors:
        return []
    return [pagerduty.read_legacy(envelope.event, fresh_key="fresh")]


READERS = {
    "pagerduty": read_pagerduty,
    "change": read_change,
    "legacy": read_legacy,
    "alertmanager": alertmanager.read_webhook,
    "truncated": lambda body: [][: alertmanager.count_truncated(body)],
    "posted": lambda body: alertmanager.read_posted(body, NOW),
    "grafana": grafana.read_webhook,
    **{
        f"sentry {resource}": lambda body, resource=resource: sentry.read_webhook(
            body, resource=resource
        )
        for resource in ("event_alert", "metric_alert", "issue", "comment")
    },
    "generic": lambda body: [generic.read_webhook(body, {}, NOW)],
    "mapped": lambda body: [
        generic.read_webhook(body, {"summary": "data.0.title", "status": "x"}, NOW)
    ],
    "mail": lambda body: [mail.read_mail(body, {}, (), NOW).signal],
    "sns": lambda body: sns.read_message(sns.open_envelope(body)),
}


def read(sender, body):
    """Return the signals and the field that a parser names."""
    try:
        return READERS[sender](body), ""
    except ParseError as error:
        return [], error.field and error.message


@given(body=BODIES)
def test_no_body_raises_anything_but_a_field(body):
    for sender in READERS:
        for signal in read(sender, body)[0]:
            assert len(signal.dedup_key) <= 255
            assert len(signal.summary) <= 1024
            texts = [signal.summary, signal.description, signal.dedup_key]
            texts += [*signal.labels, *signal.labels.values(), signal.source_url]
            assert "\0" not in "".join(texts)
            assert "".join(texts).encode() is not None


POISON = {
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "many digits": b"1" * 10_000,
    "large number": b'{"labels": {"a": 1e400}}',
    "nul": b"\0",
    "nothing": b"",
    "half": b'{"alerts": [',
}


@pytest.mark.parametrize("sender", READERS)
@pytest.mark.parametrize("body", POISON.values(), ids=POISON.keys())
def test_poison_is_named(sender, body):
    signals, said = read(sender, body)
    assert signals == []
    # An object without what a sender says is no error for every sender.
    assert said or body == POISON["large number"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-14T10:30:00Z", NOW),
        ("2026-01-14 10:30:00", NOW),
        ("2026-01-14T10:30:00.000+0000", NOW),
        ("2026-01-14T11:30:00+01:00", NOW),
        ("2026-01-14T09:30:00-01:00", NOW),
        ("2026-01-14T10:30:00.123456789Z", NOW + timedelta(microseconds=123456)),
        (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00-05:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-13-14T10:30:00Z", None),
        ("2026-01-14T10:30:00+99:99", None),
        ("yesterday", None),
        (True, None),
        (1e300, None),
        (None, None),
    ],
)
def test_moments_are_read_as_senders_write_them(text, moment):
    assert reading.read_moment(text) == moment


def test_of_doubled_keys_the_last_counts():
    body = b'[{"labels": {"alertname": "A", "alertname": "B"}}]'
    assert alertmanager.read_posted(body, NOW)[0].metric == "B"


def test_odd_values_become_text():
    assert reading.read_text(10**10_000) == "a very large number"
    assert reading.read_text({"a": 10**10_000}) == "unreadable"
    assert reading.read_text({"a": [1, None]}) == '{"a": [1, null]}'
    assert reading.read_text(True) == "true"
    assert reading.read_text(False) == "false"
    assert reading.read_text("a\0b\ud800") == "a�b�"
    long = "k" * 300
    assert reading.read_key(long).startswith("sha256:")
    assert reading.read_key(long) != reading.read_key(long + "k")
    assert reading.read_labels({"": "x", "a": "", "b": 1}) == {"b": "1"}
