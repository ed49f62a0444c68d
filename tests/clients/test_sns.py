"""SNS as moto plays it, asked by boto3, delivers signed messages to the portal."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from incidents.models import Alert, IngestEvent
from incidents.services import sns_messages
from tests.clients.aws import REGION, playing
from tests.clients.portal import make_sender, statuses

pytestmark = [pytest.mark.clients, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sns(monkeypatch) -> Iterator[boto3.client]:
    """Return a client of an SNS on loopback, whose certificates are to be had."""
    keys = sns_backends[DEFAULT_ACCOUNT_ID][REGION]._message_public_keys

    def fetch(url: str) -> bytes:
        parts = urlsplit(url)
        assert parts.hostname == f"sns.{REGION}.amazonaws.com"
        return keys[parts.path.removeprefix("/")]

    monkeypatch.setattr(sns_messages, "_fetch_certificate", fetch)
    with playing("sns") as (_, client):
        yield client


def test_alarms_of_cloudwatch_open_and_end_an_alert(sns, live_server):
    key = make_sender("sns")
    topic = sns.create_topic(Name="Critical")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=f"{live_server.url}/ingest/sns/{key}",
    )
    alarm = {
        "AlarmName": "HighErrorRate",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:123:alarm:HighErrorRate",
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": "2026-01-14T10:30:00.000+0000",
        "Trigger": {"MetricName": "5XX", "Threshold": 10.0},
    }
    for state, status in (("ALARM", "firing"), ("OK", "resolved")):
        said = json.dumps(alarm | {"NewStateValue": state})
        sns.publish(TopicArn=topic, Message=said)
        assert statuses() == [status]
    assert Alert.objects.get().metric == "5XX"
    assert set(IngestEvent.objects.values_list("status", flat=True)) == {"accepted"}
