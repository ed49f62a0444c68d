"""PagerDuty's events, as its documents and its clients write them."""

import json

import pytest

from incidents.domain.payloads import pagerduty
from tests.conftest import NOW

KEY = "k" * 32


def event(**changes):
    payload = {
        "summary": "Disk full",
        "source": "db1",
        "severity": "critical",
        "timestamp": "2026-01-14T10:30:00.000+0000",
        "component": "postgres",
        "group": "prod",
        "class": "disk",
        "custom_details": {"free": 3},
    }
    fields = {"routing_key": KEY, "event_action": "trigger", "payload": payload}
    return json.dumps(fields | changes).encode()


def read(body):
    envelope = pagerduty.open_event(body)
    assert envelope.errors == ()
    return pagerduty.read_event(envelope.event, fresh_key="fresh")


def test_a_trigger_is_read_whole():
    signal = read(event(links=[{"href": "https://runbook.example.org"}]))
    assert (signal.action, signal.dedup_key, signal.summary) == (
        *("trigger", "fresh"),
        "Disk full",
    )
    assert signal.labels == {
        "free": "3",
        "source": "db1",
        "component": "postgres",
        "group": "prod",
        "class": "disk",
    }
    assert (signal.severity, signal.metric) == ("critical", "disk")
    assert signal.starts_at == NOW
    assert signal.source_url == "https://runbook.example.org"


def test_a_resolve_may_carry_a_payload_or_none():
    assert read(event(event_action="resolve", dedup_key="a")).action == "resolve"
    bare = event(event_action="acknowledge", dedup_key="a", payload=None)
    assert read(bare).dedup_key == "a"


def test_all_its_links_and_images_are_kept():
    links = [
        {"href": "https://example.org/a", "text": "A"},
        {"href": "https://example.org/b", "text": "B"},
        {"text": "nowhere"},
    ]
    images = [{"src": "https://example.org/c.png"}, 7]
    signal = read(event(links=links, images=images))
    assert signal.source_url == "https://example.org/a"
    assert signal.description == "B: https://example.org/b\nhttps://example.org/c.png"


def test_details_of_text_are_the_description():
    payload = {"summary": "x", "source": "y", "severity": "info"}
    said = event(payload=payload | {"custom_details": "Read this"})
    assert read(said).description == "Read this"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (
            {"routing_key": "short"},
            "Length of 'routing_key' is incorrect (should be 32 characters)",
        ),
        (
            {"event_action": "shout"},
            "'event_action' is invalid (must be trigger, acknowledge or resolve)",
        ),
        (
            {"dedup_key": "k" * 256},
            "'dedup_key' is too long (maximum is 255 characters)",
        ),
        ({"event_action": "resolve"}, "'dedup_key' is missing or blank"),
        ({"payload": "text"}, "'payload' is missing or blank"),
        (
            {"payload": {"source": 7, "severity": "info"}},
            "'payload.summary' is missing or blank",
        ),
        (
            {"payload": {"summary": "x", "source": "y", "severity": "awful"}},
            "'payload.severity' is invalid (must be one of the following: "
            "'critical', 'warning', 'error' or 'info')",
        ),
    ],
)
def test_what_is_wrong_is_said_in_pagerdutys_words(changes, error):
    assert pagerduty.open_event(event(**changes)).errors == (error,)


def test_the_key_may_be_a_header_of_older_clients():
    body = json.dumps({"event_action": "resolve", "dedup_key": "a"}).encode()
    assert pagerduty.open_event(body).errors == ("'routing_key' is missing or blank",)
    assert pagerduty.open_event(body, header_key=KEY).routing_key == KEY


def test_a_change_needs_a_summary():
    body = json.dumps({"routing_key": KEY, "payload": {}}).encode()
    envelope = pagerduty.open_event(body, is_change=True)
    assert envelope.errors == ("'payload.summary' is missing or blank",)
    body = json.dumps({"routing_key": KEY, "payload": {"summary": "v2"}}).encode()
    signal = pagerduty.read_change(pagerduty.open_event(body, is_change=True).event)
    assert (signal.action, signal.summary) == ("change", "v2")


def legacy(**changes):
    fields = {"service_key": KEY, "event_type": "trigger", "description": "Disk full"}
    return json.dumps(fields | changes).encode()


def test_the_older_event_is_read():
    envelope = pagerduty.open_legacy(
        legacy(details={"free": 3}, client_url="https://x")
    )
    signal = pagerduty.read_legacy(envelope.event, fresh_key="fresh")
    assert (signal.summary, signal.dedup_key) == ("Disk full", "fresh")
    assert (signal.labels, signal.source_url) == ({"free": "3"}, "https://x")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (
            {"service_key": "x"},
            "Length of 'service_key' is incorrect (should be 32 characters)",
        ),
        ({"event_type": 1}, "Event type must be trigger, acknowledge or resolve"),
        ({"description": " "}, "Description is missing or blank"),
        ({"event_type": "resolve"}, "Incident key is missing or blank"),
    ],
)
def test_what_is_wrong_with_an_older_event_is_said(changes, error):
    assert pagerduty.open_legacy(legacy(**changes)).errors == (error,)
