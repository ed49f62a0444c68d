import json

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.pagerduty import PagerDutyTransport, build_event
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply

KEY = "0123456789abcdef0123456789abcdef"
PAGE = Message(
    "Queue is full",
    "value 900",
    url="https://ops.example.org/alerts/12/",
    reference="alert 12",
    urgency="high",
)


@pytest.fixture
def pagerduty(site):
    return PagerDutyTransport(
        lambda: f"{site.url}/v2/enqueue", policy=lambda: POLICY, clock=lambda: NOW
    )


def test_a_page_triggers_with_our_key(site, pagerduty):
    site.routes["/v2/enqueue"] = Reply(202, b'{"status":"success"}')
    receipt = pagerduty.send(PAGE, KEY, key="alert:12:m1")
    sent = json.loads(site.seen[0].body)
    assert sent == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "alert:12:m1",
        "client": "opsportal",
        "client_url": PAGE.url,
        "links": [{"href": PAGE.url, "text": "Open in opsportal"}],
        "payload": {
            "summary": "Queue is full",
            "source": "opsportal",
            "severity": "critical",
            "custom_details": {"text": "value 900", "about": "alert 12"},
        },
    }
    assert receipt.provider_id == "alert:12:m1"


def test_a_repetition_has_the_same_dedup_key(site, pagerduty):
    site.routes["/v2/enqueue"] = [Reply(500), Reply(202)]
    with pytest.raises(TransportError):
        pagerduty.send(PAGE, KEY, key="k")
    pagerduty.send(PAGE, KEY, key="k")
    assert [json.loads(seen.body)["dedup_key"] for seen in site.seen] == ["k", "k"]


@pytest.mark.parametrize(
    ("status", "permanent"), [(400, True), (429, False), (500, False)]
)
def test_a_refusal_is_kept_apart_from_trouble(site, pagerduty, status, permanent):
    site.routes["/v2/enqueue"] = Reply(status)
    with pytest.raises(TransportError) as caught:
        pagerduty.send(PAGE, KEY, key="k")
    assert caught.value.permanent is permanent
    assert KEY not in caught.value.message


def test_a_reminder_is_information_and_long_texts_are_cut():
    event = build_event(Message("s" * 2_000, "t" * 20_000), KEY, key="k" * 300)
    assert event["payload"]["severity"] == "info"
    assert len(event["payload"]["summary"]) == 1_024
    assert len(event["payload"]["custom_details"]["text"]) == 10_000
    assert len(event["dedup_key"]) == 255
    assert "links" not in event


def test_the_operator_may_name_another_address(site, settings):
    site.routes["/v2/enqueue"] = Reply(202)
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    settings.PAGERDUTY_EVENTS_URL = f"{site.url}/v2/enqueue"
    assert PagerDutyTransport().send(PAGE, KEY, key="k").detail
